/** The types of `step`: what a workflow's `run` does its work with. */

/** The units of a duration. */
export type WorkflowDurationLabel = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/**
 * A length of time: a number is milliseconds, a text is a number, one space and a unit, such as `"10 seconds"` or
 * `"1 hour"`. A month has 30 days, a year 365.25. At most 366 days. Anything else is a fatal error that names the step
 * and the value.
 */
export type WorkflowDuration = `${number} ${WorkflowDurationLabel}${'s' | ''}` | number;

/** How long `step.sleep` rests. */
export type WorkflowSleepDuration = WorkflowDuration;
/** How long to wait before another attempt. */
export type WorkflowDelayDuration = WorkflowDuration;
/** How long something may take. */
export type WorkflowTimeoutDuration = WorkflowDuration;
/** How long a finished instance is kept. */
export type WorkflowRetentionDuration = WorkflowDuration;

/** How the delay grows with each failed attempt: `delay * 2^(attempt-1)`, `delay * attempt`, or `delay`. */
export type WorkflowBackoff = 'constant' | 'linear' | 'exponential';

/** `"output"`: the step's result is shown as `"[REDACTED]"` outside the workflow. */
export type WorkflowStepSensitivity = 'output';

/** What a delay function is asked with, after an attempt has failed. */
export interface WorkflowDynamicDelayContext {
  readonly ctx: WorkflowStepContext<WorkflowDelayFunction>;
  readonly error: Error;
}

/** Says how long to wait before the next attempt; has 5 seconds to answer. */
export type WorkflowDelayFunction = (
  input: WorkflowDynamicDelayContext,
) => WorkflowDelayDuration | Promise<WorkflowDelayDuration>;

/** How a step is retried and how long an attempt may take. The first config seen for a step stays its config. */
export interface WorkflowStepConfig {
  /**
   * Both `limit` and `delay` are needed.
   * @default { limit: 5, delay: 1000, backoff: 'exponential' }
   */
  retries?: {
    /** Retries after the first try: 5 means at most 6 attempts. `Infinity` is allowed. */
    limit: number;
    /** Before the first retry; grows by `backoff`, up to 24 hours. */
    delay: WorkflowDelayDuration | WorkflowDelayFunction;
    /** @default 'exponential' */
    backoff?: WorkflowBackoff;
  };
  /**
   * Of one attempt. When it is over the attempt's `signal` is aborted, its late result is ignored and the attempt has
   * failed with `WorkflowTimeoutError`. On AWS an attempt ends after 14 minutes, and a timeout above 15 is a fatal error:
   * what takes longer is for `env.SANDBOX`, or for `ctx.defer({ timeout })`.
   * @default '10 minutes'
   */
  timeout?: WorkflowTimeoutDuration;
  sensitive?: WorkflowStepSensitivity;
}

interface ConfigWithDelayFunction extends Omit<WorkflowStepConfig, 'retries'> {
  retries: { limit: number; delay: WorkflowDelayFunction; backoff?: WorkflowBackoff };
}

declare const resultType: unique symbol;

/** What `ctx.defer()` takes; an unknown field is a fatal error. */
export interface DeferOptions {
  /**
   * How long the result may take, from the call of `defer()`; at most 366 days. Once the callback has returned, it takes the
   * place of the step's `timeout`, whether it is longer or shorter.
   * @default the step's `timeout`, from the start of the attempt
   */
  timeout?: WorkflowTimeoutDuration;
}

/** A step's result that comes later, from outside: whoever holds the token may give it, once. */
export interface Deferred<T = unknown> {
  readonly token: string;
  /** Of types only: what it is completed with. */
  readonly [resultType]: T;
}

/** What a step's callback is called with. */
export interface WorkflowStepContext<Delay = WorkflowDelayDuration> {
  readonly step: {
    readonly name: string;
    /** The how-manieth `do` of this name it is, from 1. */
    readonly count: number;
  };
  /** From 1. */
  readonly attempt: number;
  /** The step's config, defaults filled in. */
  readonly config: {
    readonly retries?: {
      readonly limit: number;
      readonly backoff?: WorkflowBackoff;
    } & (Delay extends WorkflowDelayFunction ? unknown : { readonly delay: WorkflowDelayDuration });
    readonly timeout?: WorkflowTimeoutDuration;
    readonly sensitive?: WorkflowStepSensitivity;
  };
  /** Aborted when the attempt times out; hand it to `fetch`. An addition of Tenon's. */
  readonly signal: AbortSignal;
  /**
   * Makes the deferred result of this attempt, once: tell its `token` to whoever is to answer, then return it. The step
   * stays open, the instance rests, and the outcome is given by `POST /v1/deferred/{token}` or
   * `env.WORKFLOWS.complete(token, outcome)`. When its time is over the attempt has failed with `WorkflowTimeoutError`; a
   * further one has a token of its own. While the callback is at work the step's `timeout` holds. An addition of Tenon's.
   * @throws fatal errors for a wrong option and for a second call in an attempt
   */
  defer<T = unknown>(options?: DeferOptions): Deferred<T>;
}

