import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Look, PollingChangeWatch } from '../../lib/adapters/aws/polling-change-watch.ts';
import { testChangeWatch } from './change-watch-contract.ts';

const KEY = { tenant: 'acme', workflow: 'Approval', id: 'i-1' };

let watch: PollingChangeWatch;
let row: Look | undefined;
let looks: number;
let errors: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  row = { mark: 'one', isFinal: false };
  looks = 0;
  errors = [];
  watch = new PollingChangeWatch({
    look: async () => {
      looks += 1;
      return row;
    },
    clock: { now: () => Date.now() },
    onError: (error) => errors.push(error),
  });
});
afterEach(() => {
  watch.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms);
};

testChangeWatch({
  setup: async () => ({ watch, now: () => Date.now(), pass }),
  teardown: async () => watch.close(),
});

describe('a change watch that polls', () => {
  const wait = (ms = 20_000): { isOver: boolean } => {
    const seen = { isOver: false };
    void watch.changed(KEY, Date.now() + ms).then(() => {
      seen.isOver = true;
    });
    return seen;
  };

  it('hears of a change that another process made', async () => {
    const seen = wait();
    await pass(5_000);
    expect(seen.isOver).toBe(false);
    row = { mark: 'two', isFinal: false };
    await pass(1_000);
    expect(seen.isOver).toBe(true);
    expect(watch.size).toBe(0);
  });

  it('hears of an end that came before its first look', async () => {
    row = { mark: 'one', isFinal: true };
    const seen = wait();
    await pass(0);
    expect(seen.isOver).toBe(true);
  });

  it('hears of a removal', async () => {
    const seen = wait();
    await pass(10);
    row = undefined;
    await pass(1_000);
    expect(seen.isOver).toBe(true);
  });

  it('looks ever more seldom, once for all who wait, and not at all at what is not there', async () => {
    wait();
    wait();
    await pass(1_000);
    const early = looks;
    expect(early).toBeLessThan(7);
    await pass(10_000);
    expect(looks - early).toBeLessThan(12);
    watch.announce(KEY);
    row = undefined;
    looks = 0;
    wait();
    await pass(10_000);
    expect(looks).toBe(1);
  });

  it('goes on after a look that failed', async () => {
    let isBroken = true;
    watch = new PollingChangeWatch({
      look: async () => {
        if (isBroken) throw new Error('throttled');
        return row;
      },
      clock: { now: () => Date.now() },
      onError: (error) => errors.push(error),
    });
    const seen = wait();
    await pass(500);
    expect(errors.length).toBeGreaterThan(1);
    isBroken = false;
    await pass(1_000);
    row = { mark: 'two', isFinal: false };
    await pass(1_000);
    expect(seen.isOver).toBe(true);
  });

  it('lets everybody go when it is closed', async () => {
    const seen = wait();
    watch.close();
    await pass(0);
    expect([seen.isOver, watch.isClosed, watch.size]).toEqual([true, true, 0]);
  });
});
