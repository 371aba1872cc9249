import { TenonError } from '../core/errors.ts';
import { DEFAULT_CREATES_PER_SECOND, SECOND_MS } from '../core/limits.ts';
import type { CreationAllowance } from '../ports/creation-allowance.ts';
import type { Tenant } from '../ports/tenant-store.ts';
import type { Dependencies } from './dependencies.ts';
import { RecentCounts, takeFromBucket } from './recent-counts.ts';

/** What a process lets through by itself where many count together, and what it then takes at a time: shares of the limit. */
const OWN_SHARE = 0.05;
const TAKEN_SHARE = 0.1;
const MAX_TENANTS = 10_000;

type Needs = Pick<Dependencies, 'clock' | 'creationAllowance'>;

/**
 * Refuses a flood of creations before it reaches a store.
 * @throws TenonError `rate.limited`
 */
export const admitCreation = async (
  { clock, creationAllowance }: Needs,
  tenant: Tenant,
  count: number,
): Promise<void> => {
  const perSecond = tenant.limits.createPerSecond ?? DEFAULT_CREATES_PER_SECOND;
  const now = clock.now();
  const isAdmitted =
    creationAllowance === undefined
      ? takeFromBucket(counts, tenant.id, count, { perSecond, atOnce: perSecond }, now)
      : await takeFromShare(creationAllowance, tenant.id, count, perSecond, now);
  if (isAdmitted) return;
  throw new TenonError('rate.limited', `The tenant may create ${perSecond} instances per second: wait and try again.`, {
    retryAfterS: 1,
  });
};

const counts = new RecentCounts(MAX_TENANTS);

/**
 * Many processes: each lets a small share through by itself, so that whoever creates little costs no count, and takes more
 * from the common allowance in portions. So the whole is exact but for what processes have for themselves.
 */
const takeFromShare = async (
  allowance: CreationAllowance,
  tenant: string,
  count: number,
  perSecond: number,
  now: number,
): Promise<boolean> => {
  const second = Math.floor(now / SECOND_MS);
  const own = Math.floor(perSecond * OWN_SHARE);
  const share = counts.of(tenant, { count: own, at: second });
  if (share.at !== second) {
    share.count = own;
    share.at = second;
  }
  const needed = Math.min(count, perSecond);
  for (const portion of [Math.max(needed, Math.ceil(perSecond * TAKEN_SHARE)), needed]) {
    if (share.count >= needed) break;
    if (await allowance.take({ tenant, count: portion, perSecond, now })) share.count += portion;
  }
  if (share.count < needed) return false;
  share.count -= needed;
  return true;
};
