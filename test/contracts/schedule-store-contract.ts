import { describe, expect } from 'vitest';
import type { Schedule, ScheduleStore } from '../../lib/ports/schedule-store.ts';
import { type ContractOptions, withStore } from './contract.ts';

const schedule = (cron: string, nextAt: number, more: Partial<Schedule> = {}): Schedule => ({
  tenant: 'acme',
  workflow: 'Digest',
  cron,
  nextAt,
  ...more,
});

const HOURLY = '0 * * * *';
const DAILY = '0 9 * * MON-FRI';

/** What every `ScheduleStore` does, whatever it stands on. */
export const testScheduleStore = (contract: ContractOptions<ScheduleStore, undefined>): void => {
  describe('a schedule store', () => {
    const test = withStore(contract, () => undefined);

    test('the schedules of a workflow take the place of those that it had', async (store) => {
      await store.put('acme', 'Digest', [schedule(HOURLY, 10), schedule('5 5 * * *', 20)]);
      await store.put('acme', 'Other', [schedule(HOURLY, 30, { workflow: 'Other' })]);
      await store.put('acme', 'Digest', [schedule(DAILY, 40), schedule(HOURLY, 50)]);
      expect(await store.list('acme')).toEqual([
        schedule(HOURLY, 50),
        schedule(DAILY, 40),
        schedule(HOURLY, 30, { workflow: 'Other' }),
      ]);
      expect(await store.get(schedule('5 5 * * *', 0))).toBeUndefined();
      await store.put('acme', 'Digest', []);
      expect(await store.list('acme')).toEqual([schedule(HOURLY, 30, { workflow: 'Other' })]);
    });

    test('those that are due are found over all tenants, earliest first', async (store) => {
      await store.put('acme', 'Digest', [schedule(HOURLY, 300), schedule(DAILY, 100)]);
      await store.put('globex', 'Digest', [schedule(HOURLY, 200, { tenant: 'globex' })]);
      const due = await store.listDue({ until: 200, limit: 10 });
      expect(due).toEqual([schedule(DAILY, 100), schedule(HOURLY, 200, { tenant: 'globex' })]);
      expect(await store.listDue({ until: 99, limit: 10 })).toEqual([]);
      expect(await store.listDue({ until: 300, limit: 1 })).toHaveLength(1);
    });

    test('of two that set one on, one does; of one that is gone nobody does', async (store) => {
      await store.put('acme', 'Digest', [schedule(HOURLY, 100)]);
      const first = schedule(HOURLY, 100);
      expect((await Promise.all([store.advance(first, 200), store.advance(first, 300)])).toSorted()).toEqual([
        false,
        true,
      ]);
      expect(await store.advance(first, 400)).toBe(false);
      await store.put('acme', 'Digest', []);
      expect(await store.advance(schedule(HOURLY, 200), 500)).toBe(false);
      expect(await store.list('acme')).toEqual([]);
    });

    test('a tenant that goes takes its own with it', async (store) => {
      await store.put('acme', 'Digest', [schedule(HOURLY, 100)]);
      await store.put('acme-2', 'Digest', [schedule(HOURLY, 100, { tenant: 'acme-2' })]);
      await store.removeTenant('acme');
      expect(await store.list('acme')).toEqual([]);
      expect(await store.listDue({ until: 100, limit: 10 })).toEqual([schedule(HOURLY, 100, { tenant: 'acme-2' })]);
    });
  });
};
