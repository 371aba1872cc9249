import type { Dependencies } from './dependencies.ts';
import { keyNotFound } from './refusals.ts';

/**
 * The key is refused from the next call on.
 * @throws TenonError `key.not_found`
 */
export const revokeKey = async (
  deps: Pick<Dependencies, 'tenants'>,
  params: { readonly tenant: string; readonly keyId: string },
): Promise<void> => {
  if (!(await deps.tenants.removeKey(params.tenant, params.keyId))) throw keyNotFound();
};
