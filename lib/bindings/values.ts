import { defaultStringifyOperations, parse, stringify } from 'devalue';

/**
 * The host's side of the guest's encoding. What comes in was written by tenant code: decoding must neither block the
 * process nor throw anything but a `TypeError`.
 */

/** What one message to or from a guest may carry, less what goes around a value. Characters of encoded text. */
export const MAX_ENCODED_CHARS = 16_000_000;
/** In all of one value. Reading a BigInt's text is slower than linear: a million digits block for a tenth of a second. */
const MAX_BIGINT_DIGITS = 100_000;

type ErrorParts = readonly [name: string, message: string, stack: string | null, fields: Record<string, unknown>];

/** A tenant's error on its way through the host: never thrown, and without a stack of ours. */
class CarriedError {
  readonly parts: ErrorParts;
  constructor(parts: ErrorParts) {
    this.parts = parts;
  }
}

const isClassInstance = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return (
    prototype !== Object.prototype &&
    prototype !== null &&
    Object.prototype.toString.call(value) === '[object Object]' &&
    !(value instanceof CarriedError)
  );
};

const REDUCERS = {
  Error: (value: unknown) =>
    value instanceof CarriedError
      ? value.parts
      : value instanceof Error
        ? [value.name, value.message, null, {}]
        : undefined,
  Instance: (value: unknown) => (isClassInstance(value) ? { ...value } : undefined),
};

const REVIVERS = {
  Error: (parts: ErrorParts) => new CarriedError(parts),
  Instance: (value: unknown) => value,
};

/** A view that shows a part of its buffer would take the rest along, which may be anybody's. */
const OPERATIONS = {
  viewInfo: (view: ArrayBufferView) => {
    const { buffer, byteOffset, byteLength } = view;
    if (byteLength === buffer.byteLength || Buffer.isBuffer(view)) return defaultStringifyOperations.viewInfo(view);
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
    const View = view.constructor as new (bytes: ArrayBufferLike) => ArrayBufferView;
    return defaultStringifyOperations.viewInfo(new View(bytes));
  },
};

/** @throws TypeError where a value has no encoded form */
export const encodeValue = (value: unknown): string => {
  try {
    return stringify(value, REDUCERS, { operations: OPERATIONS });
  } catch (error) {
    throw new TypeError(`The value cannot be encoded: ${error instanceof Error ? error.message : 'unknown'}`);
  }
};

/** @throws TypeError where the text is no encoded value, or one that would cost too much to read */
export const decodeValue = (encoded: string): unknown => {
  if (encoded.length > MAX_ENCODED_CHARS) throw new TypeError('The value is too large');
  if (encoded.includes('"BigInt"') && bigintDigits(encoded) > MAX_BIGINT_DIGITS) {
    throw new TypeError(`A value with more than ${MAX_BIGINT_DIGITS} digits of BigInt cannot be passed`);
  }
  try {
    return parse(encoded, REVIVERS);
  } catch {
    throw new TypeError('The value cannot be read: it is malformed or nested too deeply');
  }
};

const bigintDigits = (encoded: string): number => {
  let digits = 0;
  for (const part of readFlat(encoded)) {
    if (Array.isArray(part) && part[0] === 'BigInt' && typeof part[1] === 'string') digits += part[1].length;
  }
  return digits;
};

/** The flat list that an encoded value is: parts refer to each other by their place, and the first is the whole. */
export const readFlat = (encoded: string): readonly unknown[] => {
  try {
    const flat: unknown = JSON.parse(encoded);
    return Array.isArray(flat) ? flat : [];
  } catch {
    return [];
  }
};
