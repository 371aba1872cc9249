import { describe, expect, it } from 'vitest';
import { idleStack, idleTenant, keptInstances, waitingHour } from '../../../bench/cost/month.ts';
import { costResult } from './cost-fixture.ts';

const lines = (found: readonly { readonly what: string; readonly usd: number }[]) =>
  Object.fromEntries(found.map(({ what, usd }) => [what, Number(usd.toFixed(3))]));

describe('a month of nothing', () => {
  it('is what stands there, a sweep a minute and five pollers that find nothing', () => {
    expect(lines(idleStack(costResult()))).toEqual({
      'the dashboard': 3,
      'the alarms, which watch 20 metrics': 2,
      'the KMS key': 1,
      '3 metrics of its own': 0.9,
      "the operator's secret": 0.4,
      '5 pollers that ask the queue every 20 s': 0.324,
      // 43,200 times 20.5 read units, a request, 0.05 GB-s and a schedule that rings.
      '43,200 sweeps over 40 shards, 20.5 read units each': 0.191,
    });
  });

  it('is of a tenant only what lies there: rows and the bundle', () => {
    const found = lines(idleTenant(costResult(), 1_000));
    // 3 KB of rows a tenant, at table and backup; 150 KB of objects.
    expect(found).toEqual({ rows: 0.001, 'a bundle of 50 KB, kept 3 times over': 0.003 });
  });

  it('is of a million instances their rows, a kilobyte for each unit of the table at most', () => {
    expect(keptInstances(costResult())).toBeCloseTo((3_000_000 / 1024 ** 2) * 0.45);
  });
});

describe('an hour of waiting', () => {
  it('in a function costs its memory, and both functions at the level that has two', () => {
    const hour = 3_600 * 13.3334e-6;
    expect(waitingHour(costResult(), ['dispatcher'])).toBeCloseTo(3 * hour);
    expect(waitingHour(costResult(), ['dispatcher', 'executor'])).toBeCloseTo(5 * hour);
  });
});
