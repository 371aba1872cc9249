import { SECOND_MS } from '../core/limits.ts';
import type { Dependencies } from './dependencies.ts';
import { updateTenant } from './update-tenant.ts';

type Needed = Pick<
  Dependencies,
  | 'clock'
  | 'timer'
  | 'checks'
  | 'tenants'
  | 'instances'
  | 'bundles'
  | 'bindings'
  | 'blobs'
  | 'sandbox'
  | 'usage'
  | 'usageStore'
  | 'schedules'
  | 'slots'
  | 'requestLog'
  | 'tenantRemovals'
  | 'wakes'
>;

type Removing = Omit<Needed, 'clock' | 'timer' | 'tenantRemovals' | 'wakes'>;

/** A caller waits so long for the removal, where it can be left to somebody else. */
const REMOVAL_WAIT_MS = 15 * SECOND_MS;

/**
 * The tenant with everything it has in every store. It is shut out at once; where that takes long, and there is somebody to
 * leave it to, what it has is removed afterwards.
 * @throws TenonError `tenant.not_found`
 */
export const deleteTenant = async (deps: Needed, params: { readonly tenant: string }): Promise<void> => {
  const { tenant } = params;
  await updateTenant(deps, { tenant, suspended: true });
  for (const key of await deps.tenants.listKeys(tenant)) await deps.tenants.removeKey(tenant, key.keyId);
  const removal = removeTenantData(deps, params);
  if (deps.tenantRemovals === undefined) return removal;
  const timeIsUp = Promise.withResolvers<'time_is_up'>();
  const cancel = deps.timer.after(REMOVAL_WAIT_MS, () => timeIsUp.resolve('time_is_up'));
  const outcome = await Promise.race([removal, timeIsUp.promise]).finally(cancel);
  if (outcome === 'time_is_up') await deps.tenantRemovals.request(tenant);
};

/**
 * Of a tenant that has been shut out. Its row goes last, so that a removal that was cut off can be asked for again; until
 * then the tenant is suspended and has no keys. One that is in use again is left alone.
 */
export const removeTenantData = async (deps: Removing, { tenant }: { readonly tenant: string }): Promise<void> => {
  const row = await deps.tenants.getTenant(tenant);
  if (row?.suspended !== true) return;
  await removeRows(deps, tenant);
  await deps.tenants.removeTenant(tenant);
  // A call that was let in just before may have written since: the next tenant of this name must not find it.
  await removeRows(deps, tenant);
};

const removeRows = async (deps: Removing, tenant: string): Promise<void> => {
  await deps.instances.removeTenant(tenant);
  await deps.bundles.removeTenant(tenant);
  await deps.checks.removeTenant(tenant);
  // Before the objects: what it ends may be about to write one.
  await deps.sandbox?.removeTenant(tenant);
  await deps.bindings.removeTenant(tenant);
  deps.usage?.forget(tenant);
  await deps.usageStore.removeTenant(tenant);
  await deps.schedules.removeTenant(tenant);
  await deps.slots.removeTenant(tenant);
  await deps.requestLog.removeTenant(tenant);
  await deps.blobs.removeAll(`${tenant}/`);
};
