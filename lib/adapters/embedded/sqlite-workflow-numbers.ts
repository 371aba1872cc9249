import type { StatementSync } from 'node:sqlite';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Bounds the memory for names of workflows when very many tenants are active. */
const MAX_REMEMBERED = 20_000;

/**
 * A number for each tenant's workflow, which stands in the rows and indexes of its instances in place of both names.
 * A tenant that is removed loses its numbers, and with them, in one small write, all of its instances.
 */
export class SqliteWorkflowNumbers {
  readonly #database: SqliteDatabase;
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #markRemoved: StatementSync;
  readonly #remove: StatementSync;
  readonly #remembered = new Map<string, number>();
  #undone: number;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#undone = database.undone;
    this.#find = database.prepare('SELECT number FROM workflows WHERE tenant = ? AND name = ?');
    this.#add = database.prepare('INSERT INTO workflows (tenant, name) VALUES (?, ?)');
    this.#markRemoved = database.prepare(
      'INSERT INTO removed_workflows (number) SELECT number FROM workflows WHERE tenant = ?',
    );
    this.#remove = database.prepare('DELETE FROM workflows WHERE tenant = ?');
  }

  find(tenant: string, workflow: string): number | undefined {
    // A number learnt in a transaction that was undone may not exist.
    if (this.#undone !== this.#database.undone) this.#forget();
    const name = `${tenant}/${workflow}`;
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined) return remembered;
    const number = this.#find.get(tenant, workflow)?.number as number | undefined;
    if (number !== undefined) {
      if (this.#remembered.size >= MAX_REMEMBERED) this.#forget();
      this.#remembered.set(name, number);
    }
    return number;
  }

  /** Within a write operation. */
  findOrAdd(tenant: string, workflow: string): number {
    const number = this.find(tenant, workflow);
    if (number !== undefined) return number;
    return Number(this.#add.run(tenant, workflow).lastInsertRowid);
  }

  /** Within a write operation. */
  removeTenant(tenant: string): void {
    this.#forget();
    this.#markRemoved.run(tenant);
    this.#remove.run(tenant);
  }

  #forget(): void {
    this.#remembered.clear();
    this.#undone = this.#database.undone;
  }
}
