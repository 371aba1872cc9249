import type { Dependencies } from './dependencies.ts';
import { updateTenant } from './update-tenant.ts';

type Needed = Pick<Dependencies, 'tenants' | 'instances' | 'bundles' | 'blobs'>;

/**
 * The tenant with everything it has in every store. Its row goes last, so that a deletion that was cut off can be asked
 * for again; until then the tenant is suspended and has no keys.
 * @throws TenonError `tenant.not_found`
 */
export const deleteTenant = async (deps: Needed, params: { readonly tenant: string }): Promise<void> => {
  const { tenant } = params;
  await updateTenant(deps, { tenant, suspended: true });
  for (const key of await deps.tenants.listKeys(tenant)) await deps.tenants.removeKey(tenant, key.keyId);
  await removeData(deps, tenant);
  await deps.tenants.removeTenant(tenant);
  // A call that was let in just before may have written since: the next tenant of this name must not find it.
  await removeData(deps, tenant);
};

const removeData = async (deps: Needed, tenant: string): Promise<void> => {
  await deps.instances.removeTenant(tenant);
  await deps.bundles.removeTenant(tenant);
  await deps.blobs.removeAll(`${tenant}/`);
};
