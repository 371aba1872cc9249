import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { asDataFolderError, dataFolderError } from './data-folder-error.ts';
import { createPrivateFile } from './private-file.ts';
import { MIGRATIONS } from './sqlite-schema.ts';

/** Bounds how long one group holds the event loop (about 10 ms); what is above it goes into the next tick's group. */
const MAX_GROUP = 512;

interface Waiting {
  readonly operation: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One connection to one file, in WAL mode with full sync, and the group commit on it.
 *
 * - Every `write` asked for within one tick of the event loop runs in one transaction, first come first served. Its
 *   promise resolves after COMMIT has returned, that is, after the log is on the disk. A sync costs a hundred times
 *   what an operation does, so what is shared is the sync.
 * - A transaction begins and ends within one synchronous `#flush`. So code outside a `write` operation only ever runs
 *   between transactions: a plain read on this connection sees exactly what is durable, and needs no queue.
 * - An operation is synchronous, decides on what it reads, and may run twice: when one of a group throws, the whole
 *   group is undone and each is done again in a transaction of its own, so that only the guilty one is refused.
 *   It changes nothing but the database.
 * - When COMMIT itself fails every operation of it is refused. Whether the disk has it is then unknown until the next
 *   start, as with any lost answer: callers repeat, and the conditions on their writes make that safe.
 */
export class SqliteDatabase {
  /** For prepared statements and for tests; writes go through `write`. */
  readonly connection: DatabaseSync;
  readonly #migrations: readonly string[];
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #waiting: Waiting[] = [];
  #isClosed = false;
  #undone = 0;

  /**
   * Opens or makes the file (mode 0600) and brings its schema up to date. Throws `DataFolderError`.
   * @param options.migrations what the schema is made by. @default that of `tenon.db`
   * @param options.cacheKb of pages kept in memory. @default 32,000
   */
  constructor(
    path: string,
    {
      migrations = MIGRATIONS,
      cacheKb = 32_000,
    }: { readonly migrations?: readonly string[]; readonly cacheKb?: number } = {},
  ) {
    this.#migrations = migrations;
    try {
      // SQLite gives its log files the mode of the database file.
      createPrivateFile(path);
      this.connection = new DatabaseSync(path, { timeout: 2_000 });
    } catch (error) {
      throw asDataFolderError(error);
    }
    try {
      const applied = this.#countApplied();
      // fullfsync: on macOS a plain fsync leaves the data in the drive's cache; elsewhere it means nothing.
      this.connection.exec(`
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
        PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -${cacheKb};
      `);
      this.#migrate(applied);
      this.#begin = this.connection.prepare('BEGIN IMMEDIATE');
      this.#commit = this.connection.prepare('COMMIT');
    } catch (error) {
      this.connection.close();
      throw asDataFolderError(error);
    }
  }

  /** How many transactions were undone: what was remembered from within one may be wrong when this has changed. */
  get undone(): number {
    return this.#undone;
  }

  prepare(sql: string): StatementSync {
    return this.connection.prepare(sql);
  }

  /** Runs the operation in this tick's transaction; resolves with its result when that is on the disk. */
  write<T>(operation: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#isClosed) {
        reject(new Error('The database is closed.'));
        return;
      }
      if (this.#waiting.length === 0) setImmediate(this.#flush);
      this.#waiting.push({ operation, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Commits what is waiting and closes the file. */
  close(): void {
    if (this.#isClosed) return;
    while (this.#waiting.length > 0) this.#flush();
    this.#isClosed = true;
    this.connection.close();
  }

  readonly #flush = (): void => {
    let group = this.#waiting;
    this.#waiting = [];
    if (group.length > MAX_GROUP) {
      this.#waiting = group.slice(MAX_GROUP);
      group = group.slice(0, MAX_GROUP);
      setImmediate(this.#flush);
    }
    if (group.length === 0) return;
    if (group.length > 1 && this.#commitGroup(group, false)) return;
    for (const one of group) this.#commitGroup([one], true);
  };

  /** `false`: an operation threw and nothing happened; where it `isAlone` it has been refused. */
  #commitGroup(group: readonly Waiting[], isAlone: boolean): boolean {
    const results: unknown[] = [];
    try {
      this.#begin.run();
      for (const waiting of group) results.push(waiting.operation());
    } catch (error) {
      this.#undo();
      if (isAlone) for (const waiting of group) waiting.reject(asDataFolderError(error));
      return false;
    }
    try {
      this.#commit.run();
    } catch (error) {
      this.#undo();
      for (const waiting of group) waiting.reject(asDataFolderError(error));
      return true;
    }
    group.forEach((waiting, index) => {
      waiting.resolve(results[index]);
    });
    return true;
  }

  #undo(): void {
    this.#undone += 1;
    // SQLite has undone it already where the disk is full or failing.
    if (this.connection.isTransaction) this.connection.exec('ROLLBACK');
  }

  /** Asked before anything is written: a file of a newer release stays as it is. */
  #countApplied(): number {
    const version = this.connection.prepare('PRAGMA user_version').get()?.user_version;
    if (typeof version !== 'number' || version > this.#migrations.length) throw dataFolderError('data.newer_schema');
    return version;
  }

  #migrate(applied: number): void {
    for (const [index, migration] of this.#migrations.entries()) {
      if (index < applied) continue;
      this.connection.exec('BEGIN IMMEDIATE');
      try {
        this.connection.exec(migration);
        this.connection.exec(`PRAGMA user_version = ${index + 1}`);
        this.connection.exec('COMMIT');
      } catch (error) {
        this.#undo();
        throw error;
      }
    }
  }
}
