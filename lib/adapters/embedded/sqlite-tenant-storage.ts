import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StatementSync } from 'node:sqlite';
import {
  STORAGE_PAGE_BYTES,
  type StorageOutcome,
  type StoragePage,
  type StoragePageParams,
  type StorageWrite,
  type StoredValue,
  type TenantStorage,
} from '../../ports/tenant-storage.ts';
import { asDataFolderError } from './data-folder-error.ts';
import { SqliteDatabase } from './sqlite-database.ts';

/** As in `sqlite-schema.ts`, of one tenant's file. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE items (key TEXT NOT NULL UNIQUE, value TEXT NOT NULL, etag TEXT NOT NULL, expires_at INTEGER) STRICT;
  CREATE INDEX items_expiring ON items (expires_at) WHERE expires_at IS NOT NULL;
  `,
  `
  CREATE TABLE reserved (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO reserved VALUES (0);
  `,
];

/** Files open at once, each with up to half a MiB of pages in memory. */
const MAX_OPEN = 64;
const CACHE_KB = 512;
/** Of a tenant's file, give or take a transaction. */
const MAX_FILE_BYTES = 1_073_741_824;
/** Expired rows that one commit takes along. */
const EXPIRED_A_COMMIT = 20;

interface OpenFile {
  readonly database: SqliteDatabase;
  readonly find: StatementSync;
  readonly from: StatementSync;
  readonly after: StatementSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
  readonly removeExpired: StatementSync;
  readonly size: StatementSync;
  readonly reserve: StatementSync;
}

/** One file a tenant, opened when it is first needed, and closed when too many others have been since. */
export class SqliteTenantStorage implements TenantStorage {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** The one that was used last stands last. */
  readonly #open = new Map<string, OpenFile>();

