import { showValue } from '../core/durations.ts';
import { MAX_STORAGE_WRITES, type StorageWrite } from '../ports/tenant-storage.ts';
import { encodeStored, type Fields, readExpiry, readFields, readKey, readOptions } from './arguments.ts';
import { BindingError } from './binding-error.ts';

/** What tenant code hands to `env.STORAGE`, checked whole. */

const MAX_ETAG_LENGTH = 128;

/** Their names in `transaction`, each with what else its kind may have. */
const KINDS = {
  put: ['value', 'ifMatch', 'ttl'],
  delete: ['ifMatch'],
  check: ['ifMatch'],
} as const;
const FORM = '{ put: key, value, ifMatch?, ttl? }, { delete: key, ifMatch? } or { check: key, ifMatch }';

/** @throws BindingError names what was called and what to write instead */
export const readPut = (what: string, [key, value, options]: readonly unknown[], now: number): StorageWrite => {
  const { ifMatch, ttl } = readOptions(what, options, ['ifMatch', 'ttl']);
  return putOf(what, { put: key, value, ifMatch, ttl }, now);
};

/** @throws BindingError */
export const readDelete = (what: string, [key, options]: readonly unknown[]): StorageWrite =>
  deleteOf(what, { delete: key, ...readOptions(what, options, ['ifMatch']) });

/** @throws BindingError */
export const readWrites = (what: string, value: unknown, now: number): readonly StorageWrite[] => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_STORAGE_WRITES) {
    throw new BindingError(`${what} takes a list of 1 to ${MAX_STORAGE_WRITES} writes: ${FORM}`);
  }
  const writes = Array.from(value, (one, index) => readWrite(`${what}: write ${index}`, one, now));
  const keys = new Set<string>();
  for (const { key } of writes) {
    if (keys.has(key))
      throw new BindingError(`${what}: two writes have the key ${showValue(key)}. One of them is enough`);
    keys.add(key);
  }
  return writes;
};

const readWrite = (what: string, value: unknown, now: number): StorageWrite => {
  const fields = readFields(what, value, FORM);
  const [kind, ...others] = (['put', 'delete', 'check'] as const).filter((name) => name in fields);
  if (kind === undefined || others.length > 0) throw new BindingError(`${what} is one of ${FORM}`);
  const allowed: readonly string[] = [kind, ...KINDS[kind]];
  const unknown = Object.keys(fields).find((name) => !allowed.includes(name));
  if (unknown !== undefined) throw new BindingError(`${what} has no field ${showValue(unknown)}: it takes ${FORM}`);
  switch (kind) {
    case 'put':
      return putOf(what, fields, now);
    case 'delete':
      return deleteOf(what, fields);
    case 'check': {
      const ifMatch = readIfMatch(what, fields.ifMatch);
      if (ifMatch === undefined)
        throw new BindingError(`${what} needs ifMatch: an etag, or null for a key that is not there`);
      return { kind: 'check', key: readKey(what, fields.check), ifMatch };
    }
  }
};

const putOf = (what: string, fields: Fields, now: number): StorageWrite => {
  const key = readKey(what, fields.put);
  const value = encodeStored(what, fields.value);
  const ifMatch = readIfMatch(what, fields.ifMatch);
  const expiresAt = fields.ttl === undefined ? undefined : readExpiry(what, fields.ttl, now);
  return {
    kind: 'put',
    key,
    value,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(ifMatch !== undefined && { ifMatch }),
  };
};

const deleteOf = (what: string, fields: Fields): StorageWrite => {
  const ifMatch = readIfMatch(what, fields.ifMatch);
  if (ifMatch === null)
    throw new BindingError(`${what}: ifMatch is an etag, got null: what is not there cannot be deleted`);
  return { kind: 'delete', key: readKey(what, fields.delete), ...(ifMatch !== undefined && { ifMatch }) };
};

const readIfMatch = (what: string, value: unknown): string | null | undefined => {
  if (value === undefined || value === null) return value;
  if (typeof value === 'string' && value !== '' && value.length <= MAX_ETAG_LENGTH && value.isWellFormed())
    return value;
  throw new BindingError(
    `${what}: ifMatch is an etag that put or get gave, or null for "not there yet", got ${showValue(value)}`,
  );
};
