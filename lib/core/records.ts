/**
 * The journal: an instance is an append-only list of these records, and nothing else.
 *
 * Times (`at`, `until`, `startedAt`, ...) are epoch milliseconds; `at` never goes back within a journal.
 * Values are in encoded form (the guest's text encoding of structured-clone types), opaque to the engine.
 */

/**
 * A tenant's value in encoded form, inline, or by reference where it is too large for a row (`bytes` of the text); or a
 * step's stream.
 */
export type StoredValue = string | { readonly ref: string; readonly bytes: number } | StoredStream;

/** A stream that a step has given: its place among the streams of its instance, and how many bytes it has. */
export interface StoredStream {
  readonly stream: string;
  readonly bytes: number;
}

/** `rollback`: the undoing of the `do` of the same name and count, by the handler that it came with. */
export type StepKind = 'do' | 'sleep' | 'waitForEvent' | 'rollback';

/** A step's identity: nothing else counts, neither its arguments nor its place in the code. `count` starts at 1. */
export interface StepKey {
  readonly kind: StepKind;
  readonly name: string;
  readonly count: number;
}

export const stepKeyText = (key: StepKey): string => `${key.kind}:${key.count}:${key.name}`;

export type Backoff = 'exponential' | 'linear' | 'constant';

/** A step's config with its defaults filled in; the first one seen is pinned. */
export interface StepConfig extends AttemptConfig {
  readonly sensitive?: 'output';
  /** The step has a rollback handler, and this is how it is tried. */
  readonly rollback?: AttemptConfig;
}

export interface AttemptConfig {
  /** `delayMs: null`: a dynamic delay function decides. */
  readonly retries: { readonly limit: number; readonly delayMs: number | null; readonly backoff: Backoff };
  readonly timeoutMs: number;
}

/** An error as it is recorded and shown; `encoded` keeps class and fields for the tenant's code. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly encoded?: StoredValue;
}

export type StepOutcome =
  | { readonly ok: true; readonly value: StoredValue }
  | { readonly ok: false; readonly error: ErrorData };

/** How the undoing of an instance's steps went; `failed`: the first handler that did stopped the rest. */
export type RollbackOutcome =
  | { readonly outcome: 'complete' }
  | { readonly outcome: 'failed'; readonly error: ErrorData };

interface OfStep {
  readonly step: StepKey;
  /** The how-manieth step call of `run()` this was, from 1: the order in which steps started. */
  readonly ordinal: number;
  readonly at: number;
}

interface OfAttempt extends OfStep {
  /** From 1. */
  readonly attempt: number;
  /** Present with the first record of a step, pinned from then on. */
  readonly config?: StepConfig;
}

/** A method of a binding, as tenant code calls it. */
export interface BindingCall {
  readonly binding: string;
  readonly method: string;
}

/** Why a turn ended without an answer from the guest. */
export type Termination =
  | 'cpu_limit'
  | 'memory_limit'
  | 'wall_limit'
  | 'executor_lost'
  | 'protocol_violation'
  | 'bundle_failed';

