import type { StoredKey } from '../ports/tenant-store.ts';
import type { Dependencies } from './dependencies.ts';

export const listKeys = (
  deps: Pick<Dependencies, 'tenants'>,
  params: { readonly tenant: string },
): Promise<readonly StoredKey[]> => deps.tenants.listKeys(params.tenant);
