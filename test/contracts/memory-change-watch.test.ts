import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryChangeWatch } from '../../lib/adapters/embedded/memory-change-watch.ts';
import { testChangeWatch } from './change-watch-contract.ts';

const KEY = { tenant: 'acme', workflow: 'Approval', id: 'i-1' };

let watch: MemoryChangeWatch;

beforeEach(() => {
  vi.useFakeTimers();
  watch = new MemoryChangeWatch({ now: () => Date.now() });
});
afterEach(() => {
  vi.useRealTimers();
});

testChangeWatch({
  setup: async () => ({
    watch,
    now: () => Date.now(),
    pass: async (ms) => {
      await vi.advanceTimersByTimeAsync(ms);
    },
  }),
  teardown: async () => watch.close(),
});

describe('a change watch in memory', () => {
  it('keeps neither timer nor listener after a change, after a time-out and after closing', async () => {
    for (const end of [() => watch.announce(KEY), () => vi.advanceTimersByTime(1_000), () => watch.close()]) {
      const waits = [watch.changed(KEY, Date.now() + 1_000), watch.changed(KEY, Date.now() + 500)];
      expect([watch.size, vi.getTimerCount()]).toEqual([2, 2]);
      end();
      await Promise.all(waits);
      expect([watch.size, vi.getTimerCount()]).toEqual([0, 0]);
    }
  });

  it('once closed says so and ends every wait at once, so that nobody waits for a service that goes down', async () => {
    expect(watch.isClosed).toBe(false);
    watch.close();
    expect(watch.isClosed).toBe(true);
    await watch.changed(KEY, Date.now() + 1_000);
    expect([watch.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('takes a time that no timer can hold', () => {
    watch.changed(KEY, Date.now() + 1e12);
    vi.advanceTimersByTime(1_000);
    expect(watch.size).toBe(1);
  });
});
