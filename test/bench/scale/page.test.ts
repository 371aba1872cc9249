import { describe, expect, it } from 'vitest';
import { asGiven, raisedFor } from '../../../bench/scale/limits.ts';
import { scaleTable, shownTable } from '../../../bench/scale/page.ts';
import { simulate } from '../../../bench/scale/simulate.ts';
import { DUE_SHARDS } from '../../../lib/adapters/aws/dynamodb-keys.ts';

describe('docs/scale.md', () => {
  it('shows the table that the simulation gives', { timeout: 180_000 }, () => {
    expect(shownTable()).toBe(scaleTable());
  });

  it('cannot lose its marks unnoticed', () => {
    expect(() => shownTable('# Scale')).toThrow('docs/scale.md needs the lines');
  });
});

describe('the simulation', () => {
  it('creates all of 300 instances a second on a fresh account', () => {
    const { created, pressures } = simulate({ rate: 300, spread: 'zipf', account: asGiven });
    expect(created).toBe(1);
    expect(pressures.every(([, pressure]) => pressure < 1)).toBe(true);
  });

  it('holds one tenant to a thousand creations a second, whatever was asked for', { timeout: 60_000 }, () => {
    const { created, pressures } = simulate({ rate: 3000, spread: 'one hot', account: raisedFor(3000) });
    expect(pressures[0]?.[0]).toBe('list entries of one tenant');
    // 1,500 others and 1,000 of the hot one.
    expect(created).toBeCloseTo(2500 / 3000, 1);
  });

  it('carries by each shard of the wake index what a partition takes, two writes an instance', {
    timeout: 60_000,
  }, () => {
    const { created } = simulate({ rate: 30_000, spread: 'even', account: raisedFor(30_000) });
    expect(created).toBeCloseTo((DUE_SHARDS * 1000) / 2 / 30_000, 1);
  });
});
