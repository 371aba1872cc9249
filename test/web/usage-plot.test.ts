import { describe, expect, it } from 'vitest';
import { layoutPlot, niceCeiling } from '../../lib/web/views/usage/plot-layout.ts';
import { everyDay, lastDays, rangeOf } from '../../lib/web/views/usage/range.ts';

const NOW = Date.parse('2026-03-02T10:00:00.000Z');

describe('the range of days', () => {
  it('is the last thirty, today included, where the address names none', () => {
    expect(rangeOf({}, NOW)).toEqual({ from: '2026-02-01', to: '2026-03-02' });
    expect(lastDays(1, NOW)).toEqual({ from: '2026-03-02', to: '2026-03-02' });
  });

  it('is what the address names, as far as these are days', () => {
    expect(rangeOf({ from: '2026-01-05', to: 'soon' }, NOW)).toEqual({ from: '2026-01-05', to: '2026-03-02' });
    expect(rangeOf({ from: '2026-13-40' }, NOW).from).toBe('2026-02-01');
  });

  it('has each of its days, also those on which nothing was used', () => {
    expect(everyDay({ from: '2026-02-27', to: '2026-03-01' }, [{ day: '2026-02-28', price: 2 }])).toEqual([
      { day: '2026-02-27', price: 0 },
      { day: '2026-02-28', price: 2 },
      { day: '2026-03-01', price: 0 },
    ]);
  });
});

describe('the plot of usage', () => {
  it('ends its axis at a figure whose quarters read well', () => {
    expect([0, 0.00013, 1, 1.1, 3, 47, 1_000].map(niceCeiling)).toEqual([1, 0.0002, 1, 2, 4, 100, 1_000]);
  });

  it('draws a bar a day, as high as its price, within the frame', () => {
    const { bars, marks, width, height } = layoutPlot([
      { day: '2026-03-01', price: 1 },
      { day: '2026-03-02', price: 0 },
      { day: '2026-03-03', price: 2 },
    ]);
    const [first, none, last] = bars;
    expect([none?.height, (last?.height ?? 0) / (first?.height ?? 1)]).toEqual([0, 2]);
    expect(marks.map(({ value }) => value)).toEqual([0, 0.5, 1, 1.5, 2]);
    for (const bar of bars) {
      expect(bar.x).toBeGreaterThan(0);
      expect(bar.x + bar.width).toBeLessThanOrEqual(width);
      expect(bar.y + bar.height).toBeLessThanOrEqual(height);
    }
  });

  it('lets what little was used be seen, and labels no more days than fit', () => {
    const days = Array.from({ length: 90 }, (_, day) => ({ day: `day-${day}`, price: day === 0 ? 100 : 0.001 }));
    const { bars, labels } = layoutPlot(days);
    expect(bars.at(-1)?.height).toBeGreaterThan(1);
    expect(labels.length).toBeLessThanOrEqual(6);
    expect(layoutPlot([]).bars).toEqual([]);
  });
});
