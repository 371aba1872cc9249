import type { CacheEntry, TenantCache } from '../../ports/tenant-cache.ts';
import { cachePk } from './dynamodb-keys.ts';
import { type DynamoTable, newWriteId } from './dynamodb-table.ts';
import { DynamoTenantStorage } from './dynamodb-tenant-storage.ts';

/** Rows that DynamoDB removes by their time: what many functions share has no better place that costs nothing while it is idle. */
export class DynamoTenantCache implements TenantCache {
  readonly #rows: DynamoTenantStorage;

  constructor(table: DynamoTable) {
    this.#rows = new DynamoTenantStorage(table, cachePk);
  }

  async get(tenant: string, params: { readonly key: string; readonly now: number }): Promise<string | undefined> {
    return (await this.#rows.get(tenant, params))?.value;
  }

  async put(tenant: string, entry: CacheEntry): Promise<void> {
    await this.#rows.commit(tenant, { writes: [{ kind: 'put', ...entry }], etag: newWriteId(), now: 0 });
  }

  async delete(tenant: string, key: string): Promise<void> {
    await this.#rows.commit(tenant, { writes: [{ kind: 'delete', key }], etag: newWriteId(), now: 0 });
  }

  removeTenant(tenant: string): Promise<void> {
    return this.#rows.removeTenant(tenant);
  }
}
