import type { Tenant } from '../ports/tenant-store.ts';
import type { Dependencies } from './dependencies.ts';

/** @throws TenonError `request.invalid` where the cursor is none that a list gave */
export const listTenants = (
  deps: Pick<Dependencies, 'tenants'>,
  params: { readonly limit: number; readonly cursor?: string },
): Promise<{ readonly items: readonly Tenant[]; readonly cursor?: string }> => deps.tenants.listTenants(params);
