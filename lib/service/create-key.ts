import { invalidField } from '../core/errors.ts';
import { makeKey } from './api-key.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * One more key for a tenant; told here and never again. `expiresAt`: epoch ms from which on it opens nothing.
 * @throws TenonError `request.invalid` (an end that has passed)
 */
export const createKey = async (
  deps: Pick<Dependencies, 'tenants' | 'randomness' | 'clock'>,
  params: { readonly tenant: string; readonly expiresAt?: number | undefined },
): Promise<{ readonly keyId: string; readonly apiKey: string }> => {
  const { tenant, expiresAt } = params;
  if (expiresAt !== undefined && expiresAt <= deps.clock.now())
    throw invalidField('expiresAt', 'must be in the future');
  const { apiKey, stored } = makeKey(deps, tenant, expiresAt);
  await deps.tenants.addKey(stored);
  return { keyId: stored.keyId, apiKey };
};
