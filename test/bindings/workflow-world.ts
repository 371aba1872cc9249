import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import { MemoryChangeWatch } from '../../lib/adapters/embedded/memory-change-watch.ts';
import { SqliteBundleStore } from '../../lib/adapters/embedded/sqlite-bundle-store.ts';
import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import { SqliteTenantStore } from '../../lib/adapters/embedded/sqlite-tenant-store.ts';
import { Bindings } from '../../lib/bindings/binding-host.ts';
import { workflowsBinding } from '../../lib/bindings/workflows.ts';
import { projectionOf } from '../../lib/core/decide.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import { JournalState } from '../../lib/core/replay/journal-state.ts';
import { makeWorkflows } from '../../lib/guest/bindings/workflows.ts';
import { decode, encode } from '../../lib/guest/values.ts';
import type { InstanceKey } from '../../lib/ports/instance-store.ts';
import type { WorkflowControl } from '../../lib/ports/workflow-control.ts';
import { completeDeferred } from '../../lib/service/complete-deferred.ts';
import { controlInstance } from '../../lib/service/control-instance.ts';
import { createBatch } from '../../lib/service/create-batch.ts';
import { createInstance } from '../../lib/service/create-instance.ts';
import { deleteBatch } from '../../lib/service/delete-batch.ts';
import { deleteInstance } from '../../lib/service/delete-instance.ts';
import { readEvents } from '../../lib/service/read-events.ts';
import { readInstance } from '../../lib/service/read-instance.ts';
import { sendEvent } from '../../lib/service/send-event.ts';
import { loadValue } from '../../lib/service/stored-values.ts';
import { makeDatabase, makeFolder } from '../contracts/embedded-folder.ts';
import { makeCaller, makeTenant } from './callers.ts';

export const AT = 1_000_000;

/** The services on real stores, the binding on the services, and the guest's own proxy on the binding; no turn is run. */
export const makeWorld = async () => {
  const { database, remove } = makeDatabase();
  const folder = makeFolder();
  const clock = { now: () => AT };
  const deps = {
    clock,
    randomness: { id: () => randomBytes(16).toString('hex'), secret: () => randomBytes(32).toString('base64url') },
    instances: new SqliteInstanceStore(database, { clock }),
    tenants: new SqliteTenantStore(database),
    bundles: new SqliteBundleStore(database),
    blobs: new FileBlobStore(join(folder.path, 'blobs')),
    wakes: { wake: async () => {} },
    watch: new MemoryChangeWatch(clock),
  };
  const control: WorkflowControl = {
    listWorkflows: async ({ tenant, version }) =>
      ((await deps.bundles.getVersion(tenant, version))?.workflows ?? []).map(({ name }) => name),
    hasInstance: async ({ key }) => (await deps.instances.get(key)) !== undefined,
    createInstance: (params) => createInstance(deps, params),
    createBatch: (params) => createBatch(deps, params),
    readInstance: (params) => readInstance(deps, params),
    readEvents: (params) => readEvents(deps, params),
    loadValue: (value) => loadValue(deps.blobs, value),
    sendEvent: (params) => sendEvent(deps, params),
    completeDeferred: (params) => completeDeferred(deps, params),
    controlInstance: (params) => controlInstance(deps, params),
    deleteInstance: (params) => deleteInstance(deps, params),
    deleteBatch: (params) => deleteBatch(deps, params),
  };
  const bindings = new Bindings([workflowsBinding(control)]);

  const addTenant = async (id: string, workflows: readonly string[]) => {
    const tenant = makeTenant(id);
    await deps.tenants.createTenant(tenant, { keyId: id, tenant: id, hash: id, createdAt: AT });
    const version = {
      version: 'v1',
      tenant: id,
      createdAt: AT,
      workflows: workflows.map((name) => ({ name })),
      hasFetch: false,
      size: 1,
      apiLevel: 1,
    };
    await deps.bundles.addVersion(version, true);
    const caller = makeCaller(tenant);
    const call = async (method: string, args: readonly unknown[]): Promise<unknown> =>
      decode(await bindings.call(caller, { binding: 'WORKFLOWS', method, args: encode(args) }));
    return { call, WORKFLOWS: makeWorkflows(call) as GuestWorkflows };
  };

  /** As an instance's turns would have written it. */
  const writeJournal = async (key: InstanceKey, records: readonly JournalRecord[]): Promise<void> => {
    const summary = await deps.instances.get(key);
    const state = new JournalState();
    for (const record of records) state.apply(record);
    await deps.instances.append({
      key,
      incarnation: summary?.incarnation ?? '',
      position: 0,
      records,
      release: { unclosedClaims: 0, projection: projectionOf(state, { retentionMs: 1_000_000 }) },
    });
  };

  return {
    deps,
    addTenant,
    writeJournal,
    remove: () => {
      remove();
      folder.remove();
    },
  };
};

export type World = Awaited<ReturnType<typeof makeWorld>>;

export interface GuestHandle {
  readonly id: string;
  status(): Promise<Record<string, unknown>>;
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
  terminate(options?: unknown): Promise<unknown>;
  restart(options?: unknown): Promise<unknown>;
  sendEvent(event: unknown): Promise<unknown>;
  delete(): Promise<unknown>;
}

/** `env.WORKFLOWS` as tenant code sees it. */
export interface GuestWorkflows {
  create(options?: unknown): Promise<GuestHandle>;
  createBatch(batch: unknown): Promise<readonly GuestHandle[]>;
  get(id: unknown): Promise<GuestHandle>;
  deleteBatch(ids: unknown): Promise<unknown>;
  for(workflow: string): GuestWorkflows;
  complete(token: unknown, outcome?: unknown): Promise<unknown>;
}
