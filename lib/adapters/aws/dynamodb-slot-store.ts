import { DAY_MS, SECOND_MS } from '../../core/limits.ts';
import { chooseSlot, isAnothers, type SlotRow } from '../../core/slots.ts';
import type { HeldSlot, SlotResult, SlotScope, SlotStore, Ticket } from '../../ports/slot-store.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import { type RowKey, slotPrefix, slotSk, slotsPk, ticketPrefix, ticketSk } from './dynamodb-keys.ts';
import { type DynamoTable, isOurs, newWriteId } from './dynamodb-table.ts';

type Taking = Parameters<SlotStore['take']>[0];

/** Somebody else may get the number that was free; each try reads anew. */
const MAX_TRIES = 8;
/** What nobody came for. An instance that still waits draws another one. */
const TICKET_MS = 7 * DAY_MS;

/** A partition a tenant: the slots of a scope are read together, and the line behind them in the order of its keys. */
export class DynamoSlotStore implements SlotStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async take(taking: Taking): Promise<SlotResult> {
    const { scope, limit, holder, ticket, now, until } = taking;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { own, free } = chooseSlot(await this.#slots(scope), { limit, now, incarnation: holder.incarnation });
      if (own !== undefined && isAnothers(own, holder.token, until)) return { kind: 'doubled' };
      if (own !== undefined) {
        if (await this.#put(taking, own.slot, { text: '#token = :token', values: { token: own.token } })) {
          return { kind: 'taken', slot: own.slot };
        }
        continue;
      }
      if (free.length === 0) break;
      const { ahead, isInLine } = await this.#lineBefore(scope, ticket, free.length);
      if (ahead >= free.length) break;
      // Spread, since many may ask at once.
      const slot = free[Number.parseInt(holder.token.slice(0, 6), 16) % free.length] ?? 0;
      const condition = { text: 'attribute_not_exists(#pk) OR #until <= :now', values: { now } };
      if (!(await this.#put(taking, slot, condition))) continue;
      if (isInLine) await this.leave(scope, [ticket]);
      return { kind: 'taken', slot };
    }
    return { kind: 'refused', since: await this.#draw(taking) };
  }

  async renew({ scope, slot, holder, until }: HeldSlot & { readonly until: number }): Promise<boolean> {
    const result = await this.#table.update(
      slotKey(scope, slot),
      { text: 'SET #until = :until', values: { until } },
      { text: '#token = :token', values: { token: holder.token } },
    );
    return result.kind === 'done';
  }

  async giveBack({ scope, slot, holder }: HeldSlot): Promise<void> {
    await this.#table.delete(slotKey(scope, slot), { text: '#token = :token', values: { token: holder.token } });
  }

  async look({ scope, limit, now, max }: Parameters<SlotStore['look']>[0]): ReturnType<SlotStore['look']> {
    const { free } = chooseSlot(await this.#slots(scope), { limit, now });
    const condition = {
      text: '#pk = :pk AND begins_with(#sk, :prefix)',
      values: { pk: slotsPk(scope.tenant), prefix: ticketPrefix(scope.workflow ?? '') },
    };
    const { rows } = await this.#table.queryPage({ condition, limit: max });
    return { free: free.length, tickets: rows.map((row) => toTicket(scope.tenant, row)) };
  }

  async leave(scope: SlotScope, tickets: readonly Ticket[]): Promise<void> {
    await this.#table.deleteAll(tickets.map((ticket) => ticketKey(scope, ticket)));
  }

  async removeTenant(tenant: string): Promise<void> {
    const keys: RowKey[] = [];
    const condition = { text: '#pk = :pk', values: { pk: slotsPk(tenant) } };
    for await (const row of this.#table.query({ condition, only: ['pk', 'sk'] })) keys.push(row as unknown as RowKey);
    await this.#table.deleteAll(keys);
  }

  async #slots(scope: SlotScope): Promise<readonly SlotRow[]> {
    const condition = {
      text: '#pk = :pk AND begins_with(#sk, :prefix)',
      values: { pk: slotsPk(scope.tenant), prefix: slotPrefix(scope.workflow ?? '') },
    };
    const slots: SlotRow[] = [];
    for await (const row of this.#table.query({ condition })) {
      const [incarnation, token] = [textIn(row, 'incarnation'), textIn(row, 'token')];
      slots.push({ slot: Number(row.slot), until: Number(row.until), incarnation, token });
    }
    return slots;
  }

  /** How many stand before it, as far as `max`, and whether it has a ticket among the first so many. */
  async #lineBefore(
    scope: SlotScope,
    ticket: Ticket,
    max: number,
  ): Promise<{ readonly ahead: number; readonly isInLine: boolean }> {
    const { pk, sk } = ticketKey(scope, ticket);
    const condition = {
      text: '#pk = :pk AND #sk BETWEEN :first AND :own',
      values: { pk, first: ticketPrefix(scope.workflow ?? ''), own: sk },
    };
    const { rows } = await this.#table.queryPage({ condition, limit: max });
    const isInLine = rows.at(-1)?.sk === sk;
    return { ahead: isInLine ? rows.length - 1 : rows.length, isInLine };
  }

  async #put(
    { scope, holder, until }: Taking,
    slot: number,
    condition: Parameters<DynamoTable['put']>[1],
  ): Promise<boolean> {
    // By time alone it counts no more; by this it is gone as well, where its holder died.
    const ttl = Math.ceil((until + DAY_MS) / SECOND_MS);
    const write = newWriteId();
    const row = { ...slotKey(scope, slot), ...holder, slot, until, ttl, write };
    return isOurs(await this.#table.put(row, condition), write);
  }

  async #draw({ scope, ticket, now }: Taking): Promise<number> {
    const { createdAt, workflow, id } = ticket;
    const ttl = Math.ceil((now + TICKET_MS) / SECOND_MS);
    const row = { ...ticketKey(scope, ticket), createdAt, workflow, id, since: now, ttl };
    const result = await this.#table.put(row, { text: 'attribute_not_exists(#pk)' });
    return result.kind === 'done' ? now : Number(result.row?.since ?? now);
  }
}

const slotKey = ({ tenant, workflow = '' }: SlotScope, slot: number): RowKey => ({
  pk: slotsPk(tenant),
  sk: slotSk(workflow, slot),
});

const ticketKey = ({ tenant, workflow = '' }: SlotScope, ticket: Ticket): RowKey => ({
  pk: slotsPk(tenant),
  sk: ticketSk(workflow, ticket),
});

const toTicket = (tenant: string, row: Row): Ticket => ({
  tenant,
  workflow: textIn(row, 'workflow'),
  id: textIn(row, 'id'),
  createdAt: Number(row.createdAt),
});
