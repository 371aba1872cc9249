import { INBOX_GAP_MS, STORAGE_TOLD_BYTES } from './limits.ts';
import type {
  ErrorData,
  FinalStatus,
  JournalRecord,
  Status,
  StepKey,
  StepOutcome,
  StoredValue,
  Termination,
  Verdict,
  WaitingFor,
} from './records.ts';
import { canRollBack, type JournalState } from './replay/journal-state.ts';
import { rolledBack, unavailable } from './replay/rollback.ts';
import { isLosable, type StepState } from './replay/step-state.ts';

/** E7: every status comes from here. The dispatcher asks, appends what it is told, and writes down the projection. */

/** `isHeld`: a turn is at work on it. `isInLine`: it could go on, and waits until fewer others are at work. */
export const statusOf = (
  state: JournalState,
  { isHeld = false, isInLine = false }: { readonly isHeld?: boolean; readonly isInLine?: boolean } = {},
): Status => {
  if (state.final !== undefined) return FINAL_STATUS[state.final.kind];
  if (state.isPaused) return 'paused';
  if (state.pauseRequestedAt !== undefined) return 'waitingForPause';
  if (state.rollback !== undefined) return 'rollingBack';
  if (isInLine) return 'queued';
  if (isHeld) return 'running';
  return state.startedAt === undefined ? 'queued' : 'waiting';
};

const FINAL_STATUS: Readonly<Record<'completed' | 'errored' | 'terminated', FinalStatus>> = {
  completed: 'complete',
  errored: 'errored',
  terminated: 'terminated',
};

/** What the journal says about an instance, written to the summary row. Times in epoch ms. */
export interface Projection {
  readonly status: Status;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly wakeAt?: number;
  readonly waitingFor: readonly WaitingFor[];
  readonly stepCount: number;
  /** Bytes of what the journal carries, where they are more than `STORAGE_TOLD_BYTES`. */
  readonly storedBytes?: number;
  readonly expiresAt?: number;
  readonly output?: StoredValue;
  readonly error?: ErrorData;
}

/** At most so many waits are named on the summary row: a picture of why it waits, not an index. */
const MAX_WAITING_FOR = 10;

/**
 * What the summary row says between turns. `wakeAt`: when it can go on by itself; `retentionMs`: once finished; `isInLine`:
 * as for `statusOf`.
 */
export const projectionOf = (
  state: JournalState,
  params: { readonly wakeAt?: number | undefined; readonly retentionMs: number; readonly isInLine?: boolean },
): Projection => {
  const { final, startedAt } = state;
  const status = statusOf(state, { isInLine: params.isInLine ?? false });
  return {
    status,
    stepCount: state.doSteps,
    ...(state.storedBytes > STORAGE_TOLD_BYTES ? { storedBytes: state.storedBytes } : {}),
    waitingFor: final === undefined && !state.isPaused && status !== 'queued' ? waitingForOf(state) : [],
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(params.wakeAt === undefined || final !== undefined || state.isPaused ? {} : { wakeAt: params.wakeAt }),
    ...(final === undefined ? {} : { endedAt: final.at, expiresAt: final.at + params.retentionMs }),
    ...(final?.kind === 'completed' ? { output: final.output } : {}),
    ...(final?.kind === 'errored' ? { error: final.error } : {}),
  };
};

export const waitingForOf = (state: JournalState): readonly WaitingFor[] => {
  const out: WaitingFor[] = [];
  for (const step of openSteps(state)) {
    if (out.length >= MAX_WAITING_FOR) break;
    const { until, key, eventType, phase, gate } = step;
    if (phase === 'sleeping') out.push({ kind: 'sleep', name: key.name, until });
    else if (phase === 'waiting') out.push({ kind: 'event', name: key.name, until, eventType });
    else if (phase === 'deferred') out.push({ kind: 'deferred', name: key.name, until });
    else if (gate !== undefined) out.push({ kind: 'approval', name: key.name, until, approval: gate.approval });
    else out.push({ kind: 'retry', name: key.name, until });
  }
  return out;
};

/** What may go on by itself: once it rolls back, nothing but the handlers. */
function* openSteps({ open, rollback }: JournalState): Iterable<StepState> {
  for (const step of open) if (rollback === undefined || step.key.kind === 'rollback') yield step;
}

/** The earliest moment at which an open step can go on; `undefined`: never by itself. */
export const nextDueAt = (state: JournalState): number | undefined => {
  let next: number | undefined;
  for (const { until } of openSteps(state)) if (next === undefined || until < next) next = until;
  return next;
};

/**
 * Whether the guest has anything to do, after a turn that ended blocked or was cut off: after an inbox item that no open
 * step waits for it has not. A journal that has grown since the last release tells nothing of the kind.
 */
