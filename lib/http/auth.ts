import { hash, timingSafeEqual } from 'node:crypto';
import { TenonError } from '../core/errors.ts';
import { hashKey, holdsKey, isOpen } from '../service/api-key.ts';
import type { Dependencies } from '../service/dependencies.ts';

export type Caller = { readonly kind: 'operator' } | KeyHolder;

/** A tenant, by one of its keys. */
export interface KeyHolder {
  readonly kind: 'tenant';
  readonly tenant: string;
  readonly keyId: string;
}

const BEARER = /^bearer +(\S+)$/i;
const SHA256 = /^[0-9a-f]{64}$/;

/** The SHA-256 of the request's bearer key, lower-case hex. */
export const readKeyHash = (request: Request): string => {
  const header = request.headers.get('authorization');
  if (header === null || header === '') {
    throw new TenonError('auth.missing', 'Send a key: `Authorization: Bearer <key>`.');
  }
  const key = BEARER.exec(header)?.[1];
  if (key === undefined) throw invalidKey();
  return hashKey(key);
};

export const invalidKey = (): TenonError =>
  new TenonError('auth.invalid', 'The key is not known. It may have been revoked or mistyped.');

/** The two ways to know a key. */
export interface Keys {
  isOperator(keyHash: string): boolean;
  /** Whose key this is; read anew each time, so that a revoked key is refused at once. */
  findHolder(keyHash: string): Promise<KeyHolder | undefined>;
  /** Whether a text, such as a header's value, holds a key of ours: it must not be passed on. */
  isSecret(text: string): boolean;
}

/** `operatorKeyHash`: SHA-256 of the operator's key, lower-case hex. */
export const createKeys = (deps: Pick<Dependencies, 'tenants' | 'clock'>, operatorKeyHash: string): Keys => {
  if (!SHA256.test(operatorKeyHash)) throw new Error('operatorKeyHash must be a SHA-256 in lower-case hex');
  const isOperator = (keyHash: string): boolean => areEqual(keyHash, operatorKeyHash);
  return {
    isOperator,
    findHolder: async (keyHash) => {
      const stored = await deps.tenants.findKey(keyHash);
      if (stored === undefined || !areEqual(stored.hash, keyHash) || !isOpen(stored, deps.clock.now()))
        return undefined;
      return { kind: 'tenant', tenant: stored.tenant, keyId: stored.keyId };
    },
    isSecret: (text) => holdsKey(text) || text.split(/[\s,]+/).some((part) => isOperator(hash('sha256', part))),
  };
};

/** In constant time; both are hex of equal length. */
const areEqual = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
