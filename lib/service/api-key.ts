import { hash } from 'node:crypto';
import type { StoredKey } from '../ports/tenant-store.ts';
import type { Dependencies } from './dependencies.ts';

export type { StoredKey } from '../ports/tenant-store.ts';

/** What a tenant's key looks like: recognisable, so that one that strays can be found and stripped. */
const KEY = /tk_[0-9a-f]{32}_[A-Za-z0-9_-]{43}/;

/** SHA-256, lower-case hex: the only form in which a key is kept. */
export const hashKey = (apiKey: string): string => hash('sha256', apiKey);

/** Whether a tenant's key stands anywhere in `text`. */
export const holdsKey = (text: string): boolean => KEY.test(text);

/** Whether the key opens anything at `now`, epoch ms. */
export const isOpen = ({ expiresAt }: Pick<StoredKey, 'expiresAt'>, now: number): boolean =>
  expiresAt === undefined || now < expiresAt;

/** A new key of 256 random bits, and the row to keep of it. */
export const makeKey = (
  deps: Pick<Dependencies, 'randomness' | 'clock'>,
  tenant: string,
  expiresAt?: number,
): { readonly apiKey: string; readonly stored: StoredKey } => {
  const keyId = deps.randomness.id();
  const apiKey = `tk_${keyId}_${deps.randomness.secret()}`;
  const stored = {
    keyId,
    tenant,
    hash: hashKey(apiKey),
    createdAt: deps.clock.now(),
    ...(expiresAt !== undefined && { expiresAt }),
  };
  return { apiKey, stored };
};
