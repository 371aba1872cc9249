/** The parts of the API's answers that the commands read. Times are ISO 8601 texts. */

export interface ShownError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

export interface ShownWait {
  readonly kind: 'sleep' | 'event' | 'retry' | 'deferred' | 'approval';
  readonly name: string;
  readonly until?: string;
  readonly eventType?: string;
  readonly approval?: string;
}

export interface ShownAttempt {
  readonly number: number;
  readonly startedAt?: string;
  readonly endedAt?: string | null;
  readonly error?: ShownError | null;
}

export interface ShownStep {
  readonly type: 'step' | 'sleep' | 'waitForEvent' | 'rollback';
  readonly name: string;
  readonly count: number;
  readonly status: string;
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
  readonly output?: unknown;
  readonly truncated?: boolean;
  readonly error?: ShownError | null;
  readonly attempts?: readonly ShownAttempt[];
}

export interface ShownInstance {
  readonly id: string;
  readonly status: string;
  readonly version: string;
  readonly createdAt: string;
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
  readonly waitingFor?: readonly ShownWait[];
}

export interface InstanceDetail extends ShownInstance {
  readonly workflow: string;
  readonly params?: unknown;
  readonly output?: unknown;
  readonly error?: ShownError | null;
  readonly stepCount: number;
  readonly steps: readonly ShownStep[];
  readonly stepsCursor?: string | null;
}

/** A place in the tenant's source, line and column from 1; `text`: the line itself. */
export interface ShownPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text?: string;
}

export interface ShownReplay {
  readonly version: string;
  readonly outcome: 'ok' | 'diverged' | 'failed';
  readonly stop: 'caught_up' | 'effect' | 'returned' | 'threw' | 'lost';
  readonly recorded: number;
  readonly delivered: number;
  readonly divergences: readonly {
    readonly step: string;
    readonly expected: string;
    readonly got: string;
    readonly place?: ShownPlace;
  }[];
  readonly next?: string;
  readonly place?: ShownPlace;
  readonly error?: ShownError;
}

export interface CreatedInstance {
  readonly id: string;
  readonly status: string;
  readonly version: string;
  readonly workflow: string;
  readonly output?: unknown;
  readonly error?: ShownError | null;
}

export interface ShownBundle {
  readonly id: string;
  readonly status: 'awaiting_upload' | 'validating' | 'ready' | 'rejected';
  readonly version?: string;
  readonly workflows?: readonly { readonly name: string }[];
  readonly hasFetch?: boolean;
  readonly problems?: readonly BundleProblem[];
}

/** `line` from 1, `column` from 0. */
export interface BundleProblem {
  readonly code: string;
  readonly message: string;
  readonly file?: string | null;
  readonly line?: number | null;
  readonly column?: number | null;
}

const FINISHED: readonly string[] = ['complete', 'errored', 'terminated'];

export const isFinished = (status: string): boolean => FINISHED.includes(status);
export const isFailed = (status: string): boolean => status === 'errored' || status === 'terminated';
