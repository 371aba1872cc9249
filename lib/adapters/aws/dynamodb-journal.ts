import type { JournalRecord } from '../../core/records.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';
import { numberIn, type Row } from './dynamodb-attributes.ts';
import { instancePk, journalPrefix, journalSk, placeOf } from './dynamodb-keys.ts';
import { type DynamoTable, isOurs, newWriteId } from './dynamodb-table.ts';
import { packedAttributes, packedIn, packText, unpackText } from './packed-text.ts';

/** Where an object lies that stands for a part of a row; below its life, so that it can be found by hand. */
export const objectNameOf = ({ tenant, workflow, id }: InstanceKey, incarnation: string, name: string): string =>
  `${tenant}/rows/${workflow}/${id}/${incarnation}/${name}`;

export interface JournalEnd {
  /** Records in the journal. */
  readonly position: number;
  /** The row that closes the life, where it has been closed (`dynamodb-lives.ts`). */
  readonly closing: Row | undefined;
}

/**
 * The journal of each life: a row per batch, named by the position of its first record. To take a position is to put a
 * row where none may be: that alone decides between two writers (E3).
 */
export class DynamoJournal {
  readonly #table: DynamoTable;
  readonly #blobs: Pick<BlobStore, 'put' | 'get'>;

  constructor(table: DynamoTable, blobs: Pick<BlobStore, 'put' | 'get'>) {
    this.#table = table;
    this.#blobs = blobs;
  }

  /**
   * One batch, whole or not at all. `ttl`: epoch seconds after which DynamoDB may remove it. `taken` gives the row that was
   * there first.
   */
  async put(
    key: InstanceKey,
    incarnation: string,
    position: number,
    records: readonly JournalRecord[],
    ttl?: number,
  ): Promise<{ readonly kind: 'done'; readonly isApart: boolean } | { readonly kind: 'taken'; readonly by: Row }> {
    const write = newWriteId();
    const object = objectNameOf(key, incarnation, `${position}-${write}`);
    const { packed } = await packText(this.#blobs, JSON.stringify(records), object);
    const isApart = 'object' in packed;
    const row: Row = {
      pk: instancePk(key),
      sk: journalSk(incarnation, position),
      count: records.length,
      write,
      ...packedAttributes('records', packed),
      // An object would be left behind by a row that goes by itself.
      ...(ttl !== undefined && !isApart && { ttl }),
    };
    const result = await this.#table.put(row, { text: 'attribute_not_exists(#pk)' });
    if (isOurs(result, write)) return { kind: 'done', isApart };
    if (result.row === undefined) throw new Error('A row of a journal came and went.');
    return { kind: 'taken', by: result.row };
  }

  async end(key: InstanceKey, incarnation: string): Promise<JournalEnd> {
    const { rows } = await this.#table.queryPage({
      condition: {
        text: '#pk = :pk AND begins_with(#sk, :prefix)',
        values: { pk: instancePk(key), prefix: journalPrefix(incarnation) },
      },
      isDescending: true,
      limit: 1,
      only: ['pk', 'sk', 'count', 'closing', 'wakeSk'],
    });
    const [row] = rows;
    if (row === undefined) return { position: 0, closing: undefined };
    const place = placeOf(String(row.sk));
    return row.closing === undefined
      ? { position: place + numberIn(row, 'count'), closing: undefined }
      : { position: place, closing: row };
  }

  /** From `from` on. The end is told too: it is where whoever has read this may append. */
  async read(
    key: InstanceKey,
    incarnation: string,
    from: number,
  ): Promise<{ readonly records: readonly JournalRecord[]; readonly end: JournalEnd }> {
    const records: JournalRecord[] = [];
    let position = 0;
    for await (const row of this.#table.query({
      condition: {
        text: '#pk = :pk AND #sk BETWEEN :first AND :last',
        values: {
          pk: instancePk(key),
          first: journalSk(incarnation, from === 0 ? 0 : await this.#batchAround(key, incarnation, from)),
          last: `${journalPrefix(incarnation)}~`,
        },
      },
    })) {
      if (row.closing !== undefined) return { records, end: { position, closing: row } };
      // Of a life that is over: nothing but the place is left.
      if (row.isTaken !== undefined) continue;
      const place = placeOf(String(row.sk));
      position = place + numberIn(row, 'count');
      if (position <= from) continue;
      const batch = await this.#recordsOf(row);
      for (const record of batch.slice(Math.max(0, from - place))) records.push(record);
    }
    return { records, end: { position, closing: undefined } };
  }

  /** Where the batch begins in which a position lies, or the one before it. */
  async #batchAround(key: InstanceKey, incarnation: string, position: number): Promise<number> {
    const { rows } = await this.#table.queryPage({
      condition: {
        text: '#pk = :pk AND #sk BETWEEN :first AND :last',
        values: {
          pk: instancePk(key),
          first: journalSk(incarnation, 0),
          last: journalSk(incarnation, Math.min(position, 99_999_999)),
        },
      },
      isDescending: true,
      limit: 1,
      only: ['sk'],
    });
    return rows[0] === undefined ? 0 : placeOf(String(rows[0].sk));
  }

  async #recordsOf(row: Row): Promise<readonly JournalRecord[]> {
    const packed = packedIn(row, 'records');
    if (packed === undefined) throw new Error(`A row of a journal without records: ${String(row.sk)}`);
    return JSON.parse(await unpackText(this.#blobs, packed)) as JournalRecord[];
  }
}
