import type { StatementSync } from 'node:sqlite';
import type { Schedule, ScheduleName, ScheduleStore } from '../../ports/schedule-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

export class SqliteScheduleStore implements ScheduleStore {
  readonly #database: SqliteDatabase;
  readonly #clear: StatementSync;
  readonly #put: StatementSync;
  readonly #list: StatementSync;
  readonly #get: StatementSync;
  readonly #listDue: StatementSync;
  readonly #advance: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: SqliteDatabase) {
    const all = 'SELECT tenant, workflow, cron, next_at AS nextAt FROM schedules';
    this.#database = database;
    this.#clear = database.prepare('DELETE FROM schedules WHERE tenant = ? AND workflow = ?');
    this.#put = database.prepare('INSERT INTO schedules (tenant, workflow, cron, next_at) VALUES (?, ?, ?, ?)');
    this.#list = database.prepare(`${all} WHERE tenant = ? ORDER BY workflow, cron`);
    this.#get = database.prepare(`${all} WHERE tenant = ? AND workflow = ? AND cron = ?`);
    this.#listDue = database.prepare(`${all} WHERE next_at <= ? ORDER BY next_at LIMIT ?`);
    this.#advance = database.prepare(
      'UPDATE schedules SET next_at = ? WHERE tenant = ? AND workflow = ? AND cron = ? AND next_at = ?',
    );
    this.#remove = database.prepare('DELETE FROM schedules WHERE tenant = ?');
  }

  async put(tenant: string, workflow: string, schedules: readonly Schedule[]): Promise<void> {
    await this.#database.write(() => {
      this.#clear.run(tenant, workflow);
      for (const { cron, nextAt } of schedules) this.#put.run(tenant, workflow, cron, nextAt);
    });
  }

  async list(tenant: string): Promise<readonly Schedule[]> {
    return this.#list.all(tenant).map(toSchedule);
  }

  async get({ tenant, workflow, cron }: ScheduleName): Promise<Schedule | undefined> {
    const row = this.#get.get(tenant, workflow, cron);
    return row && toSchedule(row);
  }

  async listDue(params: { readonly until: number; readonly limit: number }): Promise<readonly Schedule[]> {
    return this.#listDue.all(params.until, params.limit).map(toSchedule);
  }

  advance({ tenant, workflow, cron, nextAt: from }: Schedule, nextAt: number): Promise<boolean> {
    return this.#database.write(() => this.#advance.run(nextAt, tenant, workflow, cron, from).changes === 1);
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#database.write(() => this.#remove.run(tenant));
  }
}

const toSchedule = (row: Record<string, unknown>): Schedule => ({ ...(row as unknown as Schedule) });
