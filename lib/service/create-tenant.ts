import { TenonError } from '../core/errors.ts';
import type { Egress, Isolation, Tenant } from '../ports/tenant-store.ts';
import { makeKey } from './api-key.ts';
import type { Dependencies } from './dependencies.ts';
import { checkedIsolation } from './isolation-levels.ts';
import { changeLimits, type LimitChanges } from './tenant-limits.ts';

export interface CreateTenantParams {
  readonly id: string;
  readonly name?: string | undefined;
  readonly isolation?: Isolation | undefined;
  readonly limits?: LimitChanges | undefined;
  readonly egress?: Egress | undefined;
}

/**
 * A tenant with its first key; the key is told here and never again.
 * @throws TenonError `tenant.already_exists`, `request.invalid` (a level that there is none of here)
 */
export const createTenant = async (
  deps: Pick<Dependencies, 'tenants' | 'randomness' | 'clock' | 'isolationLevels'>,
  params: CreateTenantParams,
): Promise<{ readonly tenant: Tenant; readonly keyId: string; readonly apiKey: string }> => {
  const tenant: Tenant = {
    id: params.id,
    ...(params.name === undefined ? {} : { name: params.name }),
    isolation: checkedIsolation(deps, params.isolation) ?? deps.isolationLevels?.[0] ?? 'isolate',
    limits: changeLimits({}, params.limits ?? {}),
    egress: params.egress ?? 'none',
    suspended: false,
    createdAt: deps.clock.now(),
  };
  const { apiKey, stored } = makeKey(deps, tenant.id);
  if ((await deps.tenants.createTenant(tenant, stored)) === 'already_exists') {
    throw new TenonError('tenant.already_exists', 'A tenant with this id already exists. Choose another id.');
  }
  return { tenant, keyId: stored.keyId, apiKey };
};
