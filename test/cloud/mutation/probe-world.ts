import { hash, randomBytes } from 'node:crypto';
import { codeName, sourceMapName } from '../../../lib/service/bundle-files.ts';
import { Api } from '../../conformance/api.ts';
import type { Ledger } from '../../conformance/ledger.ts';
import { TenantWorld } from '../../conformance/world.ts';
import type { LogLine } from '../lambda/log-stream.ts';
import type { LocalCloud } from '../local-cloud.ts';
import { storesOf } from './deployment.ts';
import type { CompiledBundle } from './probe-bundle.ts';

export const SECRET = 'what only the tenant knows';

interface WorldParams {
  readonly cloud: LocalCloud;
  readonly ledger: Ledger;
  readonly bundle: CompiledBundle;
  /** What functions have logged so far. */
  readonly logs: readonly LogLine[];
}

/** Where probes get their tenants from: set up by the administrator, so that each probe touches what it is about. */
export class ProbeWorld {
  readonly logs: readonly LogLine[];
  readonly bundle: CompiledBundle;
  readonly operator: Api;
  readonly #cloud: LocalCloud;
  readonly #ledger: Ledger;

  constructor({ cloud, ledger, bundle, logs }: WorldParams) {
    this.#cloud = cloud;
    this.#ledger = ledger;
    this.bundle = bundle;
    this.logs = logs;
    this.operator = new Api(cloud.url, cloud.operatorKey);
  }

  /** A name that no other tenant has. */
  tenantId(): string {
    return `p-${randomBytes(6).toString('hex')}`;
  }

  get egress() {
    return { allow: [`127.0.0.1:${this.#ledger.port}`] };
  }

  /** A tenant with a key, a secret, and the probes' bundle active. */
  async tenant(isolation: 'isolate' | 'microvm' = 'isolate'): Promise<TenantWorld> {
    const { tenants, bundles, blobs, vault, clock } = storesOf(this.#cloud);
    const id = this.tenantId();
    const { version, code, sourceMap, workflows } = this.bundle;
    const apiKey = `tk_${randomBytes(16).toString('hex')}_${randomBytes(32).toString('base64url')}`;
    const createdAt = clock.now();
    const made = { id, isolation, limits: {}, egress: this.egress, suspended: false, createdAt } as const;
    const key = { keyId: randomBytes(16).toString('hex'), tenant: id, hash: hash('sha256', apiKey), createdAt };
    const world = new TenantWorld(id, new Api(this.#cloud.url, apiKey), this.operator, this.#ledger);
    await Promise.all([
      tenants.createTenant(made, key),
      tenants.putEnv(id, { name: 'LEDGER', value: world.ledgerUrl, isSecret: false }),
      vault.seal(SECRET, `${id}/SECRET`).then((value) => tenants.putEnv(id, { name: 'SECRET', value, isSecret: true })),
      blobs.put(codeName(id, version), Buffer.from(code)),
      blobs.put(sourceMapName(id, version), Buffer.from(sourceMap)),
    ]);
    const size = code.length;
    const names = workflows.map((name) => ({ name }));
    await bundles.addVersion(
      { version, tenant: id, createdAt, workflows: names, hasFetch: true, size, apiLevel: 1 },
      true,
    );
    return world;
  }
}
