import { afterEach, describe, expect, it } from 'vitest';
import { GuestIsolate } from '../../lib/executor/guest-isolate.ts';
import { IsolateCache } from '../../lib/executor/isolate-cache.ts';

let made: GuestIsolate[] = [];

afterEach(() => {
  for (const isolate of made) isolate.dispose();
  made = [];
});

const isolate = (key: string): GuestIsolate => {
  const parts = { prelude: '', preludeCache: { data: undefined }, bundleCache: { data: undefined } };
  const one = new GuestIsolate({ key, memoryMb: 8, ...parts, code: '', sourceMap: '{}', onBroken: () => {} });
  made.push(one);
  return one;
};

const alive = (...isolates: readonly GuestIsolate[]): readonly boolean[] =>
  isolates.map(({ isDisposed }) => !isDisposed);

describe('the cache of isolates', () => {
  it('lets go of those of a burst that have rested, and keeps one of each version however long it rests', () => {
    const cache = new IsolateCache({ maxBytes: 1_000, maxIsolates: 10 });
    const [first, second, third, other] = [isolate('a'), isolate('a'), isolate('a'), isolate('b')] as const;
    cache.put(first, 1, 0);
    cache.put(other, 1, 0);
    cache.put(second, 1, 2_000);
    cache.put(third, 1, 2_000);
    cache.trim(3_000, 3_000);
    expect(alive(first, second, third, other)).toEqual([true, true, true, true]);
    cache.trim(3_001, 3_000);
    expect(alive(first, second, third, other)).toEqual([false, true, true, true]);
    cache.trim(60_000, 3_000);
    expect(alive(first, second, third, other)).toEqual([false, false, true, true]);
    expect(cache.size).toBe(2);
    expect([cache.take('a'), cache.take('b'), cache.take('a')]).toEqual([third, other, undefined]);
  });

  it('gives up the least recently used first when its bytes or its number are above their bounds', () => {
    const cache = new IsolateCache({ maxBytes: 100, maxIsolates: 3 });
    const [first, second, third, fourth] = [isolate('a'), isolate('b'), isolate('c'), isolate('d')] as const;
    cache.put(first, 40, 0);
    cache.put(second, 40, 1);
    cache.put(third, 10, 2);
    cache.put(fourth, 5, 3);
    expect(alive(first, second, third, fourth)).toEqual([false, true, true, true]);
    cache.resize(fourth, 60);
    expect(alive(second, third, fourth)).toEqual([false, true, true]);
  });
});
