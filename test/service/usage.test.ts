import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_UNITS } from '../../lib/core/usage.ts';
import { countAsked } from '../../lib/service/asked-usage.ts';
import { readUsage } from '../../lib/service/read-usage.ts';
import { GatheredUsage } from '../../lib/service/usage-meter.ts';
import { createDependencies } from '../http/api.ts';

let fixture: ReturnType<typeof createDependencies>;

beforeEach(() => {
  fixture = createDependencies();
});
afterEach(() => fixture.close());

const flow = { tenant: 'acme', workflow: 'Flow' };

describe('units that gather', () => {
  it('are written down as one sum a day and workflow', async () => {
    const { clock, usage, usageStore } = fixture.deps;
    usage.count(flow, { instances: 1, bytes: 10 });
    usage.count(flow, { steps: 3 });
    clock.at += 86_400_000;
    usage.count(flow, { steps: 1 });
    await usage.flush(usageStore, 0);
    const rows = await usageStore.read({ tenant: 'acme', fromDay: '2026-11-20', toDay: '2026-11-21' });
    expect(rows.map(({ day, units }) => [day, units.steps])).toEqual([
      ['2026-11-20', 3],
      ['2026-11-21', 1],
    ]);
  });

  it('are written down in whole numbers, and the rest is not lost', () => {
    const usage = new GatheredUsage(fixture.clock);
    usage.count(flow, { cpuMs: 0.75 });
    expect(usage.take()).toEqual([]);
    usage.count(flow, { cpuMs: 0.75 });
    expect(usage.take()).toMatchObject([{ units: { cpuMs: 1 } }]);
    usage.count(flow, { cpuMs: 0.5 });
    expect(usage.take()).toMatchObject([{ units: { cpuMs: 1 } }]);
    expect(usage.take()).toEqual([]);
  });

  it('stay for the next time where the store fails', async () => {
    const { usage, usageStore } = fixture.deps;
    usage.count(flow, { steps: 2 });
    const failing = { add: () => Promise.reject(new Error('throttled')) };
    await expect(usage.flush(failing, 0)).rejects.toThrow('throttled');
    usage.count(flow, { steps: 1 });
    await usage.flush(usageStore, 0);
    expect(
      (await readUsage(fixture.deps, { tenant: 'acme', from: fixture.clock.at, to: fixture.clock.at })).total.units,
    ).toEqual({ ...NO_UNITS, steps: 3 });
  });

  it('are not written more often than is asked for', async () => {
    const { clock, usage, usageStore } = fixture.deps;
    const read = () => usageStore.read({ tenant: 'acme', fromDay: '2026-11-20', toDay: '2026-11-20' });
    usage.count(flow, { steps: 1 });
    await usage.flush(usageStore, 10_000);
    usage.count(flow, { steps: 1 });
    clock.at += 9_999;
    await usage.flush(usageStore, 10_000);
    expect(await read()).toMatchObject([{ units: { steps: 1 } }]);
    clock.at += 1;
    await usage.flush(usageStore, 10_000);
    expect(await read()).toMatchObject([{ units: { steps: 2 } }]);
  });
});

describe('what a tenant’s own machine says it has used', () => {
  it('is that tenant’s, whatever it says, and nothing but counts', () => {
    const usage = new GatheredUsage(fixture.clock);
    const negative = {
      workflow: 'Flow',
      units: { steps: -5, cpuMs: Number.POSITIVE_INFINITY, bytes: '9', requests: 1e300 },
    };
    const another = { tenant: 'globex', day: '1970-01-01', workflow: 'Flow', units: { steps: 2, debts: 4 } };
    countAsked(usage, 'acme', [null, 7, { workflow: '../x', units: { steps: 1 } }, negative, another]);
    expect(usage.take()).toEqual([
      { tenant: 'acme', day: '2026-11-20', workflow: 'Flow', units: { ...NO_UNITS, steps: 2 } },
    ]);
  });
});

describe('a report', () => {
  it('has the sum, the workflows by name and the days, each with its price', async () => {
    const { usageStore, clock } = fixture.deps;
    const row = (day: string, workflow: string, steps: number) => ({
      tenant: 'acme',
      day,
      workflow,
      units: { ...NO_UNITS, steps },
    });
    await usageStore.add([
      row('2026-11-19', 'Zeta', 1_000_000),
      row('2026-11-20', 'Alpha', 2_000_000),
      row('2026-11-20', 'Zeta', 1_000_000),
    ]);
    const prices = { currency: 'EUR', perMillion: { ...NO_UNITS, steps: 2 } };
    const report = await readUsage(
      { usageStore, prices },
      { tenant: 'acme', from: clock.at - 86_400_000, to: clock.at },
    );
    expect(report).toMatchObject({ fromDay: '2026-11-19', toDay: '2026-11-20', currency: 'EUR' });
    expect(report.total).toEqual({ units: { ...NO_UNITS, steps: 4_000_000 }, price: 8 });
    expect(report.workflows.map(({ workflow, price }) => [workflow, price])).toEqual([
      ['Alpha', 4],
      ['Zeta', 4],
    ]);
    expect(report.days.map(({ day, price }) => [day, price])).toEqual([
      ['2026-11-19', 2],
      ['2026-11-20', 6],
    ]);
  });
});
