import { makeKey } from './api-key.ts';
import type { Dependencies } from './dependencies.ts';

/** One more key for a tenant; told here and never again. */
export const createKey = async (
  deps: Pick<Dependencies, 'tenants' | 'randomness' | 'clock'>,
  params: { readonly tenant: string },
): Promise<{ readonly keyId: string; readonly apiKey: string }> => {
  const { apiKey, stored } = makeKey(deps, params.tenant);
  await deps.tenants.addKey(stored);
  return { keyId: stored.keyId, apiKey };
};
