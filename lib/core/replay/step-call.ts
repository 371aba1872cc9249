import { parseDuration, showValue } from '../durations.ts';
import { DEFAULT_EVENT_TIMEOUT_MS, MAX_WAIT_MS, MINUTE_MS } from '../limits.ts';
import { isEventType, isStepName, MAX_STEP_NAME_LENGTH } from '../names.ts';
import type { AttemptConfig, StepConfig } from '../records.ts';
import { DEFAULT_STEP_CONFIG, type DelayFunction, readRollbackConfig, readStepConfig } from '../step-config.ts';

/** A step call as the tenant's code wrote it, read and checked; `problem` names the step and says what to write. */
export type ReadCall<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly problem: string };

type Callback = (context: unknown) => unknown;

/** A step's way back, as its call brought it. */
export interface Undo {
  readonly handler: (input: unknown) => unknown;
  /** Where the config of the handler says `delayMs: null`. */
  readonly delay: DelayFunction | undefined;
}

/** `step.do` as it was called. */
export interface DoCall {
  readonly config: StepConfig | undefined;
  readonly callback: Callback;
  /** Where the config says `delayMs: null`. */
  readonly delay: DelayFunction | undefined;
  readonly undo: Undo | undefined;
}

/**
 * `maxCallbackMs`: how long a callback may be at work on this platform; absent: as long as its timeout says. A timeout of up
 * to a minute more is let through, as Cloudflare's guide asks for 15 minutes and needs none of them: the attempt ends earlier
 * then.
 */
export const readDo = (name: unknown, args: readonly unknown[], maxCallbackMs?: number): ReadCall<DoCall> => {
  const named = readName('step.do', name);
  if (named !== undefined) return named;
  const hasConfig = typeof args[0] !== 'function';
  const callback = hasConfig ? args[1] : args[0];
  const options = hasConfig ? args[2] : args[1];
  if (typeof callback !== 'function') return no(name, `step.do needs a function to call, got ${showValue(callback)}`);
  const read = readStepConfig(hasConfig ? args[0] : undefined);
  if (!read.ok) return no(name, read.problem);
  const back = readRollback(options);
  if (!back.ok) return no(name, back.problem);
  const tooLong = [read.config, back.config].find((config) => isTooLong(config, maxCallbackMs));
  if (tooLong !== undefined && maxCallbackMs !== undefined) {
    const minutes = maxCallbackMs / MINUTE_MS;
    const instead = 'give longer work to env.SANDBOX, wait for others with ctx.defer({ timeout }), or split the step';
    return no(name, `timeout is longer than the limit of ${minutes} minutes for one attempt; ${instead}`);
  }
  const isPlain = !hasConfig || args[0] === undefined;
  const config = back.undo === undefined ? read.config : { ...read.config, rollback: back.config };
  return {
    ok: true,
    // The defaults need no room in the journal.
    config: isPlain && back.undo === undefined ? undefined : config,
    callback: callback as Callback,
    delay: read.delay,
    undo: back.undo,
  };
};

const isTooLong = ({ timeoutMs }: AttemptConfig, maxCallbackMs: number | undefined): boolean =>
  maxCallbackMs !== undefined && timeoutMs > maxCallbackMs + MINUTE_MS;

type ReadRollback =
  | { readonly ok: true; readonly config: AttemptConfig; readonly undo: Undo | undefined }
  | { readonly ok: false; readonly problem: string };

/** The options behind the callback. */
const readRollback = (options: unknown): ReadRollback => {
  if (options === undefined) return { ok: true, config: DEFAULT_STEP_CONFIG, undo: undefined };
  const problem = (what: string): ReadRollback => ({ ok: false, problem: what });
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return problem(`the options behind the function are { rollback, rollbackConfig? }, got ${showValue(options)}`);
  }
  const { rollback, rollbackConfig, ...others } = options as Record<string, unknown>;
  const unknownKey = Object.keys(others)[0];
  if (unknownKey !== undefined) return problem(`step.do has no option "${unknownKey}"`);
  if (typeof rollback !== 'function') return problem(`rollback must be a function, got ${showValue(rollback)}`);
  const read = readRollbackConfig(rollbackConfig);
  if (!read.ok) return read;
  return { ok: true, config: read.config, undo: { handler: rollback as Undo['handler'], delay: read.delay } };
};

