import { parseDuration, showValue } from '../core/durations.ts';
import { TenonError } from '../core/errors.ts';
import { DEFAULT_RETENTION_MS, MAX_VALUE_BYTES } from '../core/limits.ts';
import type { StepKind } from '../core/records.ts';
import type { DeferredOutcome, NewInstanceRequest, WorkflowControlAction } from '../ports/workflow-control.ts';
import { encodedSize } from './encoded-size.ts';
import { encodeValue } from './values.ts';

/** What tenant code hands to `env.WORKFLOWS`, checked. Everything here throws `TypeError` for a value of a wrong kind. */

type Fields = Readonly<Record<string, unknown>>;

const STEP_KINDS: readonly StepKind[] = ['do', 'sleep', 'waitForEvent'];

export const readText = (value: unknown, what: string): string => {
  if (typeof value !== 'string') throw new TypeError(`${what} is a string, not ${showValue(value)}`);
  return value;
};

/** Options may be left out. */
export const readOptions = (value: unknown, what: string): Fields => {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new TypeError(`The options of ${what} are an object, not ${showValue(value)}`);
  }
  return value as Fields;
};

/** @throws TenonError `payload.too_large` */
const encodeBounded = (value: unknown, what: string): string => {
  const encoded = encodeValue(value);
  if (encodedSize(encoded) > MAX_VALUE_BYTES) {
    throw new TenonError('payload.too_large', `${what} more than ${MAX_VALUE_BYTES} bytes of JSON text. Send less.`);
  }
  return encoded;
};

/** @throws TenonError `payload.too_large` */
export const readNewInstance = (value: unknown, what: string): NewInstanceRequest => {
  const { id, params, retention } = readOptions(value, what);
  const retentionMs = readRetention(retention);
  return {
    ...(id === undefined || id === null ? {} : { id: readText(id, 'The id of an instance') }),
    ...(params === undefined ? {} : { params: encodeBounded(params, 'The params have') }),
    ...(retentionMs === undefined ? {} : { retentionMs }),
  };
};

/** An instance has one retention: the longer one, so that nothing goes before its owner said it may. */
const readRetention = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return undefined;
  const { successRetention, errorRetention } = readOptions(value, 'retention');
  const given = [successRetention, errorRetention].filter((duration) => duration !== undefined);
  if (given.length === 0) return undefined;
  const durations = given.map((duration) => {
    const parsed = parseDuration(duration);
    if (!parsed.ok) throw new TypeError(`retention: ${parsed.problem}`);
    return parsed.ms;
  });
  if (durations.length === 1) durations.push(DEFAULT_RETENTION_MS);
  return Math.max(...durations);
};

/** @throws TenonError `payload.too_large` */
export const readEvent = (value: unknown): { readonly eventType: string; readonly payload?: string } => {
  const { type, payload } = readOptions(value, 'sendEvent');
  const eventType = readText(type, 'The type of an event');
  return { eventType, ...(payload === undefined ? {} : { payload: encodeBounded(payload, 'The payload has') }) };
};

/** `{ result }` or `{ error: { name?, message } }`. @throws TenonError `payload.too_large` */
export const readOutcome = (value: unknown): DeferredOutcome => {
  const outcome = readOptions(value, 'complete');
  const { result, error } = outcome;
  if ('result' in outcome === 'error' in outcome) {
    throw new TypeError('complete takes { result } or { error: { name?, message } }, one of the two');
  }
  if ('result' in outcome) return { ok: true, value: encodeBounded(result, 'The result has') };
  const { name = 'Error', message } = readOptions(error, 'complete({ error })');
  return {
    ok: false,
    error: { name: readText(name, 'The name of an error'), message: readText(message, 'The message of an error') },
  };
};

export const readTerminate = (value: unknown): WorkflowControlAction => {
  const { rollback = false } = readOptions(value, 'terminate');
  if (typeof rollback !== 'boolean') throw new TypeError(`rollback is true or false, not ${showValue(rollback)}`);
  return { kind: 'terminate', rollback };
};

export const readRestart = (value: unknown): WorkflowControlAction => {
  const { from } = readOptions(value, 'restart');
  if (from === undefined || from === null) return { kind: 'restart' };
  const { name, count = 1, type = 'do' } = readOptions(from, 'restart({ from })');
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1) {
    throw new TypeError(`from.count is a whole number from 1, not ${showValue(count)}`);
  }
  const kind = STEP_KINDS.find((one) => one === type);
  if (kind === undefined) {
    throw new TypeError(`from.type is one of ${STEP_KINDS.join(', ')}, not ${showValue(type)}`);
  }
  return { kind: 'restart', from: { name: readText(name, 'from.name'), count, type: kind } };
};

export const readIds = (value: unknown): readonly string[] => {
  if (!Array.isArray(value)) throw new TypeError('deleteBatch takes a list of ids');
  // By index, bounded by what a message can hold: a sparse list may claim any length.
  return Object.values(value).map((id) => readText(id, 'The id of an instance'));
};