export const needsGuest = (state: JournalState, now: number): boolean => {
  if (state.final !== undefined || state.isPaused) return false;
  if (state.rollback !== undefined) {
    const dueAt = nextDueAt(state);
    return dueAt === undefined || dueAt <= now || [...openSteps(state)].some(isAnswered);
  }
  if (state.open.size === 0 || state.isCutOff) return true;
  for (const step of state.open) {
    if (step.until <= now) return true;
    if (step.phase === 'waiting' && (state.buffered.get(step.eventType)?.length ?? 0) > 0) return true;
    if (isAnswered(step)) return true;
  }
  for (const step of state.steps.values()) if (step.phase === 'attempting') return true;
  return false;
};

/** What it waited for from outside has come. */
const isAnswered = ({ openAttempt, gate }: StepState): boolean =>
  openAttempt?.completion !== undefined || gate?.verdict !== undefined;

/** What comes in beside a running turn. */
export type InboxItem =
  | {
      readonly kind: 'event';
      readonly eventId: string;
      readonly eventType: string;
      readonly payload?: StoredValue;
      readonly at: number;
    }
  /** The outcome of a deferred attempt. `tokenHash`: of the token that it came by; `digest`: of the outcome. */
  | {
      readonly kind: 'completion';
      readonly step: StepKey;
      readonly tokenHash: string;
      readonly digest: string;
      readonly outcome: StepOutcome;
      readonly at: number;
    }
  /** What an operator says to an approval that was asked for. */
  | (Verdict & { readonly kind: 'verdict'; readonly approval: string; readonly at: number })
  | { readonly kind: 'pause'; readonly at: number }
  | { readonly kind: 'resume'; readonly at: number };

/**
 * Inbox items as records, in the order of their numbers. Stops in front of a gap: its item may still come; one that is
 * older than 10 s is closed. `gapSeenAt`: when the gap was first seen, by the caller's memory.
 */
export const takeInbox = (
  state: JournalState,
  items: readonly { readonly seq: number; readonly item: InboxItem }[],
  params: { readonly now: number; readonly gapSeenAt: number | undefined },
): { readonly records: readonly JournalRecord[]; readonly hasGap: boolean } => {
  const records: JournalRecord[] = [];
  const at = Math.max(state.lastAt, state.startedAt ?? 0);
  let isPausing = state.pauseRequestedAt !== undefined;
  const completed = new Set<string>();
  let next = state.takenSeq + 1;
  for (const { seq, item } of items) {
    if (seq < next) continue;
    while (next < seq) {
      if (params.gapSeenAt === undefined || params.now - params.gapSeenAt < INBOX_GAP_MS)
        return { records, hasGap: true };
      records.push({ kind: 'inbox_gap_closed', at, seq: next });
      next += 1;
    }
    next = seq + 1;
    switch (item.kind) {
      case 'event':
        records.push({
          kind: 'event_received',
          at,
          seq,
          eventId: item.eventId,
          eventType: item.eventType,
          acceptedAt: item.at,
          ...(item.payload === undefined ? {} : { payload: item.payload }),
        });
        break;
      case 'completion': {
        const record = completionRecord(state, item, { at, seq });
        // One a token: a second one, or one for an attempt that is over, comes to nothing.
        const isFirst = record !== undefined && !completed.has(item.tokenHash);
        records.push(isFirst ? record : { kind: 'inbox_gap_closed', at, seq });
        completed.add(item.tokenHash);
        break;
      }
      case 'verdict': {
        const record = verdictRecord(state, item, { at, seq });
        // The first one counts, where it is still waited for.
        const isFirst = record !== undefined && !completed.has(item.approval);
        records.push(isFirst ? record : { kind: 'inbox_gap_closed', at, seq });
        completed.add(item.approval);
        break;
      }
      case 'pause':
        records.push(
          isPausing
            ? { kind: 'inbox_gap_closed', at, seq }
            : { kind: 'pause_requested', at, seq, requestedAt: item.at },
        );
        isPausing = true;
        break;
      case 'resume':
        records.push(
          isPausing ? { kind: 'resumed', at, seq, resumedAt: item.at } : { kind: 'inbox_gap_closed', at, seq },
        );
        isPausing = false;
        break;
    }
  }
  return { records, hasGap: false };
};

/** `undefined`: there is no attempt any more that this completes, or it is completed. */
const completionRecord = (
  state: JournalState,
  item: Extract<InboxItem, { kind: 'completion' }>,
  place: { readonly at: number; readonly seq: number },
): JournalRecord | undefined => {
  const step = state.stepOf(item.step);
  const open = step?.openAttempt;
  if (step === undefined || open?.tokenHash !== item.tokenHash || open.completion !== undefined) return undefined;
  const { tokenHash, digest, outcome, at: acceptedAt } = item;
  const of = { step: step.key, ordinal: step.ordinal, attempt: open.number, tokenHash };
  return { kind: 'completion_received', ...of, ...place, acceptedAt, digest, outcome };
};

