import type { StatementSync } from 'node:sqlite';
import type { JournalRecord } from '../../core/records.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Positions of one life: ten times what the highest step limit allows. Lives: 2^43 of them, computed within SQLite. */
const PLACES = 1_048_576;

/** Records in one row where many are written at once: bounds the text that a reader holds at a time. */
const BATCH = 512;

/** Records as the rows that will hold them, made before the transaction so that nothing slow happens in it. */
export interface EncodedBatch {
  readonly offset: number;
  readonly text: string;
}

export const encodeBatches = (records: readonly JournalRecord[]): readonly EncodedBatch[] => {
  const batches: EncodedBatch[] = [];
  for (let offset = 0; offset < records.length; offset += BATCH) {
    const isAll = offset === 0 && records.length <= BATCH;
    batches.push({ offset, text: JSON.stringify(isAll ? records : records.slice(offset, offset + BATCH)) });
  }
  return batches;
};

/** The records of each life, one row a batch. `add` and `drop` are called within a write operation. */
export class SqliteJournal {
  readonly #add: StatementSync;
  readonly #read: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare(`INSERT INTO journal (place, records) VALUES (? * ${PLACES} + ?, ?)`);
    // From the batch in which the position lies, which may have begun before it.
    this.#read = database.prepare(`
      SELECT place % ${PLACES} AS position, records FROM journal
      WHERE place < (?1 + 1) * ${PLACES} AND place >= (
        SELECT max(place) FROM journal WHERE place BETWEEN ?1 * ${PLACES} AND ?1 * ${PLACES} + ?2
      )
      ORDER BY place
    `);
    this.#drop = database.prepare(`
      DELETE FROM journal WHERE place IN (
        SELECT place FROM journal WHERE place >= ?1 * ${PLACES} AND place < (?1 + 1) * ${PLACES} LIMIT ?2
      )
    `);
  }

  /** `position`: of the first record. */
  add(life: number, position: number, batches: readonly EncodedBatch[]): void {
    for (const { offset, text } of batches) {
      if (position + offset >= PLACES) throw new RangeError(`A journal holds at most ${PLACES} records.`);
      this.#add.run(life, position + offset, text);
    }
  }

  read(life: number, from: number): JournalRecord[] {
    const records: JournalRecord[] = [];
    for (const row of this.#read.iterate(life, Math.min(from, PLACES - 1))) {
      const batch = JSON.parse(row.records as string) as JournalRecord[];
      const skipped = Math.max(0, from - (row.position as number));
      for (const record of skipped === 0 ? batch : batch.slice(skipped)) records.push(record);
    }
    return records;
  }

  /** Takes away up to `limit` rows; how many there were. */
  drop(life: number, limit: number): number {
    return Number(this.#drop.run(life, limit).changes);
  }
}
