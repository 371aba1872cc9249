import { afterEach, beforeEach, it } from 'vitest';
import type { Clock } from '../../lib/ports/clock.ts';

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  at: number;

  constructor(at = Date.UTC(2026, 10, 20, 12)) {
    this.at = at;
  }

  now(): number {
    return this.at;
  }
}

export interface ContractOptions<Store, SetupOptions> {
  /** An empty store. */
  setup(options: SetupOptions): Promise<Store>;
  teardown(store: Store): Promise<void>;
  /** Test name to the reason why this adapter cannot run it. */
  readonly skip?: Readonly<Record<string, string>>;
}

/** Gives each test of a suite a store of its own, and skips with its reason what an adapter cannot do. */
export const withStore = <Store, SetupOptions>(
  options: ContractOptions<Store, SetupOptions>,
  setupOptions: () => SetupOptions,
): ((name: string, test: (store: Store) => Promise<void>) => void) => {
  let store: Store | undefined;
  beforeEach(async () => {
    store = await options.setup(setupOptions());
  });
  afterEach(async () => {
    if (store !== undefined) await options.teardown(store);
    store = undefined;
  });
  return (name, test) => {
    it(name, async (context) => {
      const reason = options.skip?.[name];
      if (reason !== undefined) context.skip(reason);
      if (store === undefined) throw new Error('The store was not set up.');
      await test(store);
    });
  };
};
