import { parse, stringify } from 'devalue';
import { NonRetryableError } from '../sdk/workflows.ts';
import { Deferred } from './deferred.ts';
import { WorkflowTimeoutError } from './errors.ts';

/**
 * The guest's encoding of structured-clone types as text (devalue's form). Class instances cross as plain objects, as
 * `structuredClone` makes them; errors keep class, message, stack and whatever of their fields can be encoded.
 */

type ErrorParts = [name: string, message: string, stack: string | null, fields: Record<string, unknown>];

const BUILT_IN = new Map<string, new (message: string) => Error>([
  ['Error', Error],
  ['EvalError', EvalError],
  ['RangeError', RangeError],
  ['ReferenceError', ReferenceError],
  ['SyntaxError', SyntaxError],
  ['TypeError', TypeError],
  ['URIError', URIError],
  ['NonRetryableError', NonRetryableError],
  ['WorkflowTimeoutError', WorkflowTimeoutError],
]);

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

const isClassInstance = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return false;
  const tag = tagOf(value);
  if (tag === '[object ReadableStream]') {
    throw new Error('a ReadableStream is no part of a value: return it from a step as it is');
  }
  return tag === '[object Object]' && typeof (value as { then?: unknown }).then !== 'function';
};

const refuseDeferred = (value: unknown): undefined => {
  if (!(value instanceof Deferred)) return undefined;
  throw new Error('a deferred result is no part of a value: return it as it is, and hand out its token');
};

const reducers = {
  Deferred: refuseDeferred,
  Error: (value: unknown) => (value instanceof Error ? partsOf(value) : undefined),
  Instance: (value: unknown) => (isClassInstance(value) ? { ...value } : undefined),
};

const revivers = {
  Error: ([name, message, stack, fields]: ErrorParts) =>
    reviveError({ name, message, stack: stack ?? undefined, fields }),
  Instance: (value: unknown) => value,
};

const partsOf = (error: Error): ErrorParts => [
  text(() => error.name, 'Error'),
  text(() => error.message, ''),
  text(() => error.stack, '') || null,
  fieldsOf(error),
];

/** Own fields beyond name, message and stack that can be encoded; the others are left out. */
export const fieldsOf = (error: Error): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const key of [...Object.keys(error), ...(Object.hasOwn(error, 'cause') ? ['cause'] : [])]) {
    if (key === 'name' || key === 'message' || key === 'stack' || key === '__proto__') continue;
    try {
      const value = (error as unknown as Record<string, unknown>)[key];
      stringify(value, reducers);
      fields[key] = value;
    } catch {
      // Not encodable: an error is still worth recording without it.
    }
  }
  return fields;
};

/** An error of the recorded class where it is a built-in one or ours, else an `Error` that bears the name. */
export const reviveError = (parts: {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly fields?: Record<string, unknown> | undefined;
}): Error => {
  const Class = BUILT_IN.get(parts.name);
  const error = Class === undefined ? new Error(parts.message) : new Class(parts.message);
  if (error.name !== parts.name) {
    Object.defineProperty(error, 'name', { value: parts.name, configurable: true, writable: true, enumerable: false });
  }
  Object.defineProperty(error, 'stack', {
    value: parts.stack ?? `${parts.name}: ${parts.message}`,
    configurable: true,
    writable: true,
    enumerable: false,
  });
  for (const [key, value] of Object.entries(parts.fields ?? {})) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: key !== 'cause' });
  }
  return error;
};

/** Reading a hostile error's property may throw, or give something that is no text. */
export const text = (read: () => unknown, otherwise: string): string => {
  try {
    const value = read();
    return typeof value === 'string' ? value : value === undefined ? otherwise : String(value);
  } catch {
    return otherwise;
  }
};

/** @throws Error that says what cannot be encoded, and where in the value it stands */
export const encode = (value: unknown): string => stringify(value, reducers);

export const decode = (encoded: string): unknown => parse(encoded, revivers);
