import { parseDuration, showValue } from './durations.ts';
import { DEFAULT_ATTEMPT_TIMEOUT_MS, DEFAULT_RETRY_DELAY_MS, DEFAULT_RETRY_LIMIT, MAX_BACKOFF_MS } from './limits.ts';
import type { Backoff, StepConfig } from './records.ts';

export const DEFAULT_STEP_CONFIG: StepConfig = {
  retries: { limit: DEFAULT_RETRY_LIMIT, delayMs: DEFAULT_RETRY_DELAY_MS, backoff: 'exponential' },
  timeoutMs: DEFAULT_ATTEMPT_TIMEOUT_MS,
};

export type ReadConfig =
  | { readonly ok: true; readonly config: StepConfig }
  /** Names the field and says what to write. */
  | { readonly ok: false; readonly problem: string };

const BACKOFFS: readonly unknown[] = ['exponential', 'linear', 'constant'];

/** A tenant's step config, checked whole: an unknown key is a mistake that would otherwise be silent. */
export const readStepConfig = (value: unknown): ReadConfig => {
  if (value === undefined) return { ok: true, config: DEFAULT_STEP_CONFIG };
  if (!isPlainObject(value)) return no(`config must be an object, got ${showValue(value)}`);
  const unknownKey = Object.keys(value).find((key) => key !== 'retries' && key !== 'timeout' && key !== 'sensitive');
  if (unknownKey !== undefined) return no(`config has no field "${unknownKey}"`);

  const { retries, timeout, sensitive } = value;
  const readRetries = retries === undefined ? DEFAULT_STEP_CONFIG.retries : readRetriesConfig(retries);
  if (typeof readRetries === 'string') return no(readRetries);
  let timeoutMs = DEFAULT_ATTEMPT_TIMEOUT_MS;
  if (timeout !== undefined) {
    const parsed = parseDuration(timeout);
    if (!parsed.ok) return no(`timeout: ${parsed.problem}`);
    if (parsed.ms === 0) return no('timeout must be longer than 0');
    timeoutMs = parsed.ms;
  }
  if (sensitive !== undefined && sensitive !== 'output')
    return no(`sensitive must be "output", got ${showValue(sensitive)}`);
  return { ok: true, config: { retries: readRetries, timeoutMs, ...(sensitive === undefined ? {} : { sensitive }) } };
};

const readRetriesConfig = (value: unknown): StepConfig['retries'] | string => {
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
  const parsed = parseDuration(delay);
  if (!parsed.ok) return `retries.delay: ${parsed.problem}`;
  return {
    // JSON knows no Infinity; nobody lives to see this many.
    limit: Math.min(limit as number, Number.MAX_SAFE_INTEGER),
    delayMs: parsed.ms,
    backoff: (backoff as Backoff | undefined) ?? 'exponential',
  };
};

/** How long to wait after the failure of attempt `attempt` (from 1), ms. */
export const retryDelayMs = (config: StepConfig, attempt: number): number => {
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

const no = (problem: string): ReadConfig => ({ ok: false, problem });

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
