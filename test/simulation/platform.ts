import type { BlobStore } from '../../lib/ports/blob-store.ts';
import type { BundleStore, Version } from '../../lib/ports/bundle-store.ts';
import type { Policy, PolicyStore } from '../../lib/ports/policy-store.ts';
import type { Tenant, TenantStore } from '../../lib/ports/tenant-store.ts';
import type { Weather } from './weather.ts';

const ofGuarded = (name: string, tenant: string, rule: Pick<Policy, 'before' | 'action'>): Policy => ({
  name: `${name}-${tenant}`,
  tenants: [tenant],
  workflows: ['Guarded'],
  updatedAt: 0,
  ...rule,
});

const within = (timeoutMs: number): Policy['action'] => ({ kind: 'approve', timeoutMs });

/** Of the workflow `Guarded`: one tenant's answers may come too late, the other's wait for whoever is slow. */
const POLICIES: readonly Policy[] = [
  ofGuarded('asks', 'acme', { before: { step: 'asked *' }, action: within(86_400_000) }),
  ofGuarded('asks', 'globex', { before: { step: 'asked *' }, action: within(20_000) }),
  ofGuarded('asks-of-calls', 'acme', { before: { binding: 'LEDGER', method: 'charge' }, action: within(86_400_000) }),
  ofGuarded('asks-of-calls', 'globex', { before: { binding: 'LEDGER', method: 'charge' }, action: within(40_000) }),
  ...['acme', 'globex'].map((tenant) =>
    ofGuarded('refuses', tenant, {
      before: { step: '*forbidden' },
      action: { kind: 'refuse', reason: 'nobody does that' },
    }),
  ),
];

const notSimulated = async (): Promise<never> => {
  throw new Error('The simulation does not come here');
};

/** Tenants and versions as they were set up; only the active version ever changes. */
export class Platform {
  readonly #tenants = new Map<string, Tenant>();
  readonly #versions = new Map<string, Version>();
  readonly #active = new Map<string, string>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #concurrency: Weather['concurrency'];

  constructor(concurrency: Weather['concurrency'] = {}) {
    this.#concurrency = concurrency;
  }

  addTenant(id: string): void {
    const { tenant } = this.#concurrency;
    this.#tenants.set(id, {
      id,
      isolation: 'isolate',
      limits: { createPerSecond: 1_000_000, ...(tenant !== undefined && { concurrent: tenant }) },
      egress: 'none',
      suspended: false,
      createdAt: 0,
    });
  }

  addVersion(tenant: string, version: string, workflows: readonly string[]): void {
    this.#versions.set(`${tenant}/${version}`, {
      version,
      tenant,
      createdAt: 0,
      workflows: workflows.map((name) => ({ name })),
      hasFetch: false,
      size: 1,
      apiLevel: 1,
    });
    this.#active.set(tenant, version);
  }

  readonly tenants: TenantStore = {
    getTenant: async (id) => this.#tenants.get(id),
    listEnv: async () => [{ name: 'STAGE', value: 'simulation', isSecret: false }],
    createTenant: notSimulated,
    listTenants: notSimulated,
    changeTenant: notSimulated,
    removeTenant: notSimulated,
    addKey: notSimulated,
    findKey: notSimulated,
    listKeys: notSimulated,
    expireKey: notSimulated,
    removeKey: notSimulated,
    putEnv: notSimulated,
    removeEnv: notSimulated,
  };

  readonly bundles: BundleStore = {
    getVersion: async (tenant, version) => this.#versions.get(`${tenant}/${version}`),
    getActiveVersion: async (tenant) => this.#versions.get(`${tenant}/${this.#active.get(tenant)}`),
    activateVersion: async (tenant, version) => {
      this.#active.set(tenant, version);
      return true;
    },
    getWorkflowSettings: async () => {
      const { workflow } = this.#concurrency;
      return workflow === undefined ? undefined : { concurrency: { limit: workflow } };
    },
    createBundle: notSimulated,
    getBundle: notSimulated,
    updateBundle: notSimulated,
    listValidating: notSimulated,
    addVersion: notSimulated,
    listVersions: notSimulated,
    putWorkflowSettings: notSimulated,
    removeTenant: notSimulated,
  };

  readonly policies: PolicyStore = {
    list: async () => POLICIES,
    put: notSimulated,
    remove: notSimulated,
  };

  readonly blobs: BlobStore = {
    put: async (name, bytes) => {
      this.#blobs.set(name, bytes);
    },
    get: async (name) => this.#blobs.get(name),
    getPart: async (name, { from, maxBytes }) => this.#blobs.get(name)?.subarray(from, from + maxBytes),
    open: () => {
      throw new Error('No step of the simulation gives a stream');
    },
    has: async (name) => this.#blobs.has(name),
    remove: async (name) => {
      this.#blobs.delete(name);
    },
    removeAll: async (prefix) => {
      for (const name of this.#blobs.keys()) if (name.startsWith(prefix)) this.#blobs.delete(name);
    },
  };
}
