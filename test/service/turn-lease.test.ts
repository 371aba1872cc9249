import { expect, it } from 'vitest';
import { LEASE_MS, SECOND_MS } from '../../lib/core/limits.ts';
import type { Summary } from '../../lib/ports/instance-store.ts';
import { TurnLease } from '../../lib/service/turn-lease.ts';

const NOW = 1_000_000;

/** What each renewal takes, ms, and what it then answers. */
const leaseWith = (...renewals: readonly { readonly takes: number; readonly isOurs: boolean }[]) => {
  let now = NOW;
  const asked: number[] = [];
  const lease = new TurnLease(
    {
      clock: { now: () => now },
      timer: { after: () => () => {} },
      renewFirst: async () => true,
      instances: {
        renew: async ({ lease: { until } }) => {
          asked.push(until);
          const { takes, isOurs } = renewals[asked.length - 1] ?? { takes: 0, isOurs: false };
          now += takes;
          return isOurs;
        },
      },
    },
    { tenant: 'acme', lease: { owner: 'a', until: NOW + LEASE_MS } } as Summary,
  );
  return { lease, asked, sleep: (ms: number) => (now += ms) };
};

it('is ours without a question until it runs out, and asked for from then on', async () => {
  const { lease, asked, sleep } = leaseWith({ takes: 5, isOurs: true });
  expect(await lease.isHeld()).toBe(true);
  sleep(LEASE_MS - 1);
  expect(await lease.isHeld()).toBe(true);
  expect(asked).toEqual([]);
  sleep(1);
  expect(await lease.isHeld()).toBe(true);
  expect(asked).toEqual([NOW + 2 * LEASE_MS]);
});

it('is not ours for certain where the process stood still while it was renewed (E3)', async () => {
  const gone = leaseWith({ takes: LEASE_MS + 15 * SECOND_MS, isOurs: true }, { takes: 5, isOurs: false });
  gone.sleep(LEASE_MS);
  expect(await gone.lease.isHeld()).toBe(false);
  expect(gone.asked).toHaveLength(2);

  const still = leaseWith({ takes: LEASE_MS + 15 * SECOND_MS, isOurs: true }, { takes: 5, isOurs: true });
  still.sleep(LEASE_MS);
  expect(await still.lease.isHeld()).toBe(true);
});
