import { AUDIT_RETENTION_MS, DAY_MS, SECOND_MS } from '../../core/limits.ts';
import { dayOf } from '../../core/usage.ts';
import type { AuditEntry, AuditLog } from '../../ports/audit-log.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import { auditListPk, auditPk, auditSk, LIST_INDEX } from './dynamodb-keys.ts';
import type { DynamoTable, QueryParams } from './dynamodb-table.ts';
import { decodeCursor, encodeCursor } from './index-cursor.ts';

const CURSOR = /^\d{16}#[0-9a-f]{32}$/;
/** After every id. */
const LAST_ID = '\uffff';

/** One row an entry, by tenant and time; all tenants' together by days in the list index. It goes by its time to live. */
export class DynamoAuditLog implements AuditLog {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async write(entry: AuditEntry): Promise<void> {
    const sk = auditSk(entry.at, entry.id);
    await this.#table.put({
      pk: auditPk(entry.tenant),
      sk,
      body: JSON.stringify(entry),
      listPk: auditListPk(entry.at),
      listSk: sk,
      ttl: Math.ceil((entry.at + AUDIT_RETENTION_MS) / SECOND_MS),
    });
  }

  async read(params: Parameters<AuditLog['read']>[0]): ReturnType<AuditLog['read']> {
    const { tenant, from, to, limit, cursor } = params;
    const end = auditSk(to, LAST_ID);
    // A cursor names the entry that comes next.
    const next = cursor === undefined ? end : decodeCursor(cursor, CURSOR);
    const range = { from, last: next < end ? next : end, limit: limit + 1 };
    const rows = tenant === undefined ? await this.#ofAll(range) : await this.#ofTenant(tenant, range);
    const following = rows[limit];
    return {
      items: rows.slice(0, limit).map((row) => JSON.parse(textIn(row, 'body')) as AuditEntry),
      ...(following !== undefined && { cursor: encodeCursor(textIn(following, 'sk')) }),
    };
  }

  #ofTenant(tenant: string, { from, last, limit }: Range): Promise<readonly Row[]> {
    const text = '#pk = :pk AND #sk BETWEEN :first AND :last';
    const values = { pk: auditPk(tenant), first: auditSk(from, ''), last };
    return this.#newest({ condition: { text, values } }, limit);
  }

  async #ofAll({ from, last, limit }: Range): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (let at = timeIn(last); rows.length < limit && dayOf(at) >= dayOf(from); at -= DAY_MS) {
      const text = '#listPk = :day AND #listSk BETWEEN :first AND :last';
      const values = { day: auditListPk(at), first: auditSk(from, ''), last };
      rows.push(...(await this.#newest({ index: LIST_INDEX, condition: { text, values } }, limit - rows.length)));
    }
    return this.#table.getAll(rows.map((row) => ({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') })));
  }

  async #newest(query: Pick<QueryParams, 'index' | 'condition'>, limit: number): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for await (const row of this.#table.query({ ...query, isDescending: true, limit })) {
      if (rows.push(row) === limit) break;
    }
    return rows;
  }
}

interface Range {
  /** Epoch ms. */
  readonly from: number;
  /** A sort key; both ends are included. */
  readonly last: string;
  readonly limit: number;
}

const timeIn = (sk: string): number => Number.parseInt(sk, 10);
