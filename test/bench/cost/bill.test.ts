import { describe, expect, it } from 'vitest';
import { dollarsAMonth, dollarsByService, dollarsOf, services } from '../../../bench/cost/bill.ts';
import { meterPrices } from '../../../bench/cost/prices.ts';
import { METERS, minus, sumOf, times, writeUnitsOf } from '../../../bench/cost/usage.ts';

const million = 1_000_000;

describe('the bill', () => {
  it('is prices times amounts, each for its own number of units', () => {
    expect(dollarsOf({ tableWriteUnits: million })).toBeCloseTo(0.625);
    expect(dollarsOf({ readUnits: 8 * million })).toBeCloseTo(1);
    expect(dollarsOf({ keyRequests: 20_000 })).toBeCloseTo(0.06);
    expect(dollarsOf({ logGb: 3 })).toBeCloseTo(1.5);
    expect(dollarsOf({ lambdaGbSeconds: million, lambdaRequests: million })).toBeCloseTo(13.5334);
    expect(dollarsOf({})).toBe(0);
  });

  it('has every meter on exactly one line, so that the lines make the sum', () => {
    const meters = Object.values(services).flat();
    expect(meters.toSorted()).toEqual(METERS.toSorted());
    const usage = Object.fromEntries(METERS.map((meter, index) => [meter, index + 1]));
    const lines = Object.values(dollarsByService(usage));
    expect(lines.reduce((sum, line) => sum + line, 0)).toBeCloseTo(dollarsOf(usage));
  });

  it('takes a fair queue for dearer than a standard one, at every request', () => {
    expect(dollarsOf({ queueRequests: million })).toBeCloseTo(0.5);
  });

  it('counts what only stands there by the month', () => {
    expect(dollarsAMonth('alarmMetric', 22)).toBeCloseTo(2.2);
    expect(dollarsAMonth('tableGb', 4)).toBeCloseTo(1);
  });

  it('says of each price where it is from', () => {
    for (const { source, per, usd } of Object.values(meterPrices)) {
      expect(source).not.toBe('');
      expect(per * usd).toBeGreaterThan(0);
    }
  });
});

describe('amounts', () => {
  it('are added, taken away and multiplied meter by meter', () => {
    const usage = { tableWriteUnits: 3, readUnits: 2 };
    expect(sumOf([usage, { readUnits: 1, logGb: 1 }])).toEqual({ tableWriteUnits: 3, readUnits: 3, logGb: 1 });
    expect(minus(usage, { readUnits: 2, indexWriteUnits: 1 })).toEqual({ tableWriteUnits: 3, indexWriteUnits: -1 });
    expect(times(usage, 0.5)).toEqual({ tableWriteUnits: 1.5, readUnits: 1 });
    expect(writeUnitsOf({ tableWriteUnits: 3, indexWriteUnits: 2 })).toBe(5);
  });
});
