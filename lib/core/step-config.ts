import { parseDuration, showValue } from './durations.ts';
import { DEFAULT_ATTEMPT_TIMEOUT_MS, DEFAULT_RETRY_DELAY_MS, DEFAULT_RETRY_LIMIT, MAX_BACKOFF_MS } from './limits.ts';
import type { AttemptConfig, Backoff, StepConfig } from './records.ts';

export const DEFAULT_STEP_CONFIG: StepConfig = {
  retries: { limit: DEFAULT_RETRY_LIMIT, delayMs: DEFAULT_RETRY_DELAY_MS, backoff: 'exponential' },
  timeoutMs: DEFAULT_ATTEMPT_TIMEOUT_MS,
};

/** A tenant's `delay` that is a function; asked by the guest alone. */
export type DelayFunction = (input: { readonly ctx: object; readonly error: Error }) => unknown;

export type ReadConfig<Config extends AttemptConfig = StepConfig> =
  /** `delay`: where the config says `delayMs: null`. */
  | { readonly ok: true; readonly config: Config; readonly delay?: DelayFunction }
  /** Names the field and says what to write. */
  | { readonly ok: false; readonly problem: string };

const BACKOFFS: readonly unknown[] = ['exponential', 'linear', 'constant'];

/** A tenant's step config, checked whole: an unknown key is a mistake that would otherwise be silent. */
export const readStepConfig = (value: unknown): ReadConfig => {
  const read = readAttemptConfig(value, 'config', ['sensitive']);
  if (!read.ok) return read;
  const { sensitive } = (value ?? {}) as { readonly sensitive?: unknown };
  if (sensitive === undefined) return read;
  if (sensitive !== 'output') return no(`sensitive must be "output", got ${showValue(sensitive)}`);
  return { ...read, config: { ...read.config, sensitive } };
};

/** The `rollbackConfig` of a step. */
export const readRollbackConfig = (value: unknown): ReadConfig<AttemptConfig> =>
  readAttemptConfig(value, 'rollbackConfig', []);

const readAttemptConfig = (value: unknown, what: string, others: readonly string[]): ReadConfig<AttemptConfig> => {
  if (value === undefined) return { ok: true, config: DEFAULT_STEP_CONFIG };
  if (!isPlainObject(value)) return no(`${what} must be an object, got ${showValue(value)}`);
  const known = ['retries', 'timeout', ...others];
  const unknownKey = Object.keys(value).find((key) => !known.includes(key));
  if (unknownKey !== undefined) return no(`${what} has no field "${unknownKey}"`);
  const { retries, timeout } = value;
  const read: ReadRetries | string =
    retries === undefined ? { retries: DEFAULT_STEP_CONFIG.retries } : readRetries(retries);
  if (typeof read === 'string') return no(read);
  let timeoutMs = DEFAULT_ATTEMPT_TIMEOUT_MS;
  if (timeout !== undefined) {
    const parsed = parseDuration(timeout);
    if (!parsed.ok) return no(`timeout: ${parsed.problem}`);
    if (parsed.ms === 0) return no('timeout must be longer than 0');
    timeoutMs = parsed.ms;
  }
  const { delay } = read;
  return { ok: true, config: { retries: read.retries, timeoutMs }, ...(delay === undefined ? {} : { delay }) };
};

interface ReadRetries {
  readonly retries: AttemptConfig['retries'];
  readonly delay?: DelayFunction;
}

const readRetries = (value: unknown): ReadRetries | string => {
  if (!isPlainObject(value)) return `retries must be an object, got ${showValue(value)}`;
  const unknownKey = Object.keys(value).find((key) => key !== 'limit' && key !== 'delay' && key !== 'backoff');
  if (unknownKey !== undefined) return `retries has no field "${unknownKey}"`;
  const { limit, delay, backoff } = value;
  if (limit === undefined) return 'retries.limit is missing: retries needs both limit and delay';
  if (delay === undefined) return 'retries.delay is missing: retries needs both limit and delay';
  if (limit !== Number.POSITIVE_INFINITY && (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0)) {
    return `retries.limit must be a whole number from 0, got ${showValue(limit)}`;
  }
  if (backoff !== undefined && !BACKOFFS.includes(backoff)) {
    return `retries.backoff must be "exponential", "linear" or "constant", got ${showValue(backoff)}`;
  }
  const of = {
    // JSON knows no Infinity; nobody lives to see this many.
    limit: Math.min(limit as number, Number.MAX_SAFE_INTEGER),
    backoff: (backoff as Backoff | undefined) ?? 'exponential',
  };
  if (typeof delay === 'function') return { retries: { ...of, delayMs: null }, delay: delay as DelayFunction };
  const parsed = parseDuration(delay);
  return parsed.ok ? { retries: { ...of, delayMs: parsed.ms } } : `retries.delay: ${parsed.problem}`;
};

/** How long to wait after the failure of attempt `attempt` (from 1), ms. */
export const retryDelayMs = (config: AttemptConfig, attempt: number): number => {
  const { delayMs, backoff } = config.retries;
  const base = delayMs ?? DEFAULT_RETRY_DELAY_MS;
  switch (backoff) {
    case 'constant':
      return Math.min(base, MAX_BACKOFF_MS);
    case 'linear':
      return Math.min(base * attempt, MAX_BACKOFF_MS);
    case 'exponential':
      // 2 ** 1024 is Infinity, which times no delay would be no number; a day is reached long before 62.
      return Math.min(base * 2 ** Math.min(attempt - 1, 62), MAX_BACKOFF_MS);
  }
};

const no = (problem: string): { readonly ok: false; readonly problem: string } => ({ ok: false, problem });

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