/** What a callback asks of `ctx.defer()`. `timeoutMs`: what the deferred result shall have for itself. */
export const readDefer = (name: string, options: unknown): ReadCall<{ readonly timeoutMs: number | undefined }> => {
  if (options === undefined) return { ok: true, timeoutMs: undefined };
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return no(name, `defer() takes { timeout? }, got ${showValue(options)}`);
  }
  const { timeout, ...others } = options as Record<string, unknown>;
  const unknownKey = Object.keys(others)[0];
  if (unknownKey !== undefined) return no(name, `defer() has no option "${unknownKey}"`);
  if (timeout === undefined) return { ok: true, timeoutMs: undefined };
  const parsed = parseDuration(timeout);
  if (!parsed.ok) return no(name, `defer(): timeout: ${parsed.problem}`);
  return parsed.ms === 0 ? no(name, 'defer(): timeout must be longer than 0') : { ok: true, timeoutMs: parsed.ms };
};

/** What a function that is a `delay` has answered. */
export const readDelay = (name: string, answer: unknown): ReadCall<{ readonly ms: number }> => {
  const parsed = parseDuration(answer);
  return parsed.ok ? { ok: true, ms: parsed.ms } : no(name, `retries.delay answered: ${parsed.problem}`);
};

export const readSleep = (name: unknown, duration: unknown): ReadCall<{ readonly ms: number }> => {
  const named = readName('step.sleep', name);
  if (named !== undefined) return named;
  const parsed = parseDuration(duration);
  return parsed.ok ? { ok: true, ms: parsed.ms } : no(name, parsed.problem);
};

/** `now`: the time that `run()` sees. A moment in the past is no mistake: the sleep ends at once. */
export const readSleepUntil = (name: unknown, moment: unknown, now: number): ReadCall<{ readonly until: number }> => {
  const named = readName('step.sleepUntil', name);
  if (named !== undefined) return named;
  const until = moment instanceof Date ? moment.getTime() : moment;
  if (typeof until !== 'number' || !Number.isFinite(until)) {
    return no(name, `${showValue(moment)} is not a moment: give a Date or epoch milliseconds`);
  }
  if (until - now > MAX_WAIT_MS) return no(name, 'the moment is further away than the limit of 366 days');
  return { ok: true, until: Math.ceil(until) };
};

export const readWaitForEvent = (
  name: unknown,
  options: unknown,
): ReadCall<{ readonly eventType: string; readonly timeoutMs: number }> => {
  const named = readName('step.waitForEvent', name);
  if (named !== undefined) return named;
  if (typeof options !== 'object' || options === null) {
    return no(name, `step.waitForEvent needs { type, timeout? }, got ${showValue(options)}`);
  }
  const { type, timeout, ...others } = options as Record<string, unknown>;
  const unknownKey = Object.keys(others)[0];
  if (unknownKey !== undefined) return no(name, `step.waitForEvent has no option "${unknownKey}"`);
  if (typeof type !== 'string' || !isEventType(type)) {
    return no(name, `type must match ^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,99}$, got ${showValue(type)}`);
  }
  if (timeout === undefined) return { ok: true, eventType: type, timeoutMs: DEFAULT_EVENT_TIMEOUT_MS };
  const parsed = parseDuration(timeout);
  return parsed.ok ? { ok: true, eventType: type, timeoutMs: parsed.ms } : no(name, `timeout: ${parsed.problem}`);
};

const readName = (call: string, name: unknown): { readonly ok: false; readonly problem: string } | undefined =>
  isStepName(name)
    ? undefined
    : {
        ok: false,
        problem: `${call}: a step's name is a text of 1 to ${MAX_STEP_NAME_LENGTH} characters without control characters, got ${showValue(name)}`,
      };

const no = (name: unknown, problem: string): { readonly ok: false; readonly problem: string } => ({
  ok: false,
  problem: `Step ${showValue(name)}: ${problem}`,
});
