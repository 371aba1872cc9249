import type { StoredKey } from '../ports/tenant-store.ts';
import { isOpen } from './api-key.ts';
import type { Dependencies } from './dependencies.ts';

/** Those that open something. */
export const listKeys = async (
  deps: Pick<Dependencies, 'tenants' | 'clock'>,
  params: { readonly tenant: string },
): Promise<readonly StoredKey[]> => {
  const now = deps.clock.now();
  return (await deps.tenants.listKeys(params.tenant)).filter((key) => isOpen(key, now));
};
