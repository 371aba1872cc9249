import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import { FileVault } from '../../lib/adapters/embedded/file-vault.ts';
import { HmacDownloadSigner } from '../../lib/adapters/embedded/hmac-download-signer.ts';
import { HmacUploadSigner } from '../../lib/adapters/embedded/hmac-upload-signer.ts';
import { MemoryChangeWatch } from '../../lib/adapters/embedded/memory-change-watch.ts';
import { MemoryWakeQueue } from '../../lib/adapters/embedded/memory-wake-queue.ts';
import { SqliteAuditLog } from '../../lib/adapters/embedded/sqlite-audit-log.ts';
import { SqliteBundleStore } from '../../lib/adapters/embedded/sqlite-bundle-store.ts';
import { SqliteCheckStore } from '../../lib/adapters/embedded/sqlite-check-store.ts';
import { SqliteDatabase } from '../../lib/adapters/embedded/sqlite-database.ts';
import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import { SqlitePolicyStore } from '../../lib/adapters/embedded/sqlite-policy-store.ts';
import { SqliteRequestLog } from '../../lib/adapters/embedded/sqlite-request-log.ts';
import { SqliteScheduleStore } from '../../lib/adapters/embedded/sqlite-schedule-store.ts';
import { SqliteSlotStore } from '../../lib/adapters/embedded/sqlite-slot-store.ts';
import { SqliteTenantStore } from '../../lib/adapters/embedded/sqlite-tenant-store.ts';
import { SqliteUsageStore } from '../../lib/adapters/embedded/sqlite-usage-store.ts';
import { randomness, timer } from '../../lib/adapters/node/system.ts';
import { Bindings } from '../../lib/bindings/binding-host.ts';
import { type AppOptions, createApp } from '../../lib/http/app.ts';
import type { InstanceUseCases } from '../../lib/http/use-cases.ts';
import type { Compiler } from '../../lib/ports/compiler.ts';
import type { Executor } from '../../lib/ports/executor.ts';
import type { InstanceKey } from '../../lib/ports/instance-store.ts';
import { awaitFinish } from '../../lib/service/await-finish.ts';
import { completeDeferred } from '../../lib/service/complete-deferred.ts';
import { controlInstance } from '../../lib/service/control-instance.ts';
import { createBatch } from '../../lib/service/create-batch.ts';
import { createInstance } from '../../lib/service/create-instance.ts';
import { decideApproval } from '../../lib/service/decide-approval.ts';
import { deleteBatch } from '../../lib/service/delete-batch.ts';
import { deleteInstance } from '../../lib/service/delete-instance.ts';
import { readInstance } from '../../lib/service/read-instance.ts';
import { instanceNotFound, versionNotFound } from '../../lib/service/refusals.ts';
import { runValidation } from '../../lib/service/run-validation.ts';
import { sendEvent } from '../../lib/service/send-event.ts';
import { GatheredUsage } from '../../lib/service/usage-meter.ts';
import { createContractCheck, type OpenApi } from './contract-check.ts';

export const ORIGIN = 'http://127.0.0.1:8787';
export const OPERATOR_KEY = 'operator-key-of-the-tests';
export const VERSION = 'a'.repeat(32);

export interface CallOptions {
  readonly key?: string | undefined;
  /** A string or bytes are sent as they are, everything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the request comes from. */
  readonly address?: string;
}

/** An executor and a compiler for tests in which no code is uploaded or run. */
const NO_COMPILER: Compiler = { compile: () => Promise.reject(new Error('nothing is compiled in this test')) };
const NO_EXECUTOR: Executor = {
  start: () => {
    throw new Error('nothing runs in this test');
  },
  inspect: () => Promise.reject(new Error('nothing is inspected in this test')),
  close: async () => undefined,
};

export interface ApiOptions {
  readonly compiler?: Compiler;
  readonly executor?: Executor;
  readonly startValidation?: AppOptions['startValidation'];
  readonly rates?: AppOptions['rates'];
  readonly page?: AppOptions['page'];
  readonly handleTenantRequest?: InstanceUseCases['handleTenantRequest'];
}

