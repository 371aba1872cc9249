import type { StatementSync } from 'node:sqlite';
import { chooseSlot, isAnothers, type SlotRow } from '../../core/slots.ts';
import type { HeldSlot, SlotResult, SlotScope, SlotStore, Ticket } from '../../ports/slot-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

export class SqliteSlotStore implements SlotStore {
  readonly #database: SqliteDatabase;
  readonly #slots: StatementSync;
  readonly #put: StatementSync;
  readonly #renew: StatementSync;
  readonly #delete: StatementSync;
  readonly #draw: StatementSync;
  readonly #since: StatementSync;
  readonly #countAhead: StatementSync;
  readonly #oldest: StatementSync;
  readonly #leave: StatementSync;
  readonly #removals: readonly StatementSync[];
  readonly #clearings: readonly StatementSync[];

  constructor(database: SqliteDatabase) {
    const ofScope = 'tenant = ? AND scope = ?';
    this.#database = database;
    this.#slots = database.prepare(`SELECT slot, incarnation, token, until FROM slots WHERE ${ofScope}`);
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO slots (tenant, scope, slot, incarnation, token, until) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#renew = database.prepare(`UPDATE slots SET until = ? WHERE ${ofScope} AND slot = ? AND token = ?`);
    this.#delete = database.prepare(`DELETE FROM slots WHERE ${ofScope} AND slot = ? AND token = ?`);
    this.#draw = database.prepare(
      'INSERT OR IGNORE INTO tickets (tenant, scope, created_at, workflow, id, since) VALUES (?, ?, ?, ?, ?, ?)',
    );
    const one = `${ofScope} AND created_at = ? AND workflow = ? AND id = ?`;
    this.#since = database.prepare(`SELECT since FROM tickets WHERE ${one}`);
    this.#countAhead = database.prepare(
      `SELECT count(*) AS ahead FROM
        (SELECT 1 FROM tickets WHERE ${ofScope} AND (created_at, workflow, id) < (?, ?, ?) LIMIT ?)`,
    );
    this.#oldest = database.prepare(
      `SELECT tenant, workflow, id, created_at AS createdAt FROM tickets
        WHERE ${ofScope} ORDER BY created_at, workflow, id LIMIT ?`,
    );
    this.#leave = database.prepare(`DELETE FROM tickets WHERE ${one}`);
    this.#removals = ['slots', 'tickets'].map((table) => database.prepare(`DELETE FROM ${table} WHERE tenant = ?`));
    this.#clearings = ['slots', 'tickets'].map((table) => database.prepare(`DELETE FROM ${table}`));
  }

  take({ scope, limit, holder, ticket, now, until }: Parameters<SlotStore['take']>[0]): Promise<SlotResult> {
    return this.#database.write(() => {
      const of = namesOf(scope);
      const place = placeOf(ticket);
      const { own, free } = chooseSlot(this.#rows(of), { limit, now, incarnation: holder.incarnation });
      if (own !== undefined && isAnothers(own, holder.token, until)) return { kind: 'doubled' };
      const ahead = own === undefined ? Number(this.#countAhead.get(...of, ...place, free.length)?.ahead) : 0;
      const slot = own?.slot ?? (free.length > ahead ? free[0] : undefined);
      if (slot === undefined) {
        this.#draw.run(...of, ...place, now);
        return { kind: 'refused', since: Number(this.#since.get(...of, ...place)?.since) };
      }
      this.#put.run(...of, slot, holder.incarnation, holder.token, until);
      this.#leave.run(...of, ...place);
      return { kind: 'taken', slot };
    });
  }

  renew({ scope, slot, holder, until }: HeldSlot & { readonly until: number }): Promise<boolean> {
    return this.#database.write(() => this.#renew.run(until, ...namesOf(scope), slot, holder.token).changes === 1);
  }

  async giveBack({ scope, slot, holder }: HeldSlot): Promise<void> {
    await this.#database.write(() => this.#delete.run(...namesOf(scope), slot, holder.token));
  }

  async look({ scope, limit, now, max }: Parameters<SlotStore['look']>[0]): ReturnType<SlotStore['look']> {
    const of = namesOf(scope);
    const { free } = chooseSlot(this.#rows(of), { limit, now });
    return { free: free.length, tickets: this.#oldest.all(...of, max).map(toTicket) };
  }

  async leave(scope: SlotScope, tickets: readonly Ticket[]): Promise<void> {
    await this.#database.write(() => {
      for (const ticket of tickets) this.#leave.run(...namesOf(scope), ...placeOf(ticket));
    });
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#database.write(() => {
      for (const removal of this.#removals) removal.run(tenant);
    });
  }

  /** Of a process that is gone: at the start of the only one that owns the database. */
  async clear(): Promise<void> {
    await this.#database.write(() => {
      for (const clearing of this.#clearings) clearing.run();
    });
  }

  #rows(of: readonly [string, string]): readonly SlotRow[] {
    return this.#slots.all(...of).map((row) => ({ ...(row as unknown as SlotRow) }));
  }
}

/** `''` is no workflow's name. */
const namesOf = ({ tenant, workflow = '' }: SlotScope): readonly [string, string] => [tenant, workflow];
const placeOf = ({ createdAt, workflow, id }: Ticket): readonly [number, string, string] => [createdAt, workflow, id];
const toTicket = (row: Record<string, unknown>): Ticket => ({ ...(row as unknown as Ticket) });
