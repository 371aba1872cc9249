import { describe, expect, it } from 'vitest';
import { FairQueue } from '../../../bench/scale/fair-queue.ts';
import { asGiven, raisedFor, scarcestFirst } from '../../../bench/scale/limits.ts';
import { PartitionedStore, partitionUnits } from '../../../bench/scale/partitioned-store.ts';
import { poisson, seeded } from '../../../bench/scale/random.ts';
import { sharesOf } from '../../../bench/scale/tenants.ts';

describe('a store in partitions', () => {
  const keys = Array.from({ length: 64 }, (_, index) => `key-${index}`);
  const unitsOn = (amount: (index: number) => number): Float64Array =>
    Float64Array.from(keys, (_, index) => amount(index));
  const warm = { warmUnits: 4000, quotaUnits: 40_000 };

  it('takes what is spread, up to what it is warm for', () => {
    const store = new PartitionedStore(keys, warm);
    expect(store.partitions).toBe(4);
    expect(
      [
        ...store.take(
          0,
          unitsOn(() => 20),
        ),
      ].every((share) => share === 1),
    ).toBe(true);
    const taken = store.take(
      1,
      unitsOn(() => 1000),
    );
    const sum = [...taken].reduce((total, share) => total + share * 1000, 0);
    expect(sum).toBeGreaterThan(3900);
    expect(sum).toBeLessThanOrEqual(4000.001);
  });

  it('takes no more than a thousand under one key, however often it splits, and spares its neighbours at last', () => {
    const store = new PartitionedStore(keys, warm);
    const units = unitsOn((index) => (index === 0 ? 2500 : 1));
    const first = store.take(0, units);
    expect([...first].filter((share) => share < 1).length).toBeGreaterThan(1);
    let last = first;
    for (let second = 1; second < 3000; second += 1) last = store.take(second, units);
    expect([...last].filter((share) => share < 1).length).toBe(1);
    expect(last[0]).toBeCloseTo(partitionUnits / 2500);
  });

  it('takes twice its peak half an hour later, and never more than its quota', () => {
    const store = new PartitionedStore(keys, { warmUnits: 4000, quotaUnits: 6000 });
    const units = unitsOn(() => 250);
    const takenIn = (second: number): number =>
      [...store.take(second, units)].reduce((sum, share) => sum + share * 250, 0);
    let taken = 0;
    for (let second = 0; second < 1700; second += 1) taken = takenIn(second);
    expect(Math.round(taken)).toBeLessThanOrEqual(4000);
    for (let second = 1700; second < 7200; second += 1) taken = takenIn(second);
    expect(Math.round(taken)).toBe(6000);
  });
});

describe('a fair queue', () => {
  it('gives a quiet tenant all it wants beside one with a backlog', () => {
    const queue = new FairQueue(3);
    queue.add(0, 0, 1000);
    queue.add(1, 0, 5);
    expect([...queue.offer(100)]).toEqual([95, 5, 0]);
  });

  it('hands out the oldest of a tenant first, and counts what still waits with the age that it has', () => {
    const queue = new FairQueue(1);
    queue.add(0, 0, 10);
    queue.add(0, 5, 10);
    queue.take(0, 6, 10);
    expect(queue.size).toBe(10);
    expect(queue.ageAt(0.5, 7)).toBe(2);
    expect(queue.ageAt(1, 7)).toBe(6);
  });
});

describe('chance', () => {
  it('is the same for the same seed, and keeps its mean', () => {
    expect(poisson(seeded(7), 100)).toBe(poisson(seeded(7), 100));
    for (const mean of [0.5, 12, 400]) {
      const random = seeded(1);
      const sum = Array.from({ length: 4000 }, () => poisson(random, mean)).reduce((total, one) => total + one, 0);
      expect(Math.abs(sum / 4000 / mean - 1)).toBeLessThan(0.06);
    }
  });

  it('spreads all of the load over the tenants', () => {
    for (const spread of ['even', 'zipf', 'one hot'] as const) {
      expect(sharesOf(spread).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    }
    expect(sharesOf('one hot')[0]).toBe(0.5);
  });
});

describe('the limit that binds first', () => {
  it('is told once for each store: what lasts before what a split will mend', () => {
    const pressures = new Map([
      ['a partition of the list index', 5],
      ['list entries of one tenant', 4],
      ['writes of the list index', 2],
      ['dispatchers', 0.5],
    ] as const);
    expect(scarcestFirst(pressures)).toEqual([
      ['list entries of one tenant', 4],
      ['dispatchers', 0.5],
    ]);
  });

  it('of what can be asked for is out of the way in an account that asked', () => {
    expect(raisedFor(30_000).requests).toBeGreaterThan(30_000);
    expect(raisedFor(300).tableQuota).toBe(asGiven.tableQuota);
  });
});
