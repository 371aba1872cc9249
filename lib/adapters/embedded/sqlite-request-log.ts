import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import { MAX_REQUEST_LOG_ENTRIES, REQUEST_LOG_RETENTION_MS } from '../../core/limits.ts';
import type { RequestLog, RequestLogEntry } from '../../ports/request-log.ts';
import { decodeCursor, toPage } from './page-cursor.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** In the order of `endedAt`, which is the column `at`, and id. What is past its time, or beyond what a tenant may have, goes with its next entry. */
export class SqliteRequestLog implements RequestLog {
  /** One process writes, in the order of its clock: only within a millisecond ids decide. */
  readonly settlesAfterMs = 1;
  readonly #database: SqliteDatabase;
  readonly #maxEntries: number;
  readonly #write: StatementSync;
  readonly #expire: StatementSync;
  readonly #oldestKept: StatementSync;
  readonly #read: StatementSync;
  readonly #readAfter: StatementSync;
  readonly #remove: StatementSync;

  /** @param options.maxEntries of a tenant. @default MAX_REQUEST_LOG_ENTRIES */
  constructor(
    database: SqliteDatabase,
    { maxEntries = MAX_REQUEST_LOG_ENTRIES }: { readonly maxEntries?: number } = {},
  ) {
    this.#database = database;
    this.#maxEntries = maxEntries;
    this.#write = database.prepare('INSERT OR REPLACE INTO request_log (tenant, at, id, body) VALUES (?, ?, ?, ?)');
    this.#expire = database.prepare('DELETE FROM request_log WHERE tenant = ? AND at < ?');
    this.#oldestKept = database.prepare(
      'SELECT at FROM request_log WHERE tenant = ? ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?',
    );
    this.#read = database.prepare(
      `SELECT body FROM request_log
        WHERE tenant = ? AND at >= ? AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?`,
    );
    this.#readAfter = database.prepare(
      `SELECT body FROM request_log
        WHERE tenant = ? AND (at, id) > (?, ?) AND at <= ? ORDER BY at, id LIMIT ?`,
    );
    this.#remove = database.prepare('DELETE FROM request_log WHERE tenant = ?');
  }

  async write(tenant: string, entry: RequestLogEntry): Promise<void> {
    const body = JSON.stringify(entry);
    await this.#database.write(() => {
      const oldest = this.#oldestKept.get(tenant, this.#maxEntries - 2)?.at ?? 0;
      this.#expire.run(tenant, Math.max(entry.endedAt - REQUEST_LOG_RETENTION_MS, Number(oldest)));
      this.#write.run(tenant, entry.endedAt, entry.id, body);
    });
  }

  async read(tenant: string, params: Parameters<RequestLog['read']>[1]): ReturnType<RequestLog['read']> {
    const { from, to, limit, cursor } = params;
    const last = cursor === undefined ? undefined : decodeCursor(cursor);
    const isWithin = last !== undefined && last.at <= to;
    const place = [isWithin ? last.at : to + 1, isWithin ? last.name : ''] as const;
    const rows = this.#read.all(tenant, from, ...place, limit + 1);
    return toPage(rows.map(entryOf), limit, ({ endedAt, id }) => ({ at: endedAt, name: id }));
  }

  async readAfter(
    tenant: string,
    { after, to, limit }: Parameters<RequestLog['readAfter']>[1],
  ): Promise<readonly RequestLogEntry[]> {
    return this.#readAfter.all(tenant, after.endedAt, after.id, to, limit).map(entryOf);
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#database.write(() => this.#remove.run(tenant));
  }
}

const entryOf = ({ body }: Record<string, SQLOutputValue>): RequestLogEntry =>
  JSON.parse(body as string) as RequestLogEntry;
