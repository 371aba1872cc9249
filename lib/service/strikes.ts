import { DAY_MS } from '../core/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Strike, Tenant, TenantStore } from '../ports/tenant-store.ts';

/** How long a strike counts. */
const COUNTS_MS = DAY_MS;
const MAX_KEPT = 20;
export const DEFAULT_SUSPEND_AFTER = 5;

/** Those that count now. */
export const strikesOf = ({ strikes = [] }: Tenant, now: number): readonly Strike[] =>
  strikes.filter(({ at }) => at > now - COUNTS_MS);

/** The operator has looked at them: what comes now counts anew. */
export const withoutStrikes = ({ strikes: _strikes, suspension: _suspension, ...tenant }: Tenant): Tenant => tenant;

/**
 * Writes down that a tenant's code has cost a process that served others too, and suspends the tenant after so many.
 * `suspendAfter`: strikes of one day. @default 5
 */
export const recordStrike = async (
  { clock, tenants }: { readonly clock: Clock; readonly tenants: Pick<TenantStore, 'changeTenant'> },
  { tenant: id, what }: { readonly tenant: string; readonly what: string },
  suspendAfter = DEFAULT_SUSPEND_AFTER,
): Promise<void> => {
  const at = clock.now();
  await tenants.changeTenant(id, (tenant) => {
    const strikes = [...strikesOf(tenant, at), { at, what }].slice(-MAX_KEPT);
    const struck = { ...tenant, strikes };
    if (strikes.length < suspendAfter || tenant.suspended) return struck;
    const times = strikes.length === 1 ? 'once' : `${strikes.length} times`;
    const reason = `Its code has cost the service a process ${times} within a day, the last time since it ${what}.`;
    return { ...struck, suspended: true, suspension: { at, reason } };
  });
};
