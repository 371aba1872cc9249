import type { StatementSync } from 'node:sqlite';
import type { InstanceKey, ListParams, Summary } from '../../ports/instance-store.ts';
import { decodeCursor, toPage } from './page-cursor.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { SUMMARY_COLUMNS, type SummaryRow, toSummary } from './sqlite-instance-rows.ts';

/** Reads over many instances; each follows one index, however many rows there are. */
export class SqliteInstanceList {
  readonly #all: StatementSync;
  readonly #ofStatus: StatementSync;
  readonly #due: StatementSync;
  readonly #nextDue: StatementSync;

  constructor(database: SqliteDatabase) {
    // The index is named: without statistics SQLite may take the other one and read through all other statuses.
    const newestFirst = (index: string, condition: string): StatementSync =>
      database.prepare(`
        SELECT ${SUMMARY_COLUMNS} FROM instances i INDEXED BY ${index} JOIN origins o ON o.life = i.life
        WHERE i.workflow = :workflow AND ${condition} (i.created_at, i.id) < (:beforeAt, :beforeId)
          AND i.created_at >= :from AND (i.expires_at IS NULL OR i.expires_at > :now)
        ORDER BY i.created_at DESC, i.id DESC LIMIT :count
      `);
    this.#all = newestFirst('instances_by_creation', '');
    this.#ofStatus = newestFirst('instances_by_status', 'i.status = :status AND');
    // The join leaves out instances of a removed tenant whose rows are still there.
    this.#due = database.prepare(`
      SELECT w.tenant, w.name AS workflow, i.id FROM instances i CROSS JOIN workflows w ON w.number = i.workflow
      WHERE i.due_at <= ? ORDER BY i.due_at LIMIT ?
    `);
    this.#nextDue = database.prepare(`
      SELECT i.due_at FROM instances i CROSS JOIN workflows w ON w.number = i.workflow
      WHERE i.due_at IS NOT NULL ORDER BY i.due_at LIMIT 1
    `);
  }

  read(
    workflow: number,
    params: ListParams,
    now: number,
  ): { readonly items: readonly Summary[]; readonly cursor?: string } {
    // Both bounds from above are one place in the order: everything at `to` comes before ('', to + 1).
    let before = { at: (params.to ?? Number.MAX_SAFE_INTEGER - 1) + 1, name: '' };
    if (params.cursor !== undefined) {
      const cursor = decodeCursor(params.cursor);
      if (cursor.at < before.at) before = cursor;
    }
    const bounds = {
      workflow,
      beforeAt: before.at,
      beforeId: before.name,
      from: params.from ?? 0,
      now,
      count: params.limit + 1,
    };
    const rows =
      params.status === undefined ? this.#all.all(bounds) : this.#ofStatus.all({ ...bounds, status: params.status });
    const page = toPage(rows as unknown as SummaryRow[], params.limit, (row) => ({ at: row.created_at, name: row.id }));
    return { ...page, items: page.items.map((row) => toSummary(params, row)) };
  }

  findDue(now: number, limit: number): readonly InstanceKey[] {
    return this.#due.all(now, limit).map((row) => ({
      tenant: row.tenant as string,
      workflow: row.workflow as string,
      id: row.id as string,
    }));
  }

  nextDueAt(): number | undefined {
    return this.#nextDue.get()?.due_at as number | undefined;
  }
}
