import type { StatementSync } from 'node:sqlite';
import type { Policy, PolicyStore } from '../../ports/policy-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Read once and kept: nobody else writes to this database. */
export class SqlitePolicyStore implements PolicyStore {
  readonly #database: SqliteDatabase;
  readonly #put: StatementSync;
  readonly #list: StatementSync;
  readonly #remove: StatementSync;
  #known: readonly Policy[] | undefined;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#put = database.prepare('INSERT OR REPLACE INTO policies (name, body) VALUES (?, ?)');
    this.#list = database.prepare('SELECT body FROM policies ORDER BY name');
    this.#remove = database.prepare('DELETE FROM policies WHERE name = ?');
  }

  async put(policy: Policy): Promise<void> {
    await this.#database.write(() => this.#put.run(policy.name, JSON.stringify(policy)));
    this.#known = undefined;
  }

  async list(): Promise<readonly Policy[]> {
    this.#known ??= this.#list.all().map(({ body }) => JSON.parse(String(body)) as Policy);
    return this.#known;
  }

  async remove(name: string): Promise<boolean> {
    const isRemoved = await this.#database.write(() => this.#remove.run(name).changes > 0);
    this.#known = undefined;
    return isRemoved;
  }
}
