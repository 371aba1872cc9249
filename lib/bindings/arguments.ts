import { parseDuration, showValue } from '../core/durations.ts';
import { BindingError } from './binding-error.ts';
import { encodeValue } from './values.ts';

/** What tenant code hands to bindings that keep something by key. `what` is the call, such as `STORAGE.put`, for the message. */

export type Fields = Readonly<Record<string, unknown>>;

/** Bytes of UTF-8: DynamoDB and S3 take keys of 1,024, of which some is for the tenant's place. */
export const MAX_KEY_BYTES = 512;
/** Bytes of UTF-8 of the encoded form: 25 of them still make one transaction of DynamoDB. */
export const MAX_STORED_BYTES = 131_072;
export const DEFAULT_PAGE = 100;
export const MAX_PAGE = 1_000;

/** What a terminal or a log would take for a command. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;

export const readKey = (what: string, value: unknown): string => {
  if (typeof value !== 'string' || value === '') {
    throw new BindingError(`${what}: a key is a text that is not empty, got ${showValue(value)}`);
  }
  return readKeyText(what, value);
};

/** May be left out. */
export const readPrefix = (what: string, value: unknown): string => {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new BindingError(`${what}: prefix is a text, got ${showValue(value)}`);
  return readKeyText(what, value);
};

const readKeyText = (what: string, text: string): string => {
  if (!text.isWellFormed() || CONTROL.test(text)) {
    throw new BindingError(`${what}: a key holds no control characters and no halves of characters`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_KEY_BYTES) {
    throw new BindingError(`${what}: a key has at most ${MAX_KEY_BYTES} bytes of UTF-8, this one has ${bytes}`);
  }
  return text;
};

/** May be left out; an unknown field is a mistake that would be found out much later. */
export const readOptions = (what: string, value: unknown, names: readonly string[]): Fields => {
  if (value === undefined) return {};
  const fields = readFields(what, value, `{ ${names.join(', ')} }`);
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new BindingError(`${what} has no option ${showValue(unknown)}: it takes ${names.join(', ')}`);
  }
  return fields;
};

export const readFields = (what: string, value: unknown, form: string): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BindingError(`${what} takes ${form}, got ${Array.isArray(value) ? 'a list' : showValue(value)}`);
  }
  return value as Fields;
};

/** Encoded, and no larger than is kept. */
export const encodeStored = (what: string, value: unknown): string => {
  if (value === undefined) throw new BindingError(`${what}: there is no value. To remove a key, delete it`);
  const encoded = encodeValue(value);
  const bytes = Buffer.byteLength(encoded);
  if (bytes > MAX_STORED_BYTES) {
    throw new BindingError(
      `${what}: a value has at most ${MAX_STORED_BYTES} bytes as it is stored, this one has ${bytes}`,
    );
  }
  return encoded;
};

/** Epoch ms at which it is over. */
export const readExpiry = (what: string, ttl: unknown, now: number): number => {
  const parsed = parseDuration(ttl);
  if (!parsed.ok) throw new BindingError(`${what}: ttl: ${parsed.problem}`);
  if (parsed.ms === 0) throw new BindingError(`${what}: ttl must be longer than 0`);
  return now + parsed.ms;
};

export interface PageOptions {
  readonly prefix: string;
  readonly limit: number;
  /** The key to go on after. */
  readonly after?: string;
}

export const readPageOptions = (what: string, value: unknown): PageOptions => {
  const { prefix, cursor, limit } = readOptions(what, value, ['prefix', 'cursor', 'limit']);
  const begin = readPrefix(what, prefix);
  return {
    prefix: begin,
    limit: readLimit(what, limit),
    ...(cursor !== undefined && { after: readCursor(what, cursor, begin) }),
  };
};

/** Opaque to tenants, and no secret. */
export const cursorOf = (key: string): string => Buffer.from(key).toString('base64url');

const readLimit = (what: string, value: unknown): number => {
  if (value === undefined) return DEFAULT_PAGE;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_PAGE) {
    throw new BindingError(`${what}: limit is a whole number from 1 to ${MAX_PAGE}, got ${showValue(value)}`);
  }
  return value;
};

const readCursor = (what: string, value: unknown, prefix: string): string => {
  const key = typeof value === 'string' ? Buffer.from(value, 'base64url').toString() : '';
  if (key === '' || cursorOf(key) !== value || !key.startsWith(prefix) || Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new BindingError(
      `${what}: cursor is not one that a list of this prefix gave. Leave it out to start at the top`,
    );
  }
  return key;
};
