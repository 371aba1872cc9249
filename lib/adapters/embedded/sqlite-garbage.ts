import type { StatementSync } from 'node:sqlite';
import type { SqliteDatabase } from './sqlite-database.ts';
import type { SqliteJournal } from './sqlite-journal.ts';

/** Rows deleted in one transaction: a few milliseconds, so that nobody waits for another tenant's long journal. */
const ROWS_AT_ONCE = 400;
const INSTANCES_AT_ONCE = 80;

/**
 * Takes away what is no longer reachable. Removal itself is one small write that unlinks: an instance's row goes and
 * its life is noted here; a tenant's workflow numbers go and are noted here. The rows behind them follow in portions,
 * and after a crash the rest follows at the next start.
 */
export class SqliteGarbage {
  readonly #database: SqliteDatabase;
  readonly #add: StatementSync;
  readonly #nextLife: StatementSync;
  readonly #finishLife: StatementSync;
  readonly #dropOrigin: StatementSync;
  /** Each takes away up to `limit` rows of a life and tells how many there were. */
  readonly #drops: readonly ((life: number, limit: number) => number)[];
  readonly #nextWorkflow: StatementSync;
  readonly #finishWorkflow: StatementSync;
  readonly #livesOf: StatementSync;
  readonly #dropInstance: StatementSync;
  #isWanted = false;
  #collecting: Promise<void> | undefined;

  constructor(database: SqliteDatabase, journal: SqliteJournal) {
    this.#database = database;
    this.#add = database.prepare('INSERT INTO garbage (life) VALUES (?)');
    this.#nextLife = database.prepare('SELECT life FROM garbage ORDER BY life LIMIT 1');
    this.#finishLife = database.prepare('DELETE FROM garbage WHERE life = ?');
    this.#dropOrigin = database.prepare('DELETE FROM origins WHERE life = ?');
    const dropSome = (table: string, key: string): ((life: number, limit: number) => number) => {
      const drop = database.prepare(`
        DELETE FROM ${table} WHERE life = ?1 AND ${key} IN (SELECT ${key} FROM ${table} WHERE life = ?1 LIMIT ?2)
      `);
      return (life, limit) => Number(drop.run(life, limit).changes);
    };
    this.#drops = [
      (life, limit) => journal.drop(life, limit),
      dropSome('inbox', 'seq'),
      dropSome('idempotency_keys', 'key'),
    ];
    this.#nextWorkflow = database.prepare('SELECT number FROM removed_workflows ORDER BY number LIMIT 1');
    this.#finishWorkflow = database.prepare('DELETE FROM removed_workflows WHERE number = ?');
    // In the order of their creation their rows lie side by side; in the order of their ids they lie anywhere.
    this.#livesOf = database.prepare(`
      SELECT life FROM instances INDEXED BY instances_by_creation WHERE workflow = ? ORDER BY created_at LIMIT ?
    `);
    this.#dropInstance = database.prepare('DELETE FROM instances WHERE life = ?');
  }

  /** Within a write operation: this life's rows are to go. */
  add(life: number): void {
    this.#add.run(life);
  }

  /** Within a write operation: an instance goes. */
  addInstance(life: number): void {
    this.#dropInstance.run(life);
    this.#add.run(life);
  }

  /** Resolves when nothing is left of what was noted before the call; rejects when the database is closed meanwhile. */
  collect(): Promise<void> {
    this.#isWanted = true;
    this.#collecting ??= this.#collectAll();
    return this.#collecting;
  }

  /** The same, for whom nobody waits: what fails here is done at the next occasion or at the next start. */
  collectLater(): void {
    this.collect().catch(() => {});
  }

  async #collectAll(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        while (await this.#database.write(() => this.#collectSome())) {
          // Each portion is a transaction of its own tick.
        }
      }
    } finally {
      this.#collecting = undefined;
    }
  }

  /** `false`: there was nothing left. */
  #collectSome(): boolean {
    let room = ROWS_AT_ONCE;
    while (room > 0) {
      const life = this.#nextLife.get()?.life as number | undefined;
      if (life === undefined) {
        if (!this.#unlinkSome()) return room < ROWS_AT_ONCE;
        room -= INSTANCES_AT_ONCE;
        continue;
      }
      room -= this.#collectLife(life, room);
    }
    return true;
  }

  /** How many rows went. */
  #collectLife(life: number, room: number): number {
    let dropped = 1;
    for (const drop of this.#drops) {
      dropped += drop(life, room);
      if (dropped > room) return dropped;
    }
    this.#dropOrigin.run(life);
    this.#finishLife.run(life);
    return dropped;
  }

  /** Makes garbage of instances whose tenant is gone. `false`: there are none. */
  #unlinkSome(): boolean {
    const number = this.#nextWorkflow.get()?.number as number | undefined;
    if (number === undefined) return false;
    const rows = this.#livesOf.all(number, INSTANCES_AT_ONCE);
    for (const row of rows) this.addInstance(row.life as number);
    if (rows.length < INSTANCES_AT_ONCE) this.#finishWorkflow.run(number);
    return true;
  }
}
