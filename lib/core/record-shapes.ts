import { MAX_INSTANCE_STORAGE_BYTES, MAX_WAIT_MS } from './limits.ts';

/** The forms of what a guest proposes, whatever the journal says. */

export const MAX_TEXT = 65_536;
export const MAX_ENCODED = 8_388_608;
export const MAX_OPEN_TEXT = 1_024;

export type Fields = readonly string[];

export const STEP_FIELDS: Fields = ['kind', 'name', 'count'];
const ATTEMPT_CONFIG_FIELDS: Fields = ['retries', 'timeoutMs'];
const CONFIG_FIELDS: Fields = [...ATTEMPT_CONFIG_FIELDS, 'sensitive', 'rollback'];
const RETRIES_FIELDS: Fields = ['limit', 'delayMs', 'backoff'];
const ERROR_FIELDS: Fields = ['name', 'message', 'stack', 'encoded'];
const STREAM_FIELDS: Fields = ['stream', 'bytes'];
export const SHA256 = /^[0-9a-f]{64}$/;
export const KINDS: ReadonlySet<unknown> = new Set(['do', 'sleep', 'waitForEvent', 'rollback']);
const BACKOFFS: readonly unknown[] = ['exponential', 'linear', 'constant'];

/** Whether it is the one that its attempt has written is for the dispatcher to say, who has written it. */
export const isStream = (value: unknown): boolean =>
  isObject(value) &&
  hasOnly(value, STREAM_FIELDS) &&
  isText(value.stream, MAX_OPEN_TEXT) &&
  isTime(value.bytes) &&
  value.bytes <= MAX_INSTANCE_STORAGE_BYTES;

export const refuseError = (error: unknown): string | undefined => {
  if (!isObject(error)) return 'it has no error';
  const { name, message, stack, encoded } = error;
  const isWhole =
    hasOnly(error, ERROR_FIELDS) &&
    isText(name, MAX_OPEN_TEXT) &&
    isText(message, MAX_TEXT) &&
    (stack === undefined || isText(stack, MAX_TEXT)) &&
    (encoded === undefined || isText(encoded, MAX_TEXT));
  return isWhole ? undefined : 'its error is none';
};

export const isConfig = (config: unknown): boolean => {
  if (!isAttemptConfig(config, CONFIG_FIELDS)) return false;
  const { sensitive, rollback } = config;
  return (
    (sensitive === undefined || sensitive === 'output') &&
    (rollback === undefined || isAttemptConfig(rollback, ATTEMPT_CONFIG_FIELDS))
  );
};

const isAttemptConfig = (config: unknown, fields: Fields): config is Record<string, unknown> => {
  if (!isObject(config) || !hasOnly(config, fields)) return false;
  const { retries, timeoutMs } = config;
  if (!isObject(retries) || !hasOnly(retries, RETRIES_FIELDS)) return false;
  const { limit, delayMs, backoff } = retries;
  return (
    isTime(limit) &&
    (delayMs === null || (isTime(delayMs) && delayMs <= MAX_WAIT_MS)) &&
    BACKOFFS.includes(backoff) &&
    isTimeout(timeoutMs)
  );
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const hasOnly = (value: object, fields: Fields): boolean => {
  for (const field in value) if (!fields.includes(field)) return false;
  return true;
};

export const isText = (value: unknown, limit: number): boolean => typeof value === 'string' && value.length <= limit;
export const isCount = (value: unknown): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
export const isTimeout = (value: unknown): boolean => isCount(value) && (value as number) <= MAX_WAIT_MS;
export const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
