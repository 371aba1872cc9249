import type { Egress, Isolation, Tenant } from '../ports/tenant-store.ts';
import type { Dependencies } from './dependencies.ts';
import { checkedIsolation } from './isolation-levels.ts';
import { tenantNotFound } from './refusals.ts';
import { withoutStrikes } from './strikes.ts';
import { changeLimits, type LimitChanges } from './tenant-limits.ts';
import { wakeAllowed } from './wake-queued.ts';

export interface UpdateTenantParams {
  readonly tenant: string;
  readonly name?: string | undefined;
  readonly isolation?: Isolation | undefined;
  /** Only the limits named are changed. */
  readonly limits?: LimitChanges | undefined;
  readonly egress?: Egress | undefined;
  readonly suspended?: boolean | undefined;
}

/** @throws TenonError `tenant.not_found`, `request.invalid` (a level that there is none of here) */
export const updateTenant = async (
  deps: Pick<Dependencies, 'clock' | 'tenants' | 'isolationLevels' | 'instances' | 'slots' | 'wakes'>,
  params: UpdateTenantParams,
): Promise<Tenant> => {
  const isolation = checkedIsolation(deps, params.isolation);
  const updated = await deps.tenants.changeTenant(params.tenant, (current) => ({
    ...(params.suspended === false ? withoutStrikes(current) : current),
    ...(params.name === undefined ? {} : { name: params.name }),
    isolation: isolation ?? current.isolation,
    limits: changeLimits(current.limits, params.limits ?? {}),
    egress: params.egress ?? current.egress,
    suspended: params.suspended ?? current.suspended,
  }));
  if (updated === undefined) throw tenantNotFound();
  if (params.limits?.concurrent !== undefined)
    await wakeAllowed(deps, { tenant: updated.id }, params.limits.concurrent);
  return updated;
};
