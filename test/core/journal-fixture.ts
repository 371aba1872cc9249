import type {
  ErrorData,
  JournalRecord,
  RecordOf,
  StepConfig,
  StepKey,
  StoredValue,
  Termination,
} from '../../lib/core/records.ts';
import { JournalState } from '../../lib/core/replay/journal-state.ts';

/** Records as short calls, so that a journal reads as a story. Times are small numbers. */
export const key = (kind: StepKey['kind'], name: string, count = 1): StepKey => ({ kind, name, count });

export const boom: ErrorData = { name: 'Error', message: 'boom' };

interface Place {
  readonly ordinal?: number;
  readonly count?: number;
}

const place = (kind: StepKey['kind'], name: string, { ordinal = 1, count = 1 }: Place) => ({
  step: key(kind, name, count),
  ordinal,
});

export const started = (at = 0): JournalRecord => ({ kind: 'started', at });

export const attemptStarted = (
  name: string,
  at: number,
  more: Place & { attempt?: number; config?: StepConfig } = {},
): RecordOf<'attempt_started'> => ({
  kind: 'attempt_started',
  ...place('do', name, more),
  attempt: more.attempt ?? 1,
  at,
  ...(more.config === undefined ? {} : { config: more.config }),
});

export const attemptFailed = (
  name: string,
  at: number,
  more: Place & { attempt?: number; retryAt?: number; startedAt?: number; config?: StepConfig } = {},
): RecordOf<'attempt_failed'> => ({
  kind: 'attempt_failed',
  ...place('do', name, more),
  attempt: more.attempt ?? 1,
  startedAt: more.startedAt ?? at,
  error: boom,
  retryAt: more.retryAt ?? at + 1_000,
  at,
  ...(more.config === undefined ? {} : { config: more.config }),
});

export const stepSettled = (
  name: string,
  at: number,
  more: Place & {
    attempt?: number;
    startedAt?: number;
    value?: StoredValue;
    error?: ErrorData;
    config?: StepConfig;
  } = {},
): RecordOf<'step_settled'> => ({
  kind: 'step_settled',
  ...place('do', name, more),
  attempt: more.attempt ?? 1,
  startedAt: more.startedAt ?? at,
  outcome: more.error === undefined ? { ok: true, value: more.value ?? '[1]' } : { ok: false, error: more.error },
  at,
  ...(more.config === undefined ? {} : { config: more.config }),
});

/** SHA-256 of a token, as far as the engine looks at it. */
export const tokenHash = (letter: string): string => letter.repeat(64);

export const tokenMade = (
  name: string,
  at: number,
  more: Place & { attempt?: number; hash?: string } = {},
): RecordOf<'token_made'> => ({
  kind: 'token_made',
  ...place('do', name, more),
  attempt: more.attempt ?? 1,
  hash: more.hash ?? tokenHash('a'),
  at,
});

export const attemptDeferred = (
  name: string,
  at: number,
  more: Place & { attempt?: number; until?: number; timeoutMs?: number } = {},
): RecordOf<'attempt_deferred'> => ({
  kind: 'attempt_deferred',
  ...place('do', name, more),
  attempt: more.attempt ?? 1,
  until: more.until ?? at + 100,
  at,
  ...(more.timeoutMs === undefined ? {} : { timeoutMs: more.timeoutMs }),
});

export const completionReceived = (
  seq: number,
  name: string,
  at: number,
  more: Place & {
    attempt?: number;
    tokenHash?: string;
    acceptedAt?: number;
    value?: StoredValue;
    error?: ErrorData;
  } = {},
): RecordOf<'completion_received'> => ({
  kind: 'completion_received',
  ...place('do', name, more),
  attempt: more.attempt ?? 1,
  tokenHash: more.tokenHash ?? tokenHash('a'),
  at,
  seq,
  acceptedAt: more.acceptedAt ?? at,
  digest: `digest-${seq}`,
  outcome: more.error === undefined ? { ok: true, value: more.value ?? '[1]' } : { ok: false, error: more.error },
});

export const completionConsumed = (
  name: string,
  at: number,
  more: Place & { attempt?: number; seq?: number } = {},
): RecordOf<'completion_consumed'> => ({
  kind: 'completion_consumed',
  ...place('do', name, more),
  attempt: more.attempt ?? 1,
  seq: more.seq ?? 1,
  at,
});

export const sleepStarted = (
  name: string,
  at: number,
  more: Place & { until?: number } = {},
): RecordOf<'sleep_started'> => ({
  kind: 'sleep_started',
  ...place('sleep', name, more),
  until: more.until ?? at + 100,
  at,
});

export const sleepCompleted = (name: string, at: number, more: Place = {}): RecordOf<'sleep_completed'> => ({
  kind: 'sleep_completed',
  ...place('sleep', name, more),
  at,
});