export type JournalRecord =
  | { readonly kind: 'started'; readonly at: number }
  | (OfAttempt & { readonly kind: 'attempt_started' })
  | (OfAttempt & {
      readonly kind: 'attempt_failed';
      readonly startedAt: number;
      readonly error: ErrorData;
      readonly retryAt: number;
    })
  | (OfAttempt & { readonly kind: 'step_settled'; readonly startedAt: number; readonly outcome: StepOutcome })
  /** The attempt has made a token by which its outcome may come from outside. `hash`: SHA-256 of the token, hex. */
  | (OfStep & { readonly kind: 'token_made'; readonly attempt: number; readonly hash: string })
  /**
   * Its callback has returned: the attempt stays open until a completion comes, at the latest until then. `timeoutMs`: what
   * the deferred result has for itself, from when it was made; absent: the step's timeout, from the attempt's start.
   */
  | (OfStep & {
      readonly kind: 'attempt_deferred';
      readonly attempt: number;
      readonly until: number;
      readonly timeoutMs?: number;
    })
  | (OfStep & {
      readonly kind: 'completion_received';
      readonly attempt: number;
      readonly tokenHash: string;
      readonly seq: number;
      readonly acceptedAt: number;
      /** SHA-256 of the outcome, hex: tells whether another completion is the same one. */
      readonly digest: string;
      readonly outcome: StepOutcome;
    })
  /** The step has the result of that completion. One that is an error ends the attempt as any failure does. */
  | (OfStep & { readonly kind: 'completion_consumed'; readonly attempt: number; readonly seq: number })
  | (OfStep & { readonly kind: 'sleep_started'; readonly until: number })
  | (OfStep & { readonly kind: 'sleep_completed' })
  | (OfStep & {
      readonly kind: 'wait_started';
      readonly eventType: string;
      readonly until: number;
      readonly timeoutMs: number;
    })
  | (OfStep & { readonly kind: 'event_consumed'; readonly seq: number })
  | (OfStep & { readonly kind: 'wait_timed_out' })
  /**
   * A policy holds here until an operator has approved, at the latest until then. `call`: what an attempt was about to call;
   * it is given up, does not count, and its callback runs anew after that. Absent: the step has not begun.
   */
  | (OfStep & {
      readonly kind: 'approval_asked';
      /** Names it within the instance; no later life has the same. */
      readonly approval: string;
      readonly policy: string;
      readonly call?: BindingCall & { readonly attempt: number };
      readonly config?: StepConfig;
      readonly until: number;
    })
  | (OfStep &
      Verdict & {
        readonly kind: 'verdict_received';
        readonly approval: string;
        readonly seq: number;
        readonly acceptedAt: number;
      })
  /** The step's outcome, by a policy that refuses, by a verdict, or since none came in time. */
  | (OfStep & {
      readonly kind: 'step_refused';
      readonly policy: string;
      readonly config?: StepConfig;
      readonly error: ErrorData;
    })
  | {
      readonly kind: 'event_received';
      readonly at: number;
      readonly seq: number;
      readonly eventId: string;
      readonly eventType: string;
      readonly acceptedAt: number;
      readonly payload?: StoredValue;
    }
  | { readonly kind: 'inbox_gap_closed'; readonly at: number; readonly seq: number }
  /** `at` never runs ahead of a turn in progress, so the true moment stands beside it. */
  | { readonly kind: 'pause_requested'; readonly at: number; readonly seq: number; readonly requestedAt: number }
  | { readonly kind: 'paused'; readonly at: number }
  | { readonly kind: 'resumed'; readonly at: number; readonly seq: number; readonly resumedAt: number }
  | { readonly kind: 'diverged'; readonly at: number; readonly expected: string; readonly got: string }
  | { readonly kind: 'unrecorded_effect'; readonly at: number; readonly what: string }
  /** `isCounted`: attempts that were open count as tries; not so where a neighbour took the executor down. */
  | { readonly kind: 'turn_failed'; readonly at: number; readonly cause: Termination; readonly isCounted: boolean }
  /** What tenant code has said since the record before it; no effect, and nothing depends on it. */
  | { readonly kind: 'logged'; readonly at: number; readonly lines: readonly LogLine[] }
  /** From here on another version of the code goes on. */
  | { readonly kind: 'moved'; readonly at: number; readonly from: string; readonly to: string }
  /** From here on the only way is back: what started and has a handler is undone, then the instance ends so. */
  | ({ readonly kind: 'rollback_started'; readonly at: number } & RollbackCause)
  | { readonly kind: 'completed'; readonly at: number; readonly output: StoredValue }
  | {
      readonly kind: 'errored';
      readonly at: number;
      readonly error: ErrorData;
      readonly rollback?: RollbackOutcome;
    }
  | { readonly kind: 'terminated'; readonly at: number; readonly rollback?: RollbackOutcome };

/** What an operator has said. `by`: who that was, as the operator's own system names people. */
export interface Verdict {
  readonly approved: boolean;
  readonly reason?: string;
  readonly by?: string;
}

export type RollbackCause = { readonly cause: 'errored'; readonly error: ErrorData } | { readonly cause: 'terminated' };

export type LogLevel = 'debug' | 'log' | 'info' | 'warn' | 'error';

/** A line of `console`, or several, as one call made them. */
export interface LogLine {
  /** Epoch ms, real. */
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  /** Whose callback said it; absent: `run()` itself. */
  readonly step?: { readonly name: string; readonly count: number };
  readonly attempt?: number;
}

export type RecordKind = JournalRecord['kind'];
export type RecordOf<K extends RecordKind> = Extract<JournalRecord, { kind: K }>;

/** Records that give `run()` an outcome. Their order in the journal is the order of delivery, live and on replay. */
export type Settlement = RecordOf<
  'step_settled' | 'step_refused' | 'completion_consumed' | 'sleep_completed' | 'event_consumed' | 'wait_timed_out'
>;

export const isSettlement = (record: JournalRecord): record is Settlement =>
  record.kind === 'step_settled' ||
  record.kind === 'step_refused' ||
  record.kind === 'completion_consumed' ||
  record.kind === 'sleep_completed' ||
  record.kind === 'event_consumed' ||
  record.kind === 'wait_timed_out';

export type Status =
  | 'queued'
  | 'running'
  | 'waiting'
  | 'paused'
  | 'waitingForPause'
  | 'rollingBack'
  | 'errored'
  | 'terminated'
  | 'complete';

export type FinalStatus = 'errored' | 'terminated' | 'complete';

export const isFinal = (status: Status): status is FinalStatus =>
  status === 'errored' || status === 'terminated' || status === 'complete';

/** What an instance waits for, as `status` and the lists show it. */
export interface WaitingFor {
  readonly kind: 'sleep' | 'event' | 'retry' | 'deferred' | 'approval';
  readonly name: string;
  /** Epoch ms. */
  readonly until?: number;
  readonly eventType?: string;
  /** Which approval: the name under which an operator answers. */
  readonly approval?: string;
}
