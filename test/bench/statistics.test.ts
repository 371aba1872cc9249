import { describe, expect, it } from 'vitest';
import { latencyOf, median, quantile, spreadOf } from '../../bench/statistics.ts';

describe('statistics of the benchmark', () => {
  it('takes the middle value of an odd count and the mean of the two middle ones of an even count', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('gives the lowest and the highest value as the ends of the quantiles', () => {
    expect(quantile([5, 9, 1], 0)).toBe(1);
    expect(quantile([5, 9, 1], 1)).toBe(9);
  });

  it('interpolates between the two nearest ranks', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('sorts numbers by size and leaves the given list as it was', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  it('refuses to make a figure from no values', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  it('keeps every round beside the median and the ends', () => {
    expect(spreadOf([30, 10, 20.00049])).toEqual({ median: 20, min: 10, max: 30, rounds: [30, 10, 20] });
  });

  it('orders the figures of a latency', () => {
    const { p50, p90, p99, max } = latencyOf(Array.from({ length: 1001 }, (_, index) => index));
    expect([p50, p90, p99, max]).toEqual([500, 900, 990, 1000]);
  });
});
