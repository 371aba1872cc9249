import type { StatementSync } from 'node:sqlite';
import type { UsageRow, UsageStore } from '../../ports/usage.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

export class SqliteUsageStore implements UsageStore {
  readonly #database: SqliteDatabase;
  readonly #add: StatementSync;
  readonly #read: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#add = database.prepare(`
      INSERT INTO usage (tenant, day, workflow, instances, steps, cpu_ms, bytes, requests) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET instances = instances + excluded.instances, steps = steps + excluded.steps,
        cpu_ms = cpu_ms + excluded.cpu_ms, bytes = bytes + excluded.bytes, requests = requests + excluded.requests
    `);
    this.#read = database.prepare(`
      SELECT day, workflow, instances, steps, cpu_ms AS cpuMs, bytes, requests FROM usage
      WHERE tenant = ? AND day BETWEEN ? AND ? ORDER BY day, workflow
    `);
    this.#remove = database.prepare('DELETE FROM usage WHERE tenant = ?');
  }

  async add(rows: readonly UsageRow[]): Promise<void> {
    await this.#database.write(() => {
      for (const { tenant, day, workflow = '', units } of rows) {
        const { instances, steps, cpuMs, bytes, requests } = units;
        this.#add.run(tenant, day, workflow, instances, steps, cpuMs, bytes, requests);
      }
    });
  }

  async read(params: {
    readonly tenant: string;
    readonly fromDay: string;
    readonly toDay: string;
  }): Promise<readonly UsageRow[]> {
    const { tenant, fromDay, toDay } = params;
    return this.#read.all(tenant, fromDay, toDay).map((row) => {
      const { day, workflow, ...units } = row as unknown as UsageRow['units'] & { day: string; workflow: string };
      return { tenant, day, ...(workflow !== '' && { workflow }), units };
    });
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#database.write(() => this.#remove.run(tenant));
  }
}
