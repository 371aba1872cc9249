import { describe, expect, it } from 'vitest';
import { chooseSlot, isAnothers, type SlotRow } from '../../lib/core/slots.ts';

const NOW = 1_000;
const held = (slot: number, more: Partial<SlotRow> = {}): SlotRow => ({
  slot,
  incarnation: `life ${slot}`,
  token: `turn ${slot}`,
  until: NOW + 1,
  ...more,
});
const choose = (rows: readonly SlotRow[], limit: number, incarnation = 'mine') =>
  chooseSlot(rows, { limit, now: NOW, incarnation });

describe('the slots that an instance may ask for', () => {
  it('are all that are not taken, where as many may be at work as there are numbers', () => {
    expect(choose([], 3)).toEqual({ own: undefined, free: [0, 1, 2] });
    expect(choose([held(1)], 3).free).toEqual([0, 2]);
    expect(choose([held(0), held(1)], 2).free).toEqual([]);
  });

  it('are free again at the very moment at which they run out', () => {
    expect(choose([held(0, { until: NOW })], 1).free).toEqual([0]);
    expect(choose([held(0, { until: NOW + 1 })], 1).free).toEqual([]);
  });

  it('are fewer by those beyond a limit that was lowered', () => {
    expect(choose([held(5), held(7)], 3).free).toEqual([0]);
    expect(choose([held(5), held(7), held(9)], 3).free).toEqual([]);
    expect(choose([held(5), held(7), held(9)], 2).free).toEqual([]);
  });

  it('are told beside its own, unless that has run out', () => {
    expect(choose([held(0), held(1, { incarnation: 'mine' })], 2)).toMatchObject({ own: { slot: 1 }, free: [] });
    expect(choose([held(1, { incarnation: 'mine', until: NOW })], 2)).toEqual({ own: undefined, free: [0, 1] });
  });
});

describe('an own slot', () => {
  it('is another turn’s under the same token, or where that one’s lease ends later', () => {
    expect(isAnothers(held(0), 'turn 0', NOW + 5)).toBe(true);
    expect(isAnothers(held(0), 'another', NOW)).toBe(true);
    expect(isAnothers(held(0), 'another', NOW + 1)).toBe(false);
  });
});
