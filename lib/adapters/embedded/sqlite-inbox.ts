import type { StatementSync } from 'node:sqlite';
import { DAY_MS } from '../../core/limits.ts';
import type { InboxItem } from '../../ports/instance-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

export interface HeldKey {
  readonly digest: string;
  readonly eventId: string;
}

/** Events and controls on their way to an instance, and the idempotency keys they came with. For write operations. */
export class SqliteInbox {
  readonly #add: StatementSync;
  readonly #read: StatementSync;
  readonly #drop: StatementSync;
  readonly #findKey: StatementSync;
  readonly #putKey: StatementSync;
  readonly #expireKeys: StatementSync;
  readonly #moveKeys: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare('INSERT INTO inbox (life, seq, item) VALUES (?, ?, ?)');
    this.#read = database.prepare('SELECT seq, item FROM inbox WHERE life = ? AND seq > ? ORDER BY seq LIMIT ?');
    this.#drop = database.prepare('DELETE FROM inbox WHERE life = ? AND seq <= ?');
    this.#findKey = database.prepare(
      'SELECT digest, event_id AS eventId FROM idempotency_keys WHERE life = ? AND key = ? AND until > ?',
    );
    this.#putKey = database.prepare('INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?, ?)');
    this.#expireKeys = database.prepare(`
      DELETE FROM idempotency_keys WHERE (life, key) IN
        (SELECT life, key FROM idempotency_keys WHERE until <= ? ORDER BY until LIMIT ?)
    `);
    this.#moveKeys = database.prepare('UPDATE idempotency_keys SET life = ? WHERE life = ?');
  }

  add(life: number, seq: number, text: string): void {
    this.#add.run(life, seq, text);
  }

  read(life: number, afterSeq: number, limit: number): { readonly seq: number; readonly item: InboxItem }[] {
    return this.#read.all(life, afterSeq, limit).map((row) => ({
      seq: row.seq as number,
      item: JSON.parse(row.item as string) as InboxItem,
    }));
  }

  /** Drops what has been taken. */
  dropTo(life: number, seq: number): void {
    this.#drop.run(life, seq);
  }

  findKey(life: number, key: string, now: number): HeldKey | undefined {
    return this.#findKey.get(life, key, now) as HeldKey | undefined;
  }

  holdKey(life: number, key: string, held: HeldKey, now: number): void {
    this.#putKey.run(life, key, held.digest, held.eventId, now + DAY_MS);
  }

  expireKeys(now: number, limit: number): void {
    this.#expireKeys.run(now, limit);
  }

  /** Keys belong to the instance and outlive its incarnation. */
  moveKeys(from: number, to: number): void {
    this.#moveKeys.run(to, from);
  }
}
