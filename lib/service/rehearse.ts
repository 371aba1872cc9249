import { SECOND_MS } from '../core/limits.ts';
import { isSettlement } from '../core/records.ts';
import type { Guest } from '../ports/executor.ts';
import type { Summary } from '../ports/instance-store.ts';
import type { ReplayReport } from '../ports/replay-report.ts';
import type { GuestMessage, GuestTermination, Rehearsed } from '../ports/turn-messages.ts';
import type { Dependencies } from './dependencies.ts';
import { placeWithText } from './source-text.ts';
import { loadValue } from './stored-values.ts';
import { TurnJournal } from './turn-journal.ts';
import { loadTurnSettings, type TurnSettings } from './turn-settings.ts';
import { TurnStreams } from './turn-streams.ts';

export type RehearsalNeeds = Pick<
  Dependencies,
  | 'clock'
  | 'timer'
  | 'randomness'
  | 'instances'
  | 'tenants'
  | 'bundles'
  | 'blobs'
  | 'vault'
  | 'policies'
  | 'bindings'
  | 'executor'
>;

/** Longer no caller of the HTTP API waits; a turn's own bound of CPU time holds beside it. */
const TIMEOUT_MS = 20 * SECOND_MS;
/** The executor may just have been replaced because of somebody else. */
const TRIES = 2;

type Ended = Rehearsed | (GuestTermination & { readonly kind: 'terminated' });

/**
 * Replays the journal of an instance with the code of a version, and stops where something new would happen: no callback
 * runs, nothing is appended, no call leaves and no lease is taken, so that a turn may be at work meanwhile.
 * @throws TenonError `tenant.not_found`
 */
export const rehearse = async (
  deps: RehearsalNeeds,
  { summary, version }: { readonly summary: Summary; readonly version: string },
): Promise<ReplayReport> => {
  const { tenant, workflow, incarnation } = summary;
  const journal = new TurnJournal(deps, { key: summary, incarnation });
  const [settings] = await Promise.all([loadTurnSettings(deps, { tenant, workflow, version }), journal.load()]);
  let ended = await enact(deps, { summary, settings, journal });
  for (let tries = 1; tries < TRIES && ended.kind === 'terminated' && !ended.isGuilty; tries++) {
    ended = await enact(deps, { summary, settings, journal });
  }
  const report = reportOf(ended, journal);
  const { place } = report;
  return place === undefined
    ? report
    : { ...report, place: await placeWithText(deps.blobs, { tenant, version, place }) };
};

const enact = async (
  deps: RehearsalNeeds,
  {
    summary,
    settings,
    journal,
  }: { readonly summary: Summary; readonly settings: TurnSettings; readonly journal: TurnJournal },
): Promise<Ended> => {
  const { params } = summary.envelope;
  const payload = params === null ? null : await loadValue(deps.blobs, params);
  const streams = new TurnStreams(deps, { key: summary, incarnation: summary.incarnation, state: journal.state });
  const ended = Promise.withResolvers<Ended>();
  const end = (termination: GuestTermination): void => ended.resolve({ kind: 'terminated', ...termination });
  const answer = async (message: GuestMessage): Promise<void> => {
    switch (message.kind) {
      case 'need_segment':
        return guest.send({ kind: 'segment', ...journal.nextSegment() });
      case 'need_value': {
        const value = await journal.valueAt(message.position);
        if (value === undefined) return end(VIOLATION);
        return guest.send({ kind: 'value', position: message.position, value });
      }
      case 'read_stream': {
        const part = await streams.read(message);
        return part === undefined ? end(VIOLATION) : guest.send(part);
      }
      case 'rehearsed':
        return ended.resolve(message);
      default:
        return end(VIOLATION);
    }
  };
  const guest: Guest = deps.executor.start(
    settings.guest,
    {
      kind: 'start_turn',
      isRehearsal: true,
      instanceId: summary.id,
      workflowName: summary.workflow,
      seed: summary.seed,
      tokenPrefix: '',
      payload,
      timestamp: summary.createdAt,
      env: settings.env,
      ...journal.firstSegment(),
      position: journal.position,
      isPaused: false,
      isStrict: false,
      isCautious: false,
      limits: settings.limits,
    },
    { onMessage: (message) => void answer(message).catch(ended.reject), onTerminated: end },
  );
  const cancel = deps.timer.after(TIMEOUT_MS, () => end(TOO_SLOW));
  try {
    return await ended.promise;
  } finally {
    cancel();
    guest.end();
  }
};

const VIOLATION: GuestTermination = {
  cause: 'protocol_violation',
  isGuilty: true,
  message: 'The guest sent what the platform does not accept',
};
const TOO_SLOW: GuestTermination = {
  cause: 'wall_limit',
  isGuilty: true,
  message: `The replay did not come to an end within ${TIMEOUT_MS} ms`,
};

const LOST_NAMES: Readonly<Partial<Record<GuestTermination['cause'], string>>> = {
  cpu_limit: 'CpuLimitExceededError',
  memory_limit: 'MemoryLimitExceededError',
};

const reportOf = (ended: Ended, journal: TurnJournal): ReplayReport => {
  const recorded = journal.records.filter((record) => isSettlement(record) && record.step.kind !== 'rollback').length;
  if (ended.kind === 'terminated') {
    const name = LOST_NAMES[ended.cause] ?? 'WorkflowInternalError';
    const error = { name, message: ended.message };
    return { outcome: 'failed', stop: 'lost', recorded, delivered: 0, divergences: [], error };
  }
  const { kind: _, divergences, ...seen } = ended;
  const all = [...divergences, ...divergencesAtEnd(ended, journal)];
  const outcome = all.length > 0 ? 'diverged' : isNewFailure(ended, journal) ? 'failed' : 'ok';
  return { ...seen, outcome, recorded, divergences: all };
};

/** The end of the journal against that of `run()`. What was terminated, or lost its turns, tells nothing of `run()`. */
const divergencesAtEnd = (
  { stop, next }: Rehearsed,
  { state: { final } }: TurnJournal,
): ReplayReport['divergences'] => {
  if (final?.kind === 'completed' && stop === 'caught_up') {
    return [{ step: 'run()', expected: 'run() ends', got: next ?? 'it waits for something else' }];
  }
  if (final?.kind === 'errored' && stop === 'returned') {
    const { name, message } = final.error;
    return [{ step: 'run()', expected: `run() throws ${name}: ${message}`.slice(0, 500), got: 'run() ends' }];
  }
  return [];
};

/** What `run()` threw is known from its last record, or from the one that began the way back. */
const isNewFailure = ({ stop, error }: Rehearsed, { state: { final, rollback } }: TurnJournal): boolean => {
  if (stop !== 'threw') return false;
  const end = rollback?.cause === 'errored' ? rollback : final;
  return !(
    end !== undefined &&
    'error' in end &&
    end.error.name === error?.name &&
    end.error.message === error.message
  );
};
