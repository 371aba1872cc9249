import { describe, expect } from 'vitest';
import { NO_UNITS, type Units } from '../../lib/core/usage.ts';
import type { UsageRow, UsageStore } from '../../lib/ports/usage.ts';
import { type ContractOptions, withStore } from './contract.ts';

const row = (day: string, units: Partial<Units>, more: Partial<UsageRow> = {}): UsageRow => ({
  tenant: 'acme',
  day,
  units: { ...NO_UNITS, ...units },
  ...more,
});

const inJanuary = { tenant: 'acme', fromDay: '2026-01-01', toDay: '2026-01-31' };

/** What every `UsageStore` does, whatever it stands on. */
export const testUsageStore = (contract: ContractOptions<UsageStore, undefined>): void => {
  describe('a usage store', () => {
    const test = withStore(contract, () => undefined);

    test('what is added to one day and workflow is one sum', async (store) => {
      const flow = { workflow: 'Flow' };
      await store.add([row('2026-01-05', { instances: 1, bytes: 40 }, flow), row('2026-01-05', { requests: 1 })]);
      await store.add([row('2026-01-05', { instances: 2, steps: 7, cpuMs: 12 }, flow)]);
      expect(await store.read(inJanuary)).toEqual([
        row('2026-01-05', { requests: 1 }),
        row('2026-01-05', { instances: 3, steps: 7, cpuMs: 12, bytes: 40 }, flow),
      ]);
    });

    test('additions at once are all counted', async (store) => {
      await Promise.all(Array.from({ length: 20 }, () => store.add([row('2026-01-05', { steps: 1 })])));
      expect(await store.read(inJanuary)).toEqual([row('2026-01-05', { steps: 20 })]);
    });

    test('a report has the days that it asks for, both ends included, in order', async (store) => {
      const days = ['2026-02-01', '2026-01-31', '2026-01-01', '2025-12-31'];
      await store.add(days.map((day) => row(day, { requests: 1 }, { workflow: 'Flow' })));
      await store.add([row('2026-01-31', { requests: 1 }, { workflow: 'Another' })]);
      const read = await store.read(inJanuary);
      expect(read.map(({ day, workflow }) => [day, workflow])).toEqual([
        ['2026-01-01', 'Flow'],
        ['2026-01-31', 'Another'],
        ['2026-01-31', 'Flow'],
      ]);
    });

    test('a tenant neither sees nor loses what is another one’s', async (store) => {
      await store.add([row('2026-01-05', { steps: 1 }), row('2026-01-05', { steps: 2 }, { tenant: 'acme-2' })]);
      expect(await store.read(inJanuary)).toEqual([row('2026-01-05', { steps: 1 })]);
      await store.removeTenant('acme');
      expect(await store.read(inJanuary)).toEqual([]);
      expect(await store.read({ ...inJanuary, tenant: 'acme-2' })).toHaveLength(1);
    });

    test('nothing used adds nothing', async (store) => {
      await store.add([]);
      expect(await store.read(inJanuary)).toEqual([]);
    });
  });
};
