import { REQUEST_LOG_RETENTION_MS, SECOND_MS } from '../../core/limits.ts';
import type { RequestLog, RequestLogEntry } from '../../ports/request-log.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import { type RowKey, requestLogPk, requestLogSk } from './dynamodb-keys.ts';
import type { DynamoTable } from './dynamodb-table.ts';
import { decodeCursor, encodeCursor } from './index-cursor.ts';

const CURSOR = /^\d{16}#[0-9a-f]{32}$/;
/** After every id. */
const LAST_ID = '\uffff';

/** One row a request that said something, by when it was answered; it goes by its time to live. */
export class DynamoRequestLog implements RequestLog {
  /** From the look at the clock to the row: one write, and what clocks of Lambda differ by. */
  readonly settlesAfterMs = 2 * SECOND_MS;
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async write(tenant: string, entry: RequestLogEntry): Promise<void> {
    await this.#table.put({
      pk: requestLogPk(tenant),
      sk: requestLogSk(entry.endedAt, entry.id),
      body: JSON.stringify(entry),
      ttl: Math.ceil((entry.endedAt + REQUEST_LOG_RETENTION_MS) / SECOND_MS),
    });
  }

  async read(tenant: string, params: Parameters<RequestLog['read']>[1]): ReturnType<RequestLog['read']> {
    const { from, to, limit, cursor } = params;
    const end = requestLogSk(to, LAST_ID);
    // A cursor names the entry that comes next.
    const next = cursor === undefined ? end : decodeCursor(cursor, CURSOR);
    const condition = {
      text: '#pk = :pk AND #sk BETWEEN :first AND :last',
      values: { pk: requestLogPk(tenant), first: requestLogSk(from, ''), last: next < end ? next : end },
    };
    const rows: Row[] = [];
    for await (const row of this.#table.query({ condition, isDescending: true, limit: limit + 1 })) {
      if (rows.push(row) > limit) break;
    }
    const following = rows[limit];
    return {
      items: rows.slice(0, limit).map(entryOf),
      ...(following !== undefined && { cursor: encodeCursor(textIn(following, 'sk')) }),
    };
  }

  async readAfter(
    tenant: string,
    { after, to, limit }: Parameters<RequestLog['readAfter']>[1],
  ): Promise<readonly RequestLogEntry[]> {
    // No id has the place's own as its beginning and more behind: the space is the first key after it.
    const first = `${requestLogSk(after.endedAt, after.id)}${after.id === '' ? '' : ' '}`;
    const last = requestLogSk(to, LAST_ID);
    if (first > last) return [];
    const { rows } = await this.#table.queryPage({
      condition: {
        text: '#pk = :pk AND #sk BETWEEN :first AND :last',
        values: { pk: requestLogPk(tenant), first, last },
      },
      limit,
    });
    return rows.map(entryOf);
  }

  async removeTenant(tenant: string): Promise<void> {
    const keys: RowKey[] = [];
    const condition = { text: '#pk = :pk', values: { pk: requestLogPk(tenant) } };
    for await (const row of this.#table.query({ condition, only: ['pk', 'sk'] })) {
      keys.push({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') });
    }
    await this.#table.deleteAll(keys);
  }
}

const entryOf = (row: Row): RequestLogEntry => JSON.parse(textIn(row, 'body')) as RequestLogEntry;
