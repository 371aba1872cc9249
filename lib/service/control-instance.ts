import { journalBefore, projectionOf, statusOf, terminationOf } from '../core/decide.ts';
import { TenonError } from '../core/errors.ts';
import { DEFAULT_RETENTION_MS } from '../core/limits.ts';
import type { JournalRecord, Status, StepKind } from '../core/records.ts';
import { isFinal } from '../core/records.ts';
import { JournalState } from '../core/replay/journal-state.ts';
import type { InstanceKey, Summary } from '../ports/instance-store.ts';
import { currentStatus } from './current-status.ts';
import type { Dependencies } from './dependencies.ts';
import { dropStreams } from './drop-streams.ts';
import { inboxFull, instanceNotFound } from './refusals.ts';

export type ControlAction =
  | { readonly kind: 'pause' | 'resume' }
  | { readonly kind: 'terminate'; readonly rollback: boolean }
  | {
      readonly kind: 'restart';
      readonly from?: { readonly name: string; readonly count: number; readonly type: StepKind };
      readonly toActiveVersion?: boolean;
    };

type Needs = Pick<Dependencies, 'clock' | 'randomness' | 'instances' | 'bundles' | 'blobs' | 'wakes' | 'watch'>;

/** Somebody else may append between our reading and our writing; each try reads anew. */
const MAX_TRIES = 20;
/** In these a pause that was accepted is still to be taken. */
const UNDER_WAY: ReadonlySet<Status> = new Set(['queued', 'running', 'waiting', 'rollingBack']);
/** How long a pause is waited for before the answer is `waitingForPause`, ms. */
const PAUSE_WAIT_MS = 250;

/** @throws TenonError `instance.not_found`, `instance.cannot_terminate`, `instance.cannot_restart` */
export const controlInstance = async (
  deps: Needs,
  { key, action }: { readonly key: InstanceKey; readonly action: ControlAction },
): Promise<{ readonly status: Status }> => {
  switch (action.kind) {
    case 'pause':
    case 'resume':
      return pauseOrResume(deps, key, action.kind);
    case 'terminate':
      return terminate(deps, key, { isRollback: action.rollback });
    case 'restart':
      return restart(deps, key, action);
  }
};

const pauseOrResume = async (
  deps: Needs,
  key: InstanceKey,
  kind: 'pause' | 'resume',
): Promise<{ readonly status: Status }> => {
  const now = deps.clock.now();
  const accepted = await deps.instances.accept({ key, item: { kind, at: now }, now });
  if (accepted.kind === 'not_found') throw instanceNotFound();
  if (accepted.kind === 'full') throw inboxFull();
  if (accepted.kind === 'accepted') await deps.wakes.wake({ key, incarnation: accepted.incarnation });
  // It takes effect in the instance's own turn, which is a moment away where nothing holds it up.
  const until = now + PAUSE_WAIT_MS;
  for (;;) {
    const summary = await deps.instances.get(key);
    if (summary === undefined) throw instanceNotFound();
    const isTaken = summary.lease === undefined && (kind === 'pause') === (summary.status === 'paused');
    if (isTaken || isFinal(summary.status)) return { status: summary.status };
    const isTimeUp = deps.clock.now() >= until || deps.watch.isClosed === true;
    if (isTimeUp) return { status: await journalStatus(deps, summary, kind) };
    await deps.watch.changed(key, until);
  }
};

const journalStatus = async (deps: Needs, summary: Summary, kind: 'pause' | 'resume'): Promise<Status> => {
  const state = await foldJournal(deps, summary);
  const status = currentStatus(state, summary);
  // Accepted and on its way: the turn has it in its inbox.
  return kind === 'pause' && UNDER_WAY.has(status) ? 'waitingForPause' : status;
};

/** With `isRollback` steps are undone first, where there is something to undo; the instance's next turn does that. */
const terminate = async (
  deps: Needs,
  key: InstanceKey,
  { isRollback }: { readonly isRollback: boolean },
): Promise<{ readonly status: Status }> => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const summary = await deps.instances.get(key);
    if (summary === undefined) throw instanceNotFound();
    if (isFinal(summary.status)) throw cannotTerminate();
    const state = await foldJournal(deps, summary);
    if (state.final !== undefined) throw cannotTerminate();
    const position = state.position;
    const now = deps.clock.now();
    const record = terminationOf(state, { now, isRollback });
    if (record === undefined) return { status: currentStatus(state, summary) };
    state.apply(record);
    const settings = await deps.bundles.getWorkflowSettings(key.tenant, key.workflow);
    const retentionMs = summary.retentionMs ?? settings?.retention?.error ?? DEFAULT_RETENTION_MS;
    const result = await deps.instances.append({
      key,
      incarnation: summary.incarnation,
      position,
      records: [record],
      release: { unclosedClaims: 0, projection: projectionOf(state, { wakeAt: now, retentionMs }) },
    });
    if (result.kind === 'conflict') continue;
    await settleControl(deps, key, summary.incarnation);
    return { status: statusOf(state) };
  }
  throw new TenonError('internal', 'The instance is too busy to be terminated right now: try again.');
};

const cannotTerminate = (): TenonError =>
  new TenonError(
    'instance.cannot_terminate',
    '(instance.cannot_terminate) Cannot terminate instance since its on a finite state',
  );

const restart = async (
  deps: Needs,
  key: InstanceKey,
  { from, toActiveVersion }: Extract<ControlAction, { kind: 'restart' }>,
): Promise<{ readonly status: Status }> => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const summary = await deps.instances.get(key);
    if (summary === undefined) throw instanceNotFound();
    const ended = await deps.instances.readJournal({ key, incarnation: summary.incarnation });
    const records = from === undefined ? [] : journalUpTo(ended, from);
    const state = new JournalState();
    for (const record of records) state.apply(record);
    const incarnation = deps.randomness.id();
    const active = toActiveVersion === true ? await deps.bundles.getActiveVersion(key.tenant) : undefined;
    const isDone = await deps.instances.reincarnate({
      key,
      expected: summary.incarnation,
      incarnation,
      // What is kept must replay with the numbers that it was made with.
      seed: from === undefined ? incarnation : summary.seed,
      version: active?.version ?? summary.version,
      records,
      stepCount: state.doSteps,
      now: deps.clock.now(),
    });
    if (!isDone) continue;
    await settleControl(deps, key, incarnation);
    await dropStreams(deps, { key, incarnation: summary.incarnation, records: ended, kept: records });
    return { status: 'queued' };
  }
  throw new TenonError('internal', 'The instance is too busy to be restarted right now: try again.');
};

const journalUpTo = (
  records: readonly JournalRecord[],
  from: { readonly name: string; readonly count: number; readonly type: StepKind },
) => {
  const state = new JournalState();
  for (const record of records) state.apply(record);
  const step = state.stepOf({ kind: from.type, name: from.name, count: from.count });
  if (step === undefined) {
    const message = `(instance.cannot_restart) Step "${from.name}" not found in execution history`;
    throw new TenonError('instance.cannot_restart', message);
  }
  return journalBefore(records, step.ordinal);
};

const foldJournal = async (deps: Needs, summary: Summary): Promise<JournalState> => {
  const state = new JournalState();
  for (const record of await deps.instances.readJournal({ key: summary, incarnation: summary.incarnation }))
    state.apply(record);
  return state;
};

/** A turn in progress hears of it through its own message; whoever polls looks again. */
const settleControl = async (deps: Needs, key: InstanceKey, incarnation: string): Promise<void> => {
  deps.watch.announce(key);
  await deps.wakes.wake({ key, incarnation });
};
