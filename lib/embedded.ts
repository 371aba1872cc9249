import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openDataFolder } from './adapters/embedded/data-folder.ts';
import { FileBlobStore } from './adapters/embedded/file-blob-store.ts';
import { FileVault } from './adapters/embedded/file-vault.ts';
import { HmacDownloadSigner } from './adapters/embedded/hmac-download-signer.ts';
import { HmacUploadSigner } from './adapters/embedded/hmac-upload-signer.ts';
import { refuseTakenPort, serveHttp } from './adapters/embedded/http-server.ts';
import { MemoryChangeWatch } from './adapters/embedded/memory-change-watch.ts';
import { MemoryTenantCache } from './adapters/embedded/memory-tenant-cache.ts';
import { MemoryWakeQueue } from './adapters/embedded/memory-wake-queue.ts';
import { NamespacedSandbox } from './adapters/embedded/sandbox/namespaced-sandbox.ts';
import { SqliteAuditLog } from './adapters/embedded/sqlite-audit-log.ts';
import { SqliteBundleStore } from './adapters/embedded/sqlite-bundle-store.ts';
import { SqliteCheckStore } from './adapters/embedded/sqlite-check-store.ts';
import { SqliteDatabase } from './adapters/embedded/sqlite-database.ts';
import { SqliteInstanceStore } from './adapters/embedded/sqlite-instance-store.ts';
import { SqlitePolicyStore } from './adapters/embedded/sqlite-policy-store.ts';
import { SqliteRequestLog } from './adapters/embedded/sqlite-request-log.ts';
import { SqliteScheduleStore } from './adapters/embedded/sqlite-schedule-store.ts';
import { SqliteSlotStore } from './adapters/embedded/sqlite-slot-store.ts';
import { SqliteTenantStorage } from './adapters/embedded/sqlite-tenant-storage.ts';
import { SqliteTenantStore } from './adapters/embedded/sqlite-tenant-store.ts';
import { SqliteUsageStore } from './adapters/embedded/sqlite-usage-store.ts';
import { makeTracer } from './adapters/node/otel-tracer.ts';
import { PageFolder } from './adapters/node/page-folder.ts';
import { repeat } from './adapters/node/repeat.ts';
import { clock, randomness, timer } from './adapters/node/system.ts';
import { Bindings } from './bindings/binding-host.ts';
import { bucketBinding } from './bindings/bucket.ts';
import { cacheBinding } from './bindings/cache.ts';
import type { BindingDefinition } from './bindings/define-binding.ts';
import { fetchBinding } from './bindings/fetch/fetch-binding.ts';
import { queueBinding } from './bindings/queue.ts';
import { sandboxBinding } from './bindings/sandbox.ts';
import { tellStep } from './bindings/sandbox-outcome.ts';
import { storageBinding } from './bindings/storage.ts';
import { TenantObjects } from './bindings/tenant-objects.ts';
import { workflowsBinding } from './bindings/workflows.ts';
import { EsbuildCompiler } from './bundle/esbuild-compiler.ts';
import { buildPrelude } from './bundle/guest-prelude.ts';
import type { Prices } from './core/usage.ts';
import { Supervisor } from './executor/supervisor.ts';
import { createApp } from './http/app.ts';
import { DEFAULT_RATES } from './http/request-rates.ts';
import { backgroundChecks } from './service/background-checks.ts';
import type { Dependencies } from './service/dependencies.ts';
import { fireSchedules } from './service/fire-schedules.ts';
import { createInstanceUseCases } from './service/instance-use-cases.ts';
import type { LoadTurn } from './service/load-turn.ts';
import { removeExpired } from './service/remove-expired.ts';
import { resumeChecks } from './service/resume-checks.ts';
import { resumeValidations } from './service/resume-validations.ts';
import { runValidation } from './service/run-validation.ts';
import { recordStrike } from './service/strikes.ts';
import { TurnRunner } from './service/turn-runner.ts';
import { GatheredUsage } from './service/usage-meter.ts';
import { createWorkflowControl } from './service/workflow-control.ts';