/** What a rollback handler is called with. */
export interface WorkflowRollbackContext<T = unknown, Delay = WorkflowDelayDuration> {
  readonly ctx: WorkflowStepContext<Delay>;
  /** What the instance failed with. */
  readonly error: Error;
  /** The step's result; `undefined` where it started and did not succeed. */
  readonly output: T | undefined;
  /** @deprecated `ctx.step.name` and `ctx.step.count` say it. */
  readonly stepName: string;
}

/** Undoes one step. It may run twice, as any callback. */
export type WorkflowRollbackHandler<T = unknown, Delay = WorkflowDelayDuration> = (
  context: WorkflowRollbackContext<T, Delay>,
) => Promise<void>;

/** Attempts, delays and timeout of a rollback handler; the defaults are a step's. */
export type WorkflowStepRollbackConfig = Pick<WorkflowStepConfig, 'retries' | 'timeout'>;

/** Undoes a step when the instance fails; handlers run in reverse order of the steps' starts. */
export interface WorkflowStepRollbackOptions<T = unknown, Delay = WorkflowDelayDuration> {
  rollback: WorkflowRollbackHandler<T, Delay>;
  rollbackConfig?: WorkflowStepRollbackConfig;
}

/** An event that a wait has consumed. */
export interface WorkflowStepEvent<T> {
  /** As it was sent; `undefined` where it was sent without a body. */
  readonly payload: Readonly<T>;
  /** When it was accepted. */
  readonly timestamp: Date;
  readonly type: string;
  readonly sensitive?: WorkflowStepSensitivity;
}

/**
 * The durable operations. A step is known by its kind, its name and the how-manieth of both it is; a recorded outcome
 * comes back without running the callback again.
 */
export interface WorkflowStep {
  /**
   * Runs `callback` until it succeeds, its retries are used up or it throws `NonRetryableError`, records the outcome and
   * gives it back. A result is anything that structured clone can carry, up to 1 MiB as JSON text; a `ReadableStream` of
   * `Uint8Array`, which comes back as a fresh one, as far as the 1 GiB reach that an instance may store; or what `ctx.defer()`
   * gives, to say that it comes later.
   * @throws the recorded error of the last attempt; fatal errors for a wrong name, config or result
   */
  do<T>(
    name: string,
    callback: (context: WorkflowStepContext) => Promise<T | Deferred<T>>,
    rollbackOptions?: WorkflowStepRollbackOptions<T>,
  ): Promise<T>;
  /** With a config whose `delay` is a function, which is asked after each attempt that failed. */
  do<T>(
    name: string,
    config: ConfigWithDelayFunction,
    callback: (context: WorkflowStepContext<WorkflowDelayFunction>) => Promise<T | Deferred<T>>,
    rollbackOptions?: WorkflowStepRollbackOptions<T, WorkflowDelayFunction>,
  ): Promise<T>;
  /** With a config: the one seen first for a step stays its config. */
  do<T>(
    name: string,
    config: WorkflowStepConfig,
    callback: (context: WorkflowStepContext) => Promise<T | Deferred<T>>,
    rollbackOptions?: WorkflowStepRollbackOptions<T>,
  ): Promise<T>;

  /** Lets the instance rest; it holds neither memory nor compute meanwhile. */
  sleep(name: string, duration: WorkflowSleepDuration): Promise<void>;

  /** `timestamp`: a Date or epoch milliseconds; one in the past is over at once. */
  sleepUntil(name: string, timestamp: Date | number): Promise<void>;

  /**
   * Takes the oldest event of that type that no wait has taken, or waits for one.
   * @param options `type` matches `^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,99}$`; `timeout` is 24 hours unless given
   * @throws WorkflowTimeoutError when none has come in time
   */
  waitForEvent<T>(
    name: string,
    options: { type: string; timeout?: WorkflowTimeoutDuration },
  ): Promise<WorkflowStepEvent<T>>;
}
