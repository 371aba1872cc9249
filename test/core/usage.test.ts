import { describe, expect, it } from 'vitest';
import { addUnits, DEFAULT_PRICES, dayOf, NO_UNITS, priceOf, readPrices } from '../../lib/core/usage.ts';

describe('units', () => {
  it('add up, each by itself', () => {
    const some = { instances: 1, steps: 2, cpuMs: 3, bytes: 4, requests: 5 };
    expect(addUnits(some, { steps: 10 })).toEqual({ ...some, steps: 12 });
    expect(addUnits(some, {})).toEqual(some);
    expect(addUnits(some, some)).toEqual({ instances: 2, steps: 4, cpuMs: 6, bytes: 8, requests: 10 });
  });

  it('belong to a day of UTC', () => {
    expect(dayOf(Date.UTC(2026, 0, 31, 23, 59, 59, 999))).toBe('2026-01-31');
    expect(dayOf(Date.UTC(2026, 1, 1))).toBe('2026-02-01');
  });
});

describe('a price', () => {
  it('is that of a million, by the share', () => {
    const prices = { currency: 'EUR', perMillion: { ...NO_UNITS, instances: 10, steps: 2 } };
    expect(priceOf({ ...NO_UNITS, instances: 500_000, steps: 1_000_000, cpuMs: 9 }, prices)).toBe(7);
    expect(priceOf(NO_UNITS, prices)).toBe(0);
  });

  it('has no more digits than a billionth of the currency', () => {
    expect(priceOf({ ...NO_UNITS, steps: 1, requests: 1 }, DEFAULT_PRICES)).toBe(0.00000246);
  });
});

describe('prices as an operator writes them', () => {
  const perMillion = { instances: 1, steps: 2, cpuMs: 0, bytes: 0.5, requests: 3 };

  it('are taken as they are', () => {
    expect(readPrices({ currency: 'EUR', perMillion })).toEqual({ currency: 'EUR', perMillion });
  });

  it.each([
    [null, 'prices must be { currency, perMillion }'],
    [[], 'prices must be { currency, perMillion }'],
    [{ currency: 'EUR', perMillion, vat: 19 }, 'prices have no field "vat"'],
    [{ currency: 'euro', perMillion }, 'currency must be three capital letters, such as "USD"'],
    [{ perMillion }, 'currency must be three capital letters, such as "USD"'],
    [{ currency: 'EUR' }, 'perMillion must have a number for each of instances, steps, cpuMs, bytes, requests'],
    [
      { currency: 'EUR', perMillion: { ...perMillion, seats: 1 } },
      'perMillion has no unit "seats": there are instances, steps, cpuMs, bytes, requests',
    ],
    [{ currency: 'EUR', perMillion: { ...perMillion, steps: -1 } }, 'perMillion.steps must be a number from 0'],
    [{ currency: 'EUR', perMillion: { ...perMillion, steps: '2' } }, 'perMillion.steps must be a number from 0'],
    [{ currency: 'EUR', perMillion: { ...perMillion, bytes: Number.NaN } }, 'perMillion.bytes must be a number from 0'],
    [{ currency: 'EUR', perMillion: { instances: 1 } }, 'perMillion.steps must be a number from 0'],
  ])('%j are refused', (value, problem) => {
    expect(readPrices(value)).toEqual({ problem });
  });
});