export const waitStarted = (
  name: string,
  at: number,
  more: Place & { eventType?: string; timeoutMs?: number } = {},
): RecordOf<'wait_started'> => ({
  kind: 'wait_started',
  ...place('waitForEvent', name, more),
  eventType: more.eventType ?? 'go',
  timeoutMs: more.timeoutMs ?? 1_000,
  until: at + (more.timeoutMs ?? 1_000),
  at,
});

export const eventConsumed = (
  name: string,
  at: number,
  more: Place & { seq?: number } = {},
): RecordOf<'event_consumed'> => ({
  kind: 'event_consumed',
  ...place('waitForEvent', name, more),
  seq: more.seq ?? 1,
  at,
});

export const waitTimedOut = (name: string, at: number, more: Place = {}): RecordOf<'wait_timed_out'> => ({
  kind: 'wait_timed_out',
  ...place('waitForEvent', name, more),
  at,
});

export const eventReceived = (
  seq: number,
  at: number,
  more: { eventType?: string; acceptedAt?: number; payload?: StoredValue } = {},
): RecordOf<'event_received'> => ({
  kind: 'event_received',
  at,
  seq,
  eventId: `event-${seq}`,
  eventType: more.eventType ?? 'go',
  acceptedAt: more.acceptedAt ?? at,
  ...(more.payload === undefined ? {} : { payload: more.payload }),
});

export const turnFailed = (
  at: number,
  isCounted = true,
  cause: Termination = 'cpu_limit',
): RecordOf<'turn_failed'> => ({
  kind: 'turn_failed',
  at,
  cause,
  isCounted,
});

export const pauseRequested = (seq: number, at: number, requestedAt = at): JournalRecord => ({
  kind: 'pause_requested',
  at,
  seq,
  requestedAt,
});

export const resumed = (seq: number, at: number, resumedAt = at): JournalRecord => ({
  kind: 'resumed',
  at,
  seq,
  resumedAt,
});

export const completed = (at: number): RecordOf<'completed'> => ({ kind: 'completed', at, output: '[1]' });

export const fold = (records: readonly JournalRecord[]): JournalState => {
  const state = new JournalState();
  for (const record of records) state.apply(record);
  return state;
};

/** One of nearly everything that a journal can hold, and sound: each record follows from those before it. */
export const richJournal: readonly JournalRecord[] = [
  started(1),
  stepSettled('open', 2, {
    ordinal: 1,
    config: { retries: { limit: 2, delayMs: 5, backoff: 'linear' }, timeoutMs: 9 },
  }),
  attemptStarted('charge', 3, { ordinal: 2 }),
  attemptFailed('charge', 4, { ordinal: 2, startedAt: 3, retryAt: 10 }),
  sleepStarted('nap', 4, { ordinal: 3, until: 30 }),
  waitStarted('approval', 5, { ordinal: 4, timeoutMs: 90 }),
  eventReceived(1, 6, { payload: '[{"a":1},2]' }),
  eventReceived(2, 6),
  { kind: 'inbox_gap_closed', at: 6, seq: 3 },
  eventConsumed('approval', 7, { ordinal: 4, seq: 1 }),
  attemptStarted('charge', 10, { ordinal: 2, attempt: 2 }),
  turnFailed(11),
  attemptFailed('charge', 12, { ordinal: 2, attempt: 2, startedAt: 10, retryAt: 20 }),
  { kind: 'unrecorded_effect', at: 13, what: 'fetch' },
  { kind: 'diverged', at: 13, expected: 'step.do("a")', got: 'step.do("b")' },
  pauseRequested(4, 14),
  { kind: 'paused', at: 14 },
  resumed(5, 15, 16),
  stepSettled('charge', 22, { ordinal: 2, attempt: 3, startedAt: 22, error: boom }),
  waitStarted('second', 23, { ordinal: 5, timeoutMs: 2, eventType: 'never' }),
  waitTimedOut('second', 25, { ordinal: 5 }),
  sleepCompleted('nap', 32, { ordinal: 3 }),
  waitStarted('third', 33, { ordinal: 6 }),
  eventConsumed('third', 33, { ordinal: 6, seq: 2 }),
  attemptStarted('slow', 34, { ordinal: 7 }),
  stepSettled('slow', 40, { ordinal: 7, startedAt: 34 }),
  attemptStarted('errand', 40, { ordinal: 8 }),
  tokenMade('errand', 40, { ordinal: 8 }),
  attemptDeferred('errand', 41, { ordinal: 8, until: 90 }),
  completionReceived(6, 'errand', 41, { ordinal: 8, value: '[{"n":1},2]' }),
  completionConsumed('errand', 41, { ordinal: 8, seq: 6 }),
  completed(41),
];
