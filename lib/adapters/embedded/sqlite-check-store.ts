import type { StatementSync } from 'node:sqlite';
import type { Check, CheckStore } from '../../ports/check-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

export class SqliteCheckStore implements CheckStore {
  readonly #database: SqliteDatabase;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #replace: StatementSync;
  readonly #listRunning: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO checks (tenant, version, id, revision, status, body) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#get = database.prepare('SELECT body FROM checks WHERE tenant = ? AND version = ?');
    this.#replace = database.prepare(`
      UPDATE checks SET id = ?, revision = ?, status = ?, body = ?
      WHERE tenant = ? AND version = ? AND id = ? AND revision = ?
    `);
    this.#listRunning = database.prepare("SELECT body FROM checks WHERE status = 'running'");
    this.#remove = database.prepare('DELETE FROM checks WHERE tenant = ?');
  }

  async put(check: Check): Promise<void> {
    const { tenant, version, id, revision, status } = check;
    const body = JSON.stringify(check);
    await this.#database.write(() => this.#put.run(tenant, version, id, revision, status, body));
  }

  async get(tenant: string, version: string): Promise<Check | undefined> {
    const row = this.#get.get(tenant, version);
    return row === undefined ? undefined : (JSON.parse(row.body as string) as Check);
  }

  replace(check: Check, expected: Pick<Check, 'id' | 'revision'>): Promise<boolean> {
    const { tenant, version, id, revision, status } = check;
    const body = JSON.stringify(check);
    return this.#database.write(() => {
      const where = [tenant, version, expected.id, expected.revision] as const;
      return this.#replace.run(id, revision, status, body, ...where).changes === 1;
    });
  }

  async listRunning(): Promise<readonly Check[]> {
    return this.#listRunning.all().map((row) => JSON.parse(row.body as string) as Check);
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#database.write(() => this.#remove.run(tenant));
  }
}