  /** Makes the folder (mode 0700) where it is missing. `maxBytes`: of a tenant. Throws `DataFolderError`. */
  constructor(folder: string, { maxBytes = MAX_FILE_BYTES }: { readonly maxBytes?: number } = {}) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw asDataFolderError(error);
    }
  }

  async get(
    tenant: string,
    { key, now }: { readonly key: string; readonly now: number },
  ): Promise<StoredValue | undefined> {
    const file = this.#fileOf(tenant, 'reading');
    return file && standing(file, key, now);
  }

  async list(tenant: string, { prefix, after, limit, now }: StoragePageParams): Promise<StoragePage> {
    const file = this.#fileOf(tenant, 'reading');
    const items: StoredValue[] = [];
    let bytes = 0;
    const rows = after === undefined ? file?.from.iterate(prefix) : file?.after.iterate(after);
    for (const row of rows ?? []) {
      const item = toStored(row);
      if (!item.key.startsWith(prefix)) break;
      if (isOver(item, now)) continue;
      bytes += item.key.length + item.value.length;
      const last = items.at(-1);
      if (last !== undefined && (items.length === limit || bytes > STORAGE_PAGE_BYTES))
        return { items, next: last.key };
      items.push(item);
    }
    return { items };
  }

  async commit(
    tenant: string,
    { writes, etag, now }: { readonly writes: readonly StorageWrite[]; readonly etag: string; readonly now: number },
  ): Promise<StorageOutcome> {
    const file = this.#fileOf(tenant, 'writing');
    return file.database.write((): StorageOutcome => {
      const index = writes.findIndex((write) => !holds(write, standing(file, write.key, now)));
      if (index >= 0) return { kind: 'conflict', index };
      file.removeExpired.run(now, EXPIRED_A_COMMIT);
      const isAdding = writes.some(({ kind }) => kind === 'put');
      if (isAdding && Number(file.size.get()?.bytes) >= this.#maxBytes) return { kind: 'full' };
      for (const write of writes) {
        if (write.kind === 'put') file.put.run(write.key, write.value, etag, write.expiresAt ?? null);
        else if (write.kind === 'delete') file.remove.run(write.key);
      }
      return { kind: 'done' };
    });
  }

  async reserve(
    tenant: string,
    { bytes, mostBytes }: { readonly bytes: number; readonly mostBytes: number },
  ): Promise<boolean> {
    const { database, reserve } = this.#fileOf(tenant, 'writing');
    return (await database.write(() => reserve.run(bytes, mostBytes).changes)) === 1;
  }

  async release(tenant: string, bytes: number): Promise<void> {
    await this.reserve(tenant, { bytes: -bytes, mostBytes: Number.MAX_SAFE_INTEGER });
  }

  async removeTenant(tenant: string): Promise<void> {
    this.#open.get(tenant)?.database.close();
    this.#open.delete(tenant);
    for (const suffix of ['', '-wal', '-shm']) rmSync(this.#pathOf(tenant) + suffix, { force: true });
  }

  /** Commits what is waiting and closes all files. */
  close(): void {
    for (const { database } of this.#open.values()) database.close();
    this.#open.clear();
  }

  #fileOf(tenant: string, purpose: 'writing'): OpenFile;
  /** `undefined`: a tenant that never wrote anything has no file to read. */
  #fileOf(tenant: string, purpose: 'reading'): OpenFile | undefined;
  #fileOf(tenant: string, purpose: 'reading' | 'writing'): OpenFile | undefined {
    const path = this.#pathOf(tenant);
    const file = this.#open.get(tenant) ?? (purpose === 'writing' || existsSync(path) ? openFile(path) : undefined);
    if (file === undefined) return undefined;
    this.#open.delete(tenant);
    this.#open.set(tenant, file);
    for (const [name, { database }] of this.#open) {
      if (this.#open.size <= MAX_OPEN) break;
      database.close();
      this.#open.delete(name);
    }
    return file;
  }

  /** A tenant's id is the name of a file on every system. */
  #pathOf(tenant: string): string {
    return join(this.#folder, `${tenant}.db`);
  }
}

const openFile = (path: string): OpenFile => {
  const database = new SqliteDatabase(path, { migrations: MIGRATIONS, cacheKb: CACHE_KB });
  return {
    database,
    find: database.prepare('SELECT key, value, etag, expires_at FROM items WHERE key = ?'),
    from: database.prepare('SELECT key, value, etag, expires_at FROM items WHERE key >= ? ORDER BY key'),
    after: database.prepare('SELECT key, value, etag, expires_at FROM items WHERE key > ? ORDER BY key'),
    put: database.prepare(
      `INSERT INTO items (key, value, etag, expires_at) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (key) DO UPDATE SET value = ?2, etag = ?3, expires_at = ?4`,
    ),
    remove: database.prepare('DELETE FROM items WHERE key = ?'),
    removeExpired: database.prepare(
      'DELETE FROM items WHERE rowid IN (SELECT rowid FROM items WHERE expires_at <= ? LIMIT ?)',
    ),
    size: database.prepare(
      `SELECT (page_count - freelist_count) * page_size AS bytes
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    ),
    reserve: database.prepare('UPDATE reserved SET bytes = max(0, bytes + ?1) WHERE bytes + ?1 <= ?2'),
  };
};

const standing = (file: OpenFile, key: string, now: number): StoredValue | undefined => {
  const row = file.find.get(key);
  if (row === undefined) return undefined;
  const item = toStored(row);
  return isOver(item, now) ? undefined : item;
};

const holds = (write: StorageWrite, found: StoredValue | undefined): boolean =>
  write.ifMatch === undefined || (found?.etag ?? null) === write.ifMatch;

const isOver = ({ expiresAt }: StoredValue, now: number): boolean => expiresAt !== undefined && expiresAt <= now;

const toStored = (row: Readonly<Record<string, unknown>>): StoredValue => ({
  key: String(row.key),
  value: String(row.value),
  etag: String(row.etag),
  ...(row.expires_at !== null && { expiresAt: Number(row.expires_at) }),
});
