import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, showValue } from '../../lib/core/durations.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/core/limits.ts';

describe('a duration', () => {
  it.each([
    [0, 0],
    [1, 1],
    [0.2, 1],
    [1500, 1500],
    [366 * DAY_MS, 366 * DAY_MS],
    ['0 seconds', 0],
    ['1 second', SECOND_MS],
    ['10 seconds', 10 * SECOND_MS],
    ['1.5 seconds', 1500],
    ['1 minute', MINUTE_MS],
    ['2 minutes', 2 * MINUTE_MS],
    ['1 hour', HOUR_MS],
    ['24 hours', DAY_MS],
    ['1 day', DAY_MS],
    ['7 days', 7 * DAY_MS],
    ['1 week', 7 * DAY_MS],
    ['2 weeks', 14 * DAY_MS],
    ['1 month', 30 * DAY_MS],
    ['12 months', 360 * DAY_MS],
    ['1 year', 365.25 * DAY_MS],
    ['366 days', 366 * DAY_MS],
  ])('%j is %d ms', (value, ms) => {
    expect(parseDuration(value)).toEqual({ ok: true, ms });
  });

  it.each([
    ['banana', '"banana"'],
    ['5 bananas', '"5 bananas"'],
    ['', '""'],
    ['5', '"5"'],
    ['5  seconds', '"5  seconds"'],
    ['5seconds', '"5seconds"'],
    ['-1 second', '"-1 second"'],
    [' 1 second', '" 1 second"'],
    ['1 second ', '"1 second "'],
    ['1e3 seconds', '"1e3 seconds"'],
    ['1 Second', '"1 Second"'],
    ['Infinity years', '"Infinity years"'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [-1, '-1'],
    [-0.5, '-0.5'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [5n, '5n'],
    [{}, 'a value of type object'],
    [new Date(0), 'a value of type object'],
    [Symbol('s'), 'a value of type symbol'],
  ])('%s is refused, and the refusal names it', (value, shown) => {
    const parsed = parseDuration(value);
    expect(parsed).toMatchObject({ ok: false });
    expect(!parsed.ok && parsed.problem).toContain(`${shown} is not a duration`);
  });

  it.each([366 * DAY_MS + 1, '367 days', '2 years', `${'9'.repeat(60)} years`])(
    '%s is longer than 366 days and refused',
    (value) => {
      expect(parseDuration(value)).toMatchObject({ ok: false, problem: expect.stringContaining('limit of 366 days') });
    },
  );

  it('is whole milliseconds from 0 to 366 days, or a problem, for any value whatever', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const parsed = parseDuration(value);
        if (!parsed.ok) return parsed.problem.length > 0;
        return Number.isInteger(parsed.ms) && parsed.ms >= 0 && parsed.ms <= 366 * DAY_MS;
      }),
    );
  });

  it('shows a long text shortened', () => {
    expect(showValue('x'.repeat(81))).toBe(`"${'x'.repeat(80)}…"`);
    expect(showValue('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`);
  });
});
