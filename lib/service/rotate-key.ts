import { DEFAULT_KEY_GRACE_MS } from '../core/limits.ts';
import { isOpen, makeKey } from './api-key.ts';
import type { Dependencies } from './dependencies.ts';
import { keyNotFound } from './refusals.ts';

export interface Rotated {
  readonly keyId: string;
  readonly apiKey: string;
  /** Of the key that it takes the place of, epoch ms. */
  readonly oldExpiresAt: number;
}

/**
 * A new key beside an old one, which goes on until its holders have changed over. One that would have ended earlier still
 * does. A crash between the two leaves both, and the old one without its end.
 * @throws TenonError `key.not_found`
 */
export const rotateKey = async (
  deps: Pick<Dependencies, 'tenants' | 'randomness' | 'clock'>,
  params: { readonly tenant: string; readonly keyId: string; readonly graceMs?: number | undefined },
): Promise<Rotated> => {
  const { tenant, keyId, graceMs = DEFAULT_KEY_GRACE_MS } = params;
  const now = deps.clock.now();
  const old = (await deps.tenants.listKeys(tenant)).find((key) => key.keyId === keyId && isOpen(key, now));
  if (old === undefined) throw keyNotFound();
  const oldExpiresAt = Math.min(old.expiresAt ?? Number.POSITIVE_INFINITY, now + graceMs);
  const { apiKey, stored } = makeKey(deps, tenant);
  await deps.tenants.addKey(stored);
  if (!(await deps.tenants.expireKey(tenant, keyId, oldExpiresAt))) {
    // Revoked in the meantime: who did that wants no other in its place.
    await deps.tenants.removeKey(tenant, stored.keyId);
    throw keyNotFound();
  }
  return { keyId: stored.keyId, apiKey, oldExpiresAt };
};