/** `undefined`: nothing waits for it any more, or it has been answered. */
const verdictRecord = (
  state: JournalState,
  { kind: _, approval, at: acceptedAt, ...verdict }: Extract<InboxItem, { kind: 'verdict' }>,
  place: { readonly at: number; readonly seq: number },
): JournalRecord | undefined => {
  for (const { key, ordinal, gate } of state.open) {
    if (gate?.approval !== approval || gate.verdict !== undefined) continue;
    return { kind: 'verdict_received', step: key, ordinal, approval, ...verdict, ...place, acceptedAt };
  }
  return undefined;
};

/**
 * Open attempts were lost with the turn that made them: a clean release leaves none but deferred ones, which need no turn.
 */
export const lossOf = (state: JournalState): JournalRecord | undefined => {
  for (const step of state.steps.values()) {
    if (isLosable(step)) return { kind: 'turn_failed', at: state.lastAt, cause: 'executor_lost', isCounted: true };
  }
  return undefined;
};

const UNCLEAN: Readonly<Record<Termination, readonly [name: string, what: string]>> = {
  cpu_limit: ['CpuLimitExceededError', 'used more CPU time than the limit'],
  memory_limit: ['MemoryLimitExceededError', 'used more memory than the limit'],
  wall_limit: ['WorkflowInternalError', 'did not answer in time'],
  executor_lost: ['WorkflowInternalError', 'lost their executor'],
  protocol_violation: ['WorkflowInternalError', 'sent what the platform does not accept'],
  bundle_failed: ['WorkflowInternalError', 'could not load the bundle'],
};

/** What becomes of an instance whose turns fail in a row. `detail`: what the last of them ended by. */
export const uncleanEnd = (state: JournalState, now: number, detail?: string): JournalRecord => {
  const [name, what] = UNCLEAN[state.lastFailure?.cause ?? 'executor_lost'];
  const message = `Three turns in a row ${what}${detail === undefined ? '' : `. ${detail}`}`;
  return failureOf(state, now, { name, message });
};

/** How an instance fails: by rolling back where there is something to undo, and for good where that fails itself. */
export const failureOf = (state: JournalState, now: number, error: ErrorData): JournalRecord => {
  const at = Math.max(now, state.lastAt);
  const { rollback } = state;
  if (rollback !== undefined) return rolledBack(rollback, at, unavailable(error));
  return canRollBack(state)
    ? { kind: 'rollback_started', at, cause: 'errored', error }
    : { kind: 'errored', at, error };
};

/** What a call for the end writes. `undefined`: it rolls back already, and goes on with it. */
export const terminationOf = (
  state: JournalState,
  { now, isRollback }: { readonly now: number; readonly isRollback: boolean },
): JournalRecord | undefined => {
  const at = Math.max(now, state.lastAt);
  if (state.rollback === undefined) {
    if (isRollback && canRollBack(state)) return { kind: 'rollback_started', at, cause: 'terminated' };
    return { kind: 'terminated', at };
  }
  if (isRollback) return undefined;
  const message = 'The instance was terminated while it rolled back';
  return {
    kind: 'terminated',
    at,
    rollback: { outcome: 'failed', error: { name: 'WorkflowTerminatedError', message } },
  };
};

/**
 * The journal of a restart from a step: everything that was recorded before that step started, and nothing that started
 * after it. Buffered events are cleared, those that kept waits consumed stay, and so does what came for kept attempts: a
 * deferred one stays open, under its token. `undefined`: no such step.
 */
export const journalBefore = (records: readonly JournalRecord[], ordinal: number): readonly JournalRecord[] => {
  // The new life numbers its inbox from 1 again: what it inherits stands below.
  const inherited = new Map<number, number>();
  for (const record of records) {
    const isTaken =
      record.kind === 'event_consumed' || record.kind === 'completion_received' || record.kind === 'verdict_received';
    if (isTaken && record.ordinal < ordinal) inherited.set(record.seq, -1 - inherited.size);
  }
  const kept: JournalRecord[] = [];
  for (const record of records) {
    switch (record.kind) {
      case 'started':
        kept.push(record);
        break;
      case 'attempt_started':
      case 'attempt_failed':
      case 'step_settled':
      case 'approval_asked':
      case 'step_refused':
        // A handler has the ordinal of its step.
        if (record.ordinal < ordinal && record.step.kind !== 'rollback') kept.push(record);
        break;
      case 'token_made':
      case 'attempt_deferred':
      case 'sleep_started':
      case 'sleep_completed':
      case 'wait_started':
      case 'wait_timed_out':
        if (record.ordinal < ordinal) kept.push(record);
        break;
      case 'completion_received':
      case 'completion_consumed':
      case 'verdict_received':
      case 'event_consumed':
      case 'event_received': {
        const seq = inherited.get(record.seq);
        if (seq !== undefined) kept.push({ ...record, seq });
        break;
      }
      default:
        break;
    }
  }
  return kept;
};
