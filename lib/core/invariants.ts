import type { JournalRecord, RecordOf } from './records.ts';
import { isSettlement, stepKeyText } from './records.ts';

/**
 * The engine's invariants, as text and as predicates over a journal (and over what the simulation saw outside of it).
 *
 *  E1 A durably settled step's callback never runs again, and its recorded outcome never changes.
 *  E2 No effect leaves before every record that it depends on is durable.
 *  E3 Two turns of one incarnation never both append at one position; the loser stops without effect; a turn of an old
 *     incarnation appends nothing.
 *  E4 Replaying a journal gives the same calls in the same order, or a divergence is reported.
 *  E5 An accepted event is consumed by exactly one wait or is still buffered; a completion settles at most the one
 *     attempt whose token it came by.
 *  E6 An unfinished instance that has something to do by itself always has a `wakeAt` or a lease that the sweeper sees.
 *  E7 A status changes only in `decide`; finished is final but for `restart` and `delete`.
 *  E8 A turn reads and writes rows of its own tenant only.
 *  E9 An instance runs the version it was created with, until moved on purpose.
 */
export type Invariant = 'E1' | 'E2' | 'E3' | 'E4' | 'E5' | 'E6' | 'E7' | 'E8' | 'E9';

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

type Check = (records: readonly JournalRecord[]) => Iterable<Violation>;

/** E1: one settlement a step, nothing of a step after it. */
function* settledOnce(records: readonly JournalRecord[]): Iterable<Violation> {
  const settled = new Set<string>();
  for (const record of records) {
    if (!('step' in record)) continue;
    const key = stepKeyText(record.step);
    if (settled.has(key)) yield { invariant: 'E1', what: `${record.kind} of ${key} after its settlement` };
    if (isSettlement(record)) settled.add(key);
  }
}

/** E1: attempts are numbered without gaps, and a step's ordinal never changes. */
function* attemptsInOrder(records: readonly JournalRecord[]): Iterable<Violation> {
  const attempts = new Map<string, number>();
  const ordinals = new Map<string, number>();
  for (const record of records) {
    if (!('step' in record)) continue;
    const key = stepKeyText(record.step);
    const ordinal = ordinals.get(key);
    if (ordinal !== undefined && ordinal !== record.ordinal) yield { invariant: 'E4', what: `${key} has two ordinals` };
    ordinals.set(key, record.ordinal);
    if (!('attempt' in record)) continue;
    const last = attempts.get(key) ?? 0;
    if (record.attempt !== last && record.attempt !== last + 1) {
      yield { invariant: 'E1', what: `attempt ${record.attempt} of ${key} after attempt ${last}` };
    }
    attempts.set(key, record.attempt);
  }
}

/** E3: time never goes back, which two writers at one position would make it do sooner or later. */
function* timeInOrder(records: readonly JournalRecord[]): Iterable<Violation> {
  let last = 0;
  for (const record of records) {
    if (record.at < last) yield { invariant: 'E3', what: `${record.kind} at ${record.at} after ${last}` };
    last = Math.max(last, record.at);
  }
}

/** E5: consumed at most once, first in first out within a type, and only after it was received. */
function* eventsOnce(records: readonly JournalRecord[]): Iterable<Violation> {
  const buffered: RecordOf<'event_received'>[] = [];
  const seen = new Set<number>();
  for (const record of records) {
    if (record.kind === 'event_received') {
      if (seen.has(record.seq)) yield { invariant: 'E5', what: `event ${record.seq} received twice` };
      seen.add(record.seq);
      buffered.push(record);
    } else if (record.kind === 'event_consumed') {
      const index = buffered.findIndex(({ seq }) => seq === record.seq);
      const [event] = index < 0 ? [] : buffered.splice(index, 1);
      if (event === undefined) yield { invariant: 'E5', what: `event ${record.seq} consumed but not buffered` };
      else if (buffered.slice(0, index).some(({ eventType }) => eventType === event.eventType)) {
        yield { invariant: 'E5', what: `event ${record.seq} consumed before an older one of its type` };
      }
    }
  }
}

