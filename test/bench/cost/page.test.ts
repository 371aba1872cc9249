import { describe, expect, it } from 'vitest';
import { marginalStep, usageOf } from '../../../bench/cost/instance-costs.ts';
import { kinds } from '../../../bench/cost/kinds.ts';
import { costSections, recordedCost, shownCost } from '../../../bench/cost/page.ts';
import { writeUnitsOf } from '../../../bench/cost/usage.ts';
import { costResult } from './cost-fixture.ts';

describe('docs/cost.md', () => {
  it('shows what is recorded of W7, at the prices of the table', () => {
    const recorded = recordedCost();
    expect(recorded).toBeDefined();
    expect(recorded && shownCost() === costSections(recorded), 'npm run bench -- report writes it').toBe(true);
  });

  it('keeps to the write units that the design was given', () => {
    const recorded = recordedCost();
    if (recorded === undefined) throw new Error('nothing is recorded');
    expect(writeUnitsOf(usageOf(recorded.kinds.pure))).toBeLessThanOrEqual(6);
    expect(marginalStep(recorded, 'long', kinds.long.work.steps).writeUnits).toBeLessThanOrEqual(0.5);
    expect(marginalStep(recorded, 'effectful', kinds.effectful.work.steps).writeUnits).toBeLessThanOrEqual(1.1 + 1e-9);
  });

  it('cannot lose its marks unnoticed', () => {
    expect(() => shownCost('# Cost')).toThrow('docs/cost.md needs the lines');
  });
});

describe('the tables of a measurement', () => {
  const text = costSections(costResult());

  it('say where and under what load it was made', () => {
    expect(text).toContain(
      'Measured 2026-11-25, commit 0123456789ab; cpu, 2 cores, 24 GB, linux, data on ext4; Node v24.',
    );
    expect(text).toContain('Load average 0.5 before and 2.0 after.');
  });

  it('set a million instances beside what others ask for the same work', () => {
    expect(text).toMatch(/\| ten pure steps +\| \$5\.25 +\| \$250 +\| \$88 +\| \$275 to 550 +\|/);
  });

  it('spread an instance over its steps', () => {
    expect(text).toMatch(/\| pure +\| \$0\.53 +\|/);
  });

  it('say of each price whether it was seen', () => {
    expect(text).toMatch(/\| KMS key +\| 1 a key +\|[^|]*\| AWS's page +\|/);
    expect(text).toMatch(/in tenant isolation[^|]*\| 133\.334 a million +\|[^|]*\| no +\|/);
  });
});
