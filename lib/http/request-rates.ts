import { TenonError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { type Rate, RecentCounts, takeFromBucket } from '../service/recent-counts.ts';

/** What callers may ask of this process. */
export interface RequestRates {
  /** Of a tenant's keys together, and of those who call its front door. The operator has none. */
  readonly ofTenant: Rate;
  /** Requests of one address that bring no good key. */
  readonly withoutKey: Rate;
}

/** Far above what one tenant gets done on one machine; no caller by mistake comes near 100 bad keys a second. */
export const DEFAULT_RATES: RequestRates = {
  ofTenant: { perSecond: 10_000, atOnce: 10_000 },
  withoutKey: { perSecond: 100, atOnce: 500 },
};

const MAX_NAMES = 10_000;

export interface RateCounter {
  /** @throws TenonError `rate.limited` */
  countRequest(tenant: string): void;
  /** @throws TenonError `rate.limited`, in place of what else is wrong */
  countFailure(address: string | undefined): void;
}

/** `rates` absent: nothing is counted. */
export const createRateCounter = (clock: Clock, rates: RequestRates | undefined): RateCounter => {
  if (rates === undefined) return { countRequest: () => undefined, countFailure: () => undefined };
  const tenants = new RecentCounts(MAX_NAMES);
  const addresses = new RecentCounts(MAX_NAMES);
  const take = (counts: RecentCounts, name: string, rate: Rate, message: string): void => {
    const now = clock.now();
    if (takeFromBucket(counts, name, 1, rate, now)) return;
    const retryAfterS = Math.ceil(1 / rate.perSecond);
    throw new TenonError('rate.limited', message, { retryAfterS });
  };
  return {
    countRequest: (tenant) =>
      take(tenants, tenant, rates.ofTenant, `A tenant may make ${rates.ofTenant.perSecond} requests a second.`),
    countFailure: (address) => {
      if (address === undefined) return;
      take(addresses, networkOf(address), rates.withoutKey, 'Too many requests without a good key: send one, or wait.');
    },
  };
};

/** An IPv4 address, or the first 64 bits of an IPv6 one: whoever has one has all that begin so. */
export const networkOf = (address: string): string => {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  while (tail !== undefined && groups.length + after.length < 8) groups.push('0');
  return [...groups, ...after].slice(0, 4).join(':');
};
