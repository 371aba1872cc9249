import type { Tenant } from '../ports/tenant-store.ts';
import type { Dependencies } from './dependencies.ts';
import { tenantNotFound } from './refusals.ts';

export type { Egress, Isolation, Tenant } from '../ports/tenant-store.ts';

/** @throws TenonError `tenant.not_found` */
export const readTenant = async (
  deps: Pick<Dependencies, 'tenants'>,
  params: { readonly tenant: string },
): Promise<Tenant> => {
  const tenant = await deps.tenants.getTenant(params.tenant);
  if (tenant === undefined) throw tenantNotFound();
  return tenant;
};
