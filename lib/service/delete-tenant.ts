import type { Dependencies } from './dependencies.ts';
import { updateTenant } from './update-tenant.ts';

type Needed = Pick<Dependencies, 'tenants' | 'instances' | 'bundles' | 'blobs' | 'tenantRemovals'>;

/**
 * The tenant with everything it has in every store. It is shut out at once; what it has may be removed later, where there is
 * somebody who does that.
 * @throws TenonError `tenant.not_found`
 */
export const deleteTenant = async (deps: Needed, params: { readonly tenant: string }): Promise<void> => {
  const { tenant } = params;
  await updateTenant(deps, { tenant, suspended: true });
  for (const key of await deps.tenants.listKeys(tenant)) await deps.tenants.removeKey(tenant, key.keyId);
  if (deps.tenantRemovals === undefined) await removeTenantData(deps, params);
  else await deps.tenantRemovals.request(tenant);
};

/**
 * Of a tenant that has been shut out. Its row goes last, so that a removal that was cut off can be asked for again; until
 * then the tenant is suspended and has no keys. One that is in use again is left alone.
 */
export const removeTenantData = async (
  deps: Omit<Needed, 'tenantRemovals'>,
  { tenant }: { readonly tenant: string },
): Promise<void> => {
  const row = await deps.tenants.getTenant(tenant);
  if (row?.suspended !== true) return;
  await removeRows(deps, tenant);
  await deps.tenants.removeTenant(tenant);
  // A call that was let in just before may have written since: the next tenant of this name must not find it.
  await removeRows(deps, tenant);
};

const removeRows = async (deps: Omit<Needed, 'tenantRemovals'>, tenant: string): Promise<void> => {
  await deps.instances.removeTenant(tenant);
  await deps.bundles.removeTenant(tenant);
  await deps.blobs.removeAll(`${tenant}/`);
};
