import { describe, expect } from 'vitest';
import type { ChangeWatch } from '../../lib/ports/change-watch.ts';
import type { InstanceKey } from '../../lib/ports/instance-store.ts';
import { type ContractOptions, withStore } from './contract.ts';

const KEY: InstanceKey = { tenant: 'acme', workflow: 'Approval', id: 'i-1' };

export interface ChangeWatchUnderTest {
  readonly watch: ChangeWatch;
  now(): number;
  /** Lets that much time pass for the watch. */
  pass(ms: number): Promise<void>;
}

/** What every `ChangeWatch` does, whatever it stands on. */
export const testChangeWatch = (contract: ContractOptions<ChangeWatchUnderTest, undefined>): void => {
  describe('a change watch', () => {
    const test = withStore(contract, () => undefined);

    /** Whether the promise has been resolved so far. */
    const observe = (promise: Promise<void>): { isOver: boolean } => {
      const seen = { isOver: false };
      promise.then(() => {
        seen.isOver = true;
      });
      return seen;
    };

    test('everybody who waits for an instance learns of its next change', async ({ watch, now, pass }) => {
      const waits = [observe(watch.changed(KEY, now() + 1_000)), observe(watch.changed({ ...KEY }, now() + 2_000))];
      await pass(10);
      expect(waits.map((wait) => wait.isOver)).toEqual([false, false]);
      watch.announce(KEY);
      await pass(0);
      expect(waits.map((wait) => wait.isOver)).toEqual([true, true]);
    });

    test('without a change the wait ends at its time', async ({ watch, now, pass }) => {
      const wait = observe(watch.changed(KEY, now() + 1_000));
      await pass(999);
      expect(wait.isOver).toBe(false);
      await pass(1);
      expect(wait.isOver).toBe(true);
    });

    test('a time that is over ends the wait at once', async ({ watch, now }) => {
      await watch.changed(KEY, now());
      await watch.changed(KEY, now() - 1);
    });

    test('a change of another instance, workflow or tenant is none of this one', async ({ watch, now, pass }) => {
      const wait = observe(watch.changed(KEY, now() + 1_000));
      for (const other of [{ id: 'i-2' }, { workflow: 'Other' }, { tenant: 'globex' }])
        watch.announce({ ...KEY, ...other });
      await pass(0);
      expect(wait.isOver).toBe(false);
    });

    test('one wait that ends by time leaves the others waiting', async ({ watch, now, pass }) => {
      const short = observe(watch.changed(KEY, now() + 100));
      const long = observe(watch.changed(KEY, now() + 1_000));
      await pass(100);
      expect([short.isOver, long.isOver]).toEqual([true, false]);
      watch.announce(KEY);
      await pass(0);
      expect(long.isOver).toBe(true);
    });
  });
};
