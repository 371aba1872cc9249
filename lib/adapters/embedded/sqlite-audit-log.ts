import type { StatementSync } from 'node:sqlite';
import { AUDIT_RETENTION_MS } from '../../core/limits.ts';
import type { AuditEntry, AuditLog } from '../../ports/audit-log.ts';
import { decodeCursor, toPage } from './page-cursor.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** In the order of time and id. What is past its time goes with the next entry that is written. */
export class SqliteAuditLog implements AuditLog {
  readonly #database: SqliteDatabase;
  readonly #write: StatementSync;
  readonly #expire: StatementSync;
  readonly #read: StatementSync;
  readonly #readTenant: StatementSync;

  constructor(database: SqliteDatabase) {
    const page = 'at >= ? AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?';
    this.#database = database;
    this.#write = database.prepare('INSERT OR REPLACE INTO audit (at, id, tenant, body) VALUES (?, ?, ?, ?)');
    this.#expire = database.prepare('DELETE FROM audit WHERE at < ?');
    this.#read = database.prepare(`SELECT body FROM audit WHERE ${page}`);
    this.#readTenant = database.prepare(`SELECT body FROM audit WHERE tenant = ? AND ${page}`);
  }

  async write(entry: AuditEntry): Promise<void> {
    const body = JSON.stringify(entry);
    await this.#database.write(() => {
      this.#expire.run(entry.at - AUDIT_RETENTION_MS);
      this.#write.run(entry.at, entry.id, entry.tenant ?? null, body);
    });
  }

  async read(params: Parameters<AuditLog['read']>[0]): ReturnType<AuditLog['read']> {
    const { tenant, from, to, limit, cursor } = params;
    const last = cursor === undefined ? undefined : decodeCursor(cursor);
    const isWithin = last !== undefined && last.at <= to;
    const place = [from, isWithin ? last.at : to + 1, isWithin ? last.name : '', limit + 1] as const;
    const rows = tenant === undefined ? this.#read.all(...place) : this.#readTenant.all(tenant, ...place);
    const entries = rows.map((row) => JSON.parse(row.body as string) as AuditEntry);
    return toPage(entries, limit, ({ at, id }) => ({ at, name: id }));
  }
}
