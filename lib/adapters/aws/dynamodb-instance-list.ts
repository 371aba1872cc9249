import type { InstanceKey, ListParams, Summary } from '../../ports/instance-store.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import { instanceListPk, instanceOf, LIST_INDEX, summaryKey, timeText } from './dynamodb-keys.ts';
import { type DynamoSummaryRows, isExpired, toHead } from './dynamodb-summary-rows.ts';
import type { DynamoTable, QueryStart } from './dynamodb-table.ts';
import { decodeCursor, encodeCursor } from './index-cursor.ts';

/** Without the workflow, which the caller names: time and id. */
const CURSOR = /^\d{16}#[A-Za-z0-9_-]{1,100}$/;
/**
 * Rows that one call looks at, however few of them have the status that is asked for: then the page is short and has a
 * cursor. Read units of a summary below 4 KB: 1 each.
 */
const MAX_LOOKED_AT = 2_000;
const CHUNK = 100;
/** Before every name of a workflow; a key is never empty. */
const FIRST = ' ';

/** Instances of a workflow, newest first: names from the index, the rows from the table. */
export class DynamoInstanceList {
  readonly #table: DynamoTable;
  readonly #rows: DynamoSummaryRows;

  constructor(table: DynamoTable, rows: DynamoSummaryRows) {
    this.#table = table;
    this.#rows = rows;
  }

  async read(
    params: ListParams,
    now: number,
  ): Promise<{ readonly items: readonly Summary[]; readonly cursor?: string }> {
    const { tenant, workflow, status, limit } = params;
    const after = params.cursor === undefined ? undefined : decodeCursor(params.cursor, CURSOR);
    // `~` comes after every character of an id.
    let below = `${workflow}#${timeText(params.to ?? Number.MAX_SAFE_INTEGER)}#~`;
    if (after !== undefined && `${workflow}#${after}` < below) below = `${workflow}#${after}`;
    const found: Row[] = [];
    let lookedAt = 0;
    for await (const names of this.#names(instanceListPk(tenant), `${workflow}#${timeText(params.from ?? 0)}`, below)) {
      const rows = await this.#table.getAll(names.map(({ key }) => summaryKey(key)));
      const byPk = new Map(rows.map((row) => [textIn(row, 'pk'), row]));
      for (const { key, sk } of names) {
        const row = byPk.get(summaryKey(key).pk);
        lookedAt += 1;
        const head = row && toHead(row);
        const isWanted =
          head !== undefined && !isExpired(head, now) && (status === undefined || head.status === status);
        // An entry that its row has left behind: removed, and perhaps made again, since.
        if (isWanted && row?.listSk === sk) {
          if (found.length === limit) return this.#page(found, found.at(-1));
          found.push(row);
        }
        if (lookedAt >= MAX_LOOKED_AT) return this.#page(found, { listSk: sk });
      }
    }
    return this.#page(found, undefined);
  }

  /** Names of all instances of a tenant. */
  async *ofTenant(tenant: string): AsyncGenerator<InstanceKey, void, undefined> {
    for await (const names of this.#names(instanceListPk(tenant), FIRST, '~')) {
      for (const { key } of names) yield key;
    }
  }

  /** Newest first, from `from` on, all below `below`. */
  async *#names(
    pk: string,
    from: string,
    below: string,
  ): AsyncGenerator<readonly { readonly key: InstanceKey; readonly sk: string }[], void, undefined> {
    let start: QueryStart | undefined;
    do {
      const page = await this.#table.queryPage({
        index: LIST_INDEX,
        condition: { text: '#listPk = :pk AND #listSk BETWEEN :from AND :below', values: { pk, from, below } },
        isDescending: true,
        limit: CHUNK,
        ...(start !== undefined && { start }),
      });
      const names = page.rows.map((row) => ({ key: instanceOf(textIn(row, 'pk')), sk: textIn(row, 'listSk') }));
      // The bound itself is the cursor's own row.
      yield names.filter(({ sk }) => sk < below);
      start = page.next;
    } while (start !== undefined);
  }

  async #page(
    found: readonly Row[],
    last: Row | undefined,
  ): Promise<{ readonly items: readonly Summary[]; readonly cursor?: string }> {
    const items = await this.#rows.toSummaries(found);
    if (last === undefined) return { items };
    const sk = textIn(last, 'listSk');
    return { items, cursor: encodeCursor(sk.slice(sk.indexOf('#') + 1)) };
  }
}