export interface EmbeddedOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly host: string;
  readonly dataFolder: string;
  readonly allowPrivateEgress: boolean;
  /** Whether tenants may run commands in sandboxes. */
  readonly sandbox?: boolean;
  /** Whether they may where this machine cannot contain them. */
  readonly allowUnsafeSandbox?: boolean;
  /** After so many processes that its code has cost within a day a tenant is suspended. @default 5 */
  readonly suspendAfterStrikes?: number;
  /** @default the one in the data folder, made at the first start */
  readonly operatorKey?: string;
  /** `http://host:port` at which callers reach this service: tenants' links lead there. @default where it listens */
  readonly publicUrl?: string;
  /** What tenants get in `env` beside what the platform brings. */
  readonly bindings?: readonly BindingDefinition[];
  /** Which version a turn runs, in what context, and who hears of it: see `docs/extending.md`. @default the pinned one */
  readonly loadRunner?: LoadTurn;
  /** What tenants are asked for what they use. @default about what AWS bills for it */
  readonly prices?: Prices;
  readonly print: (line: string) => void;
}

export interface Embedded {
  /** `http://host:port` */
  readonly url: string;
  readonly operatorKey: string;
  /** The data folder was empty. */
  readonly isFirstStart: boolean;
  /** Process ids of the executors. */
  readonly executorPids: readonly number[];
  close(): Promise<void>;
}

/** Where `npm run page` builds the page. */
const PAGE_FOLDER = fileURLToPath(new URL('../web.out', import.meta.url));
const MAX_TURNS = 256;
/** A crash loses what was counted since. */
const WRITE_USAGE_EVERY_MS = 1_000;
/** An instance reads as not found from the moment on at which its retention is over: what is left of it has time. */
const REMOVE_EXPIRED_EVERY_MS = 10_000;
const FIRE_SCHEDULES_EVERY_MS = 1_000;

