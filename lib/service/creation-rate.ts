import { TenonError } from '../core/errors.ts';
import { DEFAULT_CREATES_PER_SECOND, SECOND_MS } from '../core/limits.ts';
import type { Tenant } from '../ports/tenant-store.ts';

interface Bucket {
  tokens: number;
  at: number;
}

const MAX_BUCKETS = 10_000;
const buckets = new Map<string, Bucket>();

/**
 * A token bucket a tenant, one second deep, in this process: it refuses a flood before it reaches a store.
 * @throws TenonError `rate.limited`
 */
export const admitCreation = (tenant: Tenant, count: number, now: number): void => {
  const perSecond = tenant.limits.createPerSecond ?? DEFAULT_CREATES_PER_SECOND;
  const bucket = buckets.get(tenant.id) ?? { tokens: perSecond, at: now };
  bucket.tokens = Math.min(perSecond, bucket.tokens + (Math.max(0, now - bucket.at) / SECOND_MS) * perSecond);
  bucket.at = now;
  buckets.delete(tenant.id);
  buckets.set(tenant.id, bucket);
  if (buckets.size > MAX_BUCKETS) {
    const oldest = buckets.keys().next().value;
    if (oldest !== undefined) buckets.delete(oldest);
  }
  // A batch larger than a second's worth passes when the bucket is full, and leaves a debt.
  if (bucket.tokens < Math.min(count, perSecond)) {
    throw new TenonError(
      'rate.limited',
      `The tenant may create ${perSecond} instances per second: wait and try again.`,
      {
        retryAfterS: 1,
      },
    );
  }
  bucket.tokens -= count;
};