/** E5: at most one completion by a token that the step has made; consumed by the same attempt, where it is a result. */
function* completionsOnce(records: readonly JournalRecord[]): Iterable<Violation> {
  const tokens = new Map<string, string>();
  const results = new Map<number, string>();
  for (const record of records) {
    if (!('attempt' in record)) continue;
    const attempt = `attempt ${record.attempt} of ${stepKeyText(record.step)}`;
    if (record.kind === 'token_made') tokens.set(record.hash, attempt);
    else if (record.kind === 'completion_received') {
      if (tokens.get(record.tokenHash) !== attempt) {
        yield { invariant: 'E5', what: `${attempt} completed without a token of its own` };
      }
      tokens.delete(record.tokenHash);
      if (record.outcome.ok) results.set(record.seq, attempt);
    } else if (record.kind === 'completion_consumed' && results.get(record.seq) !== attempt) {
      yield { invariant: 'E5', what: `${attempt} settled by completion ${record.seq}, which is not its result` };
    }
  }
}

/** E2: what a policy holds back does not move before it is approved; each approval is answered once. */
function* heldUntilApproved(records: readonly JournalRecord[]): Iterable<Violation> {
  const asked = new Map<string, string>();
  for (const record of records) {
    if (!('step' in record)) continue;
    const key = stepKeyText(record.step);
    if (record.kind === 'verdict_received') {
      if (asked.get(key) !== record.approval) {
        yield { invariant: 'E5', what: `a verdict on ${record.approval}, for which ${key} does not wait` };
      }
      asked.set(key, record.approved ? '' : 'refused');
      continue;
    }
    const waits = asked.get(key) ?? '';
    if (record.kind === 'approval_asked') asked.set(key, record.approval);
    else if (record.kind === 'step_refused') asked.delete(key);
    if (waits !== '' && record.kind !== 'step_refused') {
      yield { invariant: 'E2', what: `${record.kind} of ${key} before it was approved` };
    }
  }
}

/** E1: on the way back steps stand still, and handlers go from the last step back. */
function* undoneInOrder(records: readonly JournalRecord[]): Iterable<Violation> {
  let last = Number.POSITIVE_INFINITY;
  let isBack = false;
  for (const record of records) {
    if (record.kind === 'rollback_started') isBack = true;
    if (!('step' in record) || !('attempt' in record)) continue;
    const key = stepKeyText(record.step);
    if (record.step.kind !== 'rollback') {
      if (isBack && record.kind !== 'completion_received') {
        yield { invariant: 'E1', what: `${record.kind} of ${key} after it began to roll back` };
      }
      continue;
    }
    if (!isBack) yield { invariant: 'E1', what: `${record.kind} of ${key} before it rolled back` };
    if (record.ordinal > last) yield { invariant: 'E1', what: `${key} undone after one that started before it` };
    last = record.ordinal;
  }
}

/** E7: nothing follows the end. */
function* finishedIsFinal(records: readonly JournalRecord[]): Iterable<Violation> {
  const end = records.findIndex(({ kind }) => kind === 'completed' || kind === 'errored' || kind === 'terminated');
  const after = end < 0 ? undefined : records[end + 1];
  if (after !== undefined) yield { invariant: 'E7', what: `${after.kind} after ${records[end]?.kind}` };
}

const CHECKS: readonly Check[] = [
  settledOnce,
  attemptsInOrder,
  timeInOrder,
  eventsOnce,
  completionsOnce,
  heldUntilApproved,
  undoneInOrder,
  finishedIsFinal,
];

/** Everything that is wrong with a journal; empty for a sound one. */
export const violationsOf = (records: readonly JournalRecord[]): readonly Violation[] =>
  CHECKS.flatMap((check) => [...check(records)]);

/** E1, E3: of two readings of one incarnation's journal, the later one only adds. */
export const onlyGrew = (before: readonly JournalRecord[], after: readonly JournalRecord[]): readonly Violation[] => {
  const differs = before.findIndex((record, index) => JSON.stringify(record) !== JSON.stringify(after[index]));
  return differs < 0 ? [] : [{ invariant: 'E3', what: `record ${differs} changed after it was durable` }];
};

/** E6: what the sweeper must be able to see. */
export const isSeenBySweeper = (summary: {
  readonly status: string;
  readonly wakeAt?: number;
  readonly lease?: unknown;
}): readonly Violation[] => {
  const isFinished = ['complete', 'errored', 'terminated', 'paused'].includes(summary.status);
  if (isFinished || summary.wakeAt !== undefined || summary.lease !== undefined) return [];
  return [{ invariant: 'E6', what: `status ${summary.status} without wakeAt and without lease` }];
};