/** Everything on one machine: SQLite and files, executors beside it, HTTP in front. @throws DataFolderError */
export const startEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const folder = openDataFolder(options.dataFolder);
  // Known before anything is made: a start that fails here leaves the first start to the next one.
  await refuseTakenPort(options);
  const isFirstStart = !existsSync(folder.file('tenon.db'));
  const onError = (error: unknown, context?: object): void => logError(options.print, error, context);
  const tracer = makeTracer();

  const database = new SqliteDatabase(folder.file('tenon.db'));
  const instances = new SqliteInstanceStore(database, { clock });
  const slots = new SqliteSlotStore(database);
  const wakes = new MemoryWakeQueue({ instances, clock, onError });
  const watch = new MemoryChangeWatch(clock);
  const bindings = new Bindings([], { onError });
  const tenants = new SqliteTenantStore(database);
  const executor = new Supervisor({
    prelude: await buildPrelude(),
    onStrike: (strike) => void recordStrike({ clock, tenants }, strike, options.suspendAfterStrikes).catch(onError),
  });
  const compiler = new EsbuildCompiler();
  const blobs = new FileBlobStore(folder.file('blobs'));
  const usage = new GatheredUsage(clock);
  const sandbox = new NamespacedSandbox({
    folder: folder.file('sandboxes'),
    blobs,
    isOn: options.sandbox === true,
    isUnsafeAllowed: options.allowUnsafeSandbox === true,
    onEnd: tellStep((completion) => useCases.completeDeferred(completion), usage),
    onError,
  });
  const storage = new SqliteTenantStorage(folder.file('storage'));
  const objectRows = new SqliteTenantStorage(folder.file('buckets'));
  const usageStore = new SqliteUsageStore(database);
  const writeUsage = (): Promise<void> => usage.flush(usageStore, 0).catch(onError);
  const base: Dependencies = {
    clock,
    timer,
    randomness,
    instances,
    tenants,
    bundles: new SqliteBundleStore(database),
    checks: new SqliteCheckStore(database),
    checkRuns: { request: (check) => checks.request(check) },
    blobs,
    uploads: new HmacUploadSigner(folder.file('upload-key')),
    downloads: new HmacDownloadSigner(folder.file('download-key')),
    vault: new FileVault(folder.file('vault-key')),
    wakes,
    watch,
    compiler,
    executor,
    bindings,
    sandbox,
    usage,
    usageStore,
    schedules: new SqliteScheduleStore(database),
    audit: new SqliteAuditLog(database),
    requestLog: new SqliteRequestLog(database),
    policies: new SqlitePolicyStore(database),
    slots,
    ...(tracer !== undefined && { tracer }),
    ...(options.prices !== undefined && { prices: options.prices }),
  };
  const checks = backgroundChecks(base, { onError });
  const runner = new TurnRunner(base, {
    owner: randomness.id(),
    maxTurns: MAX_TURNS,
    onError,
    ...(options.loadRunner !== undefined && { loadRunner: options.loadRunner }),
  });
  const deps: Dependencies = { ...base, firstTurns: runner };
  const useCases = createInstanceUseCases(deps);
  bindings.add(fetchBinding({ allowPrivateEgress: options.allowPrivateEgress }));
  const control = createWorkflowControl(deps);
  bindings.add(workflowsBinding(control));
  bindings.add(queueBinding(control));
  bindings.add(sandboxBinding({ randomness, ...(options.sandbox && { sandbox }) }));
  bindings.add(storageBinding({ storage, clock, randomness }));
  const objects = new TenantObjects({ rows: objectRows, blobs, clock, randomness });
  bindings.add(bucketBinding({ objects, downloads: deps.downloads, clock, origin: () => options.publicUrl ?? url }));
  bindings.add(cacheBinding({ cache: new MemoryTenantCache(), clock }));
  for (const binding of options.bindings ?? []) bindings.add(binding);

  const operatorKey = options.operatorKey ?? readOrMakeOperatorKey(folder.file('operator-key'), options.print);
  const app = createApp(deps, useCases, {
    operatorKeyHash: createHash('sha256').update(operatorKey).digest('hex'),
    rates: DEFAULT_RATES,
    page: { files: new PageFolder(PAGE_FOLDER) },
    startValidation: (bundle) => void runValidation(base, { ...bundle, onError }),
    onError: (error, context) => logError(options.print, error, context),
  });

  // Only one process owns the folder: whatever held a lease is gone.
  await instances.releaseAllLeases(clock.now());
  await slots.clear();
  wakes.start((wake) => runner.wake(wake));
  await resumeValidations(deps, { onError });
  await resumeChecks(deps);
  await sandbox.open();
  const removing = repeat(REMOVE_EXPIRED_EVERY_MS, () => removeExpired(base), onError);
  const firing = repeat(FIRE_SCHEDULES_EVERY_MS, () => fireSchedules(deps, { onError }), onError);
  const writingUsage = setInterval(() => void writeUsage(), WRITE_USAGE_EVERY_MS);
  if (options.sandbox && options.allowUnsafeSandbox) {
    options.print(
      'warning: sandboxed commands run without containment where this machine has none (--allow-unsafe-sandbox)',
    );
  }
  const server = await serveHttp({ fetch: app.fetch, port: options.port, host: options.host });
  const { url } = server;
  options.print(`listening ${url}`);

  return {
    url,
    operatorKey,
    isFirstStart,
    get executorPids() {
      return executor.pids;
    },
    close: async () => {
      wakes.stop();
      watch.close();
      const answered = server.close();
      const checked = checks.close();
      await Promise.all([removing.stop(), firing.stop()]);
      await runner.close();
      await sandbox.close();
      await answered;
      await Promise.all([executor.close(), compiler.close(), bindings.close()]);
      await checked;
      clearInterval(writingUsage);
      await Promise.all([writeUsage(), tracer?.flush()]);
      storage.close();
      objectRows.close();
      database.close();
      folder.release();
    },
  };
};

const readOrMakeOperatorKey = (path: string, print: (line: string) => void): string => {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const key = `ok_${randomness.secret()}`;
  // Moved into place: a crash leaves no key or a whole one.
  const aside = `${path}.new`;
  writeFileSync(aside, `${key}\n`, { mode: 0o600, flush: true });
  renameSync(aside, path);
  print(`operator key ${key} (shown once; kept in ${path})`);
  return key;
};

/** One JSON line an error; never into an answer. */
const logError = (print: (line: string) => void, error: unknown, context: object = {}): void => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  print(JSON.stringify({ level: 'error', at: new Date().toISOString(), ...context, name, message, stack }));
};