/** The dependencies on the embedded adapters, in a folder of their own, with a clock that stands until it is moved. */
export const createDependencies = (options: Pick<ApiOptions, 'compiler' | 'executor'> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'tenon-http-'));
  const clock = { at: Date.UTC(2026, 10, 20, 12), now: () => clock.at };
  const database = new SqliteDatabase(join(folder, 'tenon.db'));
  const instances = new SqliteInstanceStore(database, { clock });
  const watch = new MemoryChangeWatch(clock);
  const deps = {
    clock,
    timer,
    randomness,
    tenants: new SqliteTenantStore(database),
    bundles: new SqliteBundleStore(database),
    checks: new SqliteCheckStore(database),
    checkRuns: { request: async () => undefined },
    instances,
    blobs: new FileBlobStore(join(folder, 'blobs')),
    uploads: new HmacUploadSigner(join(folder, 'upload.key')),
    downloads: new HmacDownloadSigner(join(folder, 'download.key')),
    vault: new FileVault(join(folder, 'vault.key')),
    watch,
    wakes: new MemoryWakeQueue({
      instances,
      clock,
      onError: (error) => {
        throw error;
      },
    }),
    bindings: new Bindings(),
    usage: new GatheredUsage(clock),
    schedules: new SqliteScheduleStore(database),
    audit: new SqliteAuditLog(database),
    requestLog: new SqliteRequestLog(database),
    slots: new SqliteSlotStore(database),
    policies: new SqlitePolicyStore(database),
    usageStore: new SqliteUsageStore(database),
    compiler: options.compiler ?? NO_COMPILER,
    executor: options.executor ?? NO_EXECUTOR,
  };
  return {
    deps,
    clock,
    folder,
    close: (): void => {
      watch.close();
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Nothing can be replayed in these tests. */
const refuseMissing = async (deps: ReturnType<typeof createDependencies>['deps'], key: InstanceKey): Promise<never> => {
  if ((await deps.instances.get(key)) === undefined) throw instanceNotFound();
  throw versionNotFound();
};

/** The HTTP API on the embedded adapters. Every answer of `call` is held against the OpenAPI document. */
export const createApi = async (options: ApiOptions = {}) => {
  const { deps, clock, folder, close } = createDependencies(options);
  const errors: unknown[] = [];
  const useCases: InstanceUseCases = {
    createInstance: (params) => createInstance(deps, params),
    createBatch: (params) => createBatch(deps, params),
    awaitFinish: (params) => awaitFinish(deps, params),
    readInstance: (params) => readInstance(deps, params),
    sendEvent: (params) => sendEvent(deps, params),
    completeDeferred: (params) => completeDeferred(deps, params),
    decideApproval: (params) => decideApproval(deps, params),
    controlInstance: (params) => controlInstance(deps, params),
    deleteInstance: (params) => deleteInstance(deps, params),
    deleteBatch: (params) => deleteBatch(deps, params),
    moveInstance: ({ key }) => refuseMissing(deps, key),
    replayInstance: ({ key }) => refuseMissing(deps, key),
    handleTenantRequest:
      options.handleTenantRequest ?? (() => Promise.reject(new Error('no tenant answers in this test'))),
  };
  const app = createApp(deps, useCases, {
    operatorKeyHash: createHash('sha256').update(OPERATOR_KEY).digest('hex'),
    onError: (error) => errors.push(error),
    ...(options.rates !== undefined && { rates: options.rates }),
    ...(options.page !== undefined && { page: options.page }),
    startValidation:
      options.startValidation ??
      ((bundle) => void runValidation(deps, { ...bundle, onError: (error) => errors.push(error) })),
  });
  const documentResponse = await app.fetch(new Request(`${ORIGIN}/v1/openapi.json`));
  const document = (await documentResponse.json()) as OpenApi;
  const check = createContractCheck(document);

  const call = async (
    method: string,
    path: string,
    { key, body, headers, address }: CallOptions = {},
  ): Promise<Response> => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const request = new Request(`${ORIGIN}${path}`, {
      method,
      headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
    const response = await app.fetch(request, { address });
    const pathname = path.split('?')[0] ?? path;
    if (method !== 'HEAD') expect(await check(method, pathname, response)).toEqual([]);
    return response;
  };

  const asOperator = (method: string, path: string, body?: unknown): Promise<Response> =>
    call(method, path, { key: OPERATOR_KEY, body });

  /** A tenant with an active version that exports `Hello` and `Other`, and no instances. */
  const makeTenant = async (id: string): Promise<{ readonly key: string; readonly base: string }> => {
    const response = await asOperator('POST', '/v1/tenants', { id, limits: { createPerSecond: 10_000 } });
    expect(response.status).toBe(201);
    const { apiKey } = (await response.json()) as { apiKey: string };
    const workflows = [{ name: 'Hello' }, { name: 'Other' }];
    const version = {
      version: VERSION,
      tenant: id,
      createdAt: clock.now(),
      workflows,
      hasFetch: true,
      size: 1,
      apiLevel: 1,
    };
    await deps.bundles.addVersion(version, true);
    return { key: apiKey, base: `/v1/tenants/${id}` };
  };

  return { app, deps, clock, folder, errors, document, call, asOperator, makeTenant, close };
};

export type Api = Awaited<ReturnType<typeof createApi>>;

export const codeOf = async (response: Response): Promise<string> =>
  ((await response.clone().json()) as { code: string }).code;

/** The fields that a 422 names. */
export const fieldsOf = async (response: Response): Promise<readonly string[]> =>
  ((await response.clone().json()) as { errors: { path: string }[] }).errors.map(({ path }) => path);

// biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape, and the document has checked them
export const jsonOf = async (response: Response): Promise<any> => response.clone().json();
