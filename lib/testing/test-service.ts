import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBlobStore } from '../adapters/embedded/file-blob-store.ts';
import { MemoryChangeWatch } from '../adapters/embedded/memory-change-watch.ts';
import { SqliteBundleStore } from '../adapters/embedded/sqlite-bundle-store.ts';
import { SqliteDatabase } from '../adapters/embedded/sqlite-database.ts';
import { SqliteInstanceStore } from '../adapters/embedded/sqlite-instance-store.ts';
import { SqlitePolicyStore } from '../adapters/embedded/sqlite-policy-store.ts';
import { SqliteRequestLog } from '../adapters/embedded/sqlite-request-log.ts';
import { SqliteSlotStore } from '../adapters/embedded/sqlite-slot-store.ts';
import { SqliteTenantStore } from '../adapters/embedded/sqlite-tenant-store.ts';
import { randomness } from '../adapters/node/system.ts';
import { Bindings } from '../bindings/binding-host.ts';
import { EsbuildCompiler } from '../bundle/esbuild-compiler.ts';
import { buildPrelude } from '../bundle/guest-prelude.ts';
import { Supervisor } from '../executor/supervisor.ts';
import type { InstanceStore } from '../ports/instance-store.ts';
import type { TurnStart } from '../ports/turn-messages.ts';
import type { Wake } from '../ports/wake-queue.ts';
import { TurnRunner } from '../service/turn-runner.ts';
import type { Mocks } from './guest/mocks.ts';
import { testExecutor } from './test-executor.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualTime } from './virtual-time.ts';

export const TENANT = 'test';

const GUEST_OF_TESTS = join(import.meta.dirname, 'guest/main.ts');
const MAX_TURNS = 64;

export type TestService = Awaited<ReturnType<typeof openTestService>>;

/**
 * The service as `lib/embedded.ts` composes it, for one tenant: the same turns, stores, compiler and isolates. What differs
 * is that its time is virtual, that nothing listens, and that its guests hear of mocks.
 */
export const openTestService = async (params: {
  /** Virtual, epoch ms. */
  readonly startsAt: number;
  readonly mocksOf: (start: TurnStart) => Mocks;
}) => {
  const prelude = await buildPrelude(GUEST_OF_TESTS);
  const folder = mkdtempSync(join(tmpdir(), 'tenon-testing-'));
  let failure: unknown;
  const onError = (error: unknown): void => {
    failure ??= error;
  };
  const clock = new VirtualClock(params.startsAt);
  const database = new SqliteDatabase(join(folder, 'tenon.db'));
  const instances = withEndlessLeases(new SqliteInstanceStore(database, { clock }));
  const bindings = new Bindings();
  const compiler = new EsbuildCompiler();
  const executor = testExecutor(new Supervisor({ prelude }), { clock, mocksOf: params.mocksOf });
  const watch = new MemoryChangeWatch(clock);
  const deps = {
    clock,
    // What waits for real time here: leases that need no renewal, and writers in other processes, which there are not.
    timer: { after: () => () => {} },
    randomness,
    instances,
    tenants: new SqliteTenantStore(database),
    bundles: new SqliteBundleStore(database),
    slots: new SqliteSlotStore(database),
    requestLog: new SqliteRequestLog(database),
    policies: new SqlitePolicyStore(database),
    blobs: new FileBlobStore(join(folder, 'blobs')),
    vault: { seal: async (text: string) => text, open: async (text: string) => text },
    // What is due later is found in the store, when time has come to it.
    wakes: {
      wake: async (wake: Wake) => {
        if (wake.at === undefined || wake.at <= clock.now()) runner.wake(wake);
      },
    },
    watch,
    compiler,
    executor,
    bindings,
  };
  const runner: TurnRunner = new TurnRunner(deps, { owner: randomness.id(), maxTurns: MAX_TURNS, onError });
  const time = new VirtualTime({ clock, instances, runner, failure: () => failure });
  return {
    deps,
    clock,
    time,
    bindings,
    /** Ends every process and removes what was kept. */
    close: async (): Promise<void> => {
      watch.close();
      await runner.close();
      await Promise.all([executor.close(), compiler.close(), bindings.close()]);
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Nobody else claims here: a lease must not run out because time has jumped. */
const withEndlessLeases = (store: SqliteInstanceStore): InstanceStore =>
  new Proxy<InstanceStore>(store, {
    get: (_, name: keyof InstanceStore) => {
      if (name === 'claim') {
        const claim: InstanceStore['claim'] = (params) =>
          store.claim({ ...params, lease: { ...params.lease, until: Number.MAX_SAFE_INTEGER } });
        return claim;
      }
      const value: unknown = store[name];
      return typeof value === 'function' ? value.bind(store) : value;
    },
  });
