import type { StatementSync } from 'node:sqlite';
import type { EnvEntry, StoredKey, Tenant, TenantStore } from '../../ports/tenant-store.ts';
import { decodeCursor, toPage } from './page-cursor.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Tenants, their keys (as hashes) and their `env`. Lists are in order of names. */
export class SqliteTenantStore implements TenantStore {
  readonly #database: SqliteDatabase;
  readonly #insert: StatementSync;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #update: StatementSync;
  readonly #remove: StatementSync;
  readonly #addKey: StatementSync;
  readonly #findKey: StatementSync;
  readonly #listKeys: StatementSync;
  readonly #expireKey: StatementSync;
  readonly #dropExpiredKeys: StatementSync;
  readonly #removeKey: StatementSync;
  readonly #removeKeys: StatementSync;
  readonly #putEnv: StatementSync;
  readonly #removeEnv: StatementSync;
  readonly #listEnv: StatementSync;
  readonly #clearEnv: StatementSync;

  constructor(database: SqliteDatabase) {
    const key = 'SELECT key_id AS keyId, tenant, hash, created_at AS createdAt, expires_at AS expiresAt FROM keys';
    this.#database = database;
    this.#insert = database.prepare('INSERT INTO tenants (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#get = database.prepare('SELECT body FROM tenants WHERE id = ?');
    this.#list = database.prepare('SELECT body FROM tenants WHERE id > ? ORDER BY id LIMIT ?');
    this.#update = database.prepare('UPDATE tenants SET body = ? WHERE id = ?');
    this.#remove = database.prepare('DELETE FROM tenants WHERE id = ?');
    this.#addKey = database.prepare(
      'INSERT INTO keys (hash, tenant, key_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#findKey = database.prepare(`${key} WHERE hash = ?`);
    this.#listKeys = database.prepare(`${key} WHERE tenant = ? ORDER BY created_at, key_id`);
    this.#expireKey = database.prepare('UPDATE keys SET expires_at = ? WHERE tenant = ? AND key_id = ?');
    this.#dropExpiredKeys = database.prepare('DELETE FROM keys WHERE tenant = ? AND expires_at <= ?');
    this.#removeKey = database.prepare('DELETE FROM keys WHERE tenant = ? AND key_id = ?');
    this.#removeKeys = database.prepare('DELETE FROM keys WHERE tenant = ?');
    this.#putEnv = database.prepare('INSERT OR REPLACE INTO env (tenant, name, body) VALUES (?, ?, ?)');
    this.#removeEnv = database.prepare('DELETE FROM env WHERE tenant = ? AND name = ?');
    this.#listEnv = database.prepare('SELECT body FROM env WHERE tenant = ? ORDER BY name');
    this.#clearEnv = database.prepare('DELETE FROM env WHERE tenant = ?');
  }

  createTenant(tenant: Tenant, key: StoredKey): Promise<'created' | 'already_exists'> {
    const body = JSON.stringify(tenant);
    return this.#database.write(() => {
      if (this.#insert.run(tenant.id, body).changes === 0) return 'already_exists';
      this.#insertKey(key);
      return 'created';
    });
  }

  async getTenant(id: string): Promise<Tenant | undefined> {
    const row = this.#get.get(id);
    return row && (JSON.parse(row.body as string) as Tenant);
  }

  async listTenants(params: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly Tenant[]; readonly cursor?: string }> {
    const after = params.cursor === undefined ? '' : decodeCursor(params.cursor).name;
    const rows = this.#list.all(after, params.limit + 1).map((row) => JSON.parse(row.body as string) as Tenant);
    return toPage(rows, params.limit, (tenant) => ({ at: tenant.createdAt, name: tenant.id }));
  }

  changeTenant(id: string, change: (tenant: Tenant) => Tenant): Promise<Tenant | undefined> {
    return this.#database.write(() => {
      const row = this.#get.get(id);
      if (row === undefined) return undefined;
      const changed = change(JSON.parse(row.body as string) as Tenant);
      this.#update.run(JSON.stringify(changed), id);
      return changed;
    });
  }

  removeTenant(id: string): Promise<boolean> {
    return this.#database.write(() => {
      this.#removeKeys.run(id);
      this.#clearEnv.run(id);
      return this.#remove.run(id).changes === 1;
    });
  }

  async addKey(key: StoredKey): Promise<void> {
    await this.#database.write(() => {
      // A key comes when another one goes, mostly.
      this.#dropExpiredKeys.run(key.tenant, key.createdAt);
      this.#insertKey(key);
    });
  }

  async findKey(hash: string): Promise<StoredKey | undefined> {
    const row = this.#findKey.get(hash);
    return row && toKey(row);
  }

  async listKeys(tenant: string): Promise<readonly StoredKey[]> {
    return this.#listKeys.all(tenant).map(toKey);
  }

  expireKey(tenant: string, keyId: string, expiresAt: number): Promise<boolean> {
    return this.#database.write(() => this.#expireKey.run(expiresAt, tenant, keyId).changes === 1);
  }

  removeKey(tenant: string, keyId: string): Promise<boolean> {
    return this.#database.write(() => this.#removeKey.run(tenant, keyId).changes === 1);
  }

  async putEnv(tenant: string, entry: EnvEntry): Promise<void> {
    // As JSON: a plain column would alter text that is not well-formed Unicode.
    const body = JSON.stringify(entry);
    await this.#database.write(() => this.#putEnv.run(tenant, entry.name, body));
  }

  removeEnv(tenant: string, name: string): Promise<boolean> {
    return this.#database.write(() => this.#removeEnv.run(tenant, name).changes === 1);
  }

  async listEnv(tenant: string): Promise<readonly EnvEntry[]> {
    return this.#listEnv.all(tenant).map((row) => JSON.parse(row.body as string) as EnvEntry);
  }

  #insertKey({ hash, tenant, keyId, createdAt, expiresAt }: StoredKey): void {
    this.#addKey.run(hash, tenant, keyId, createdAt, expiresAt ?? null);
  }
}

const toKey = (row: Record<string, unknown>): StoredKey => {
  const { expiresAt, ...key } = row as unknown as StoredKey & { readonly expiresAt: number | null };
  return { ...key, ...(expiresAt !== null && { expiresAt }) };
};
