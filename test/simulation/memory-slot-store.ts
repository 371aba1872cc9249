import { chooseSlot, isAnothers, type SlotRow } from '../../lib/core/slots.ts';
import type { InstanceKey } from '../../lib/ports/instance-store.ts';
import type { HeldSlot, SlotResult, SlotScope, SlotStore, Ticket } from '../../lib/ports/slot-store.ts';

/** Slots in plain maps, as `MemoryInstanceStore` has its instances: every call happens at once. */
export class MemorySlotStore implements SlotStore {
  readonly #slots = new Map<string, Map<number, SlotRow>>();
  readonly #lines = new Map<string, Map<string, Ticket & { readonly since: number }>>();

  async take({ scope, limit, holder, ticket, now, until }: Parameters<SlotStore['take']>[0]): Promise<SlotResult> {
    const slots = this.#slotsOf(scope);
    const line = this.#lineOf(scope);
    const { own, free } = chooseSlot([...slots.values()], { limit, now, incarnation: holder.incarnation });
    if (own !== undefined && isAnothers(own, holder.token, until)) return { kind: 'doubled' };
    const place = placeOf(ticket);
    const ahead = [...line.keys()].filter((other) => other < place).length;
    const slot = own?.slot ?? (free.length > ahead ? free[0] : undefined);
    if (slot === undefined) {
      const { since } = line.get(place) ?? { since: now };
      line.set(place, { ...ticket, since });
      return { kind: 'refused', since };
    }
    slots.set(slot, { slot, ...holder, until });
    line.delete(place);
    return { kind: 'taken', slot };
  }

  async renew({ scope, slot, holder, until }: HeldSlot & { readonly until: number }): Promise<boolean> {
    const slots = this.#slotsOf(scope);
    if (slots.get(slot)?.token !== holder.token) return false;
    slots.set(slot, { slot, ...holder, until });
    return true;
  }

  async giveBack({ scope, slot, holder }: HeldSlot): Promise<void> {
    const slots = this.#slotsOf(scope);
    if (slots.get(slot)?.token === holder.token) slots.delete(slot);
  }

  async look({ scope, limit, now, max }: Parameters<SlotStore['look']>[0]): ReturnType<SlotStore['look']> {
    const { free } = chooseSlot([...this.#slotsOf(scope).values()], { limit, now });
    const tickets = [...this.#lineOf(scope)].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, max);
    return { free: free.length, tickets: tickets.map(([, { since: _since, ...ticket }]) => ticket) };
  }

  async leave(scope: SlotScope, tickets: readonly Ticket[]): Promise<void> {
    for (const ticket of tickets) this.#lineOf(scope).delete(placeOf(ticket));
  }

  async removeTenant(tenant: string): Promise<void> {
    for (const rows of [this.#slots, this.#lines]) {
      for (const name of rows.keys()) if (name.startsWith(`${tenant}/`)) rows.delete(name);
    }
  }

  async clear(): Promise<void> {
    this.#slots.clear();
    this.#lines.clear();
  }

  isInLine({ tenant, workflow, id }: InstanceKey): boolean {
    const isOne = (ticket: Ticket): boolean => ticket.workflow === workflow && ticket.id === id;
    return [{ tenant }, { tenant, workflow }].some((scope) => [...this.#lineOf(scope).values()].some(isOne));
  }

  /** Those that count at that moment. */
  held(scope: SlotScope, now: number): readonly string[] {
    return [...this.#slotsOf(scope).values()].filter(({ until }) => until > now).map(({ incarnation }) => incarnation);
  }

  #slotsOf(scope: SlotScope): Map<number, SlotRow> {
    return rowsOf(this.#slots, scope);
  }

  #lineOf(scope: SlotScope): Map<string, Ticket & { readonly since: number }> {
    return rowsOf(this.#lines, scope);
  }
}

const rowsOf = <Key, Value>(all: Map<string, Map<Key, Value>>, { tenant, workflow = '' }: SlotScope) => {
  const name = `${tenant}/${workflow}`;
  const rows = all.get(name) ?? new Map<Key, Value>();
  all.set(name, rows);
  return rows;
};

const placeOf = ({ createdAt, workflow, id }: Ticket): string =>
  `${String(createdAt).padStart(16, '0')}/${workflow}/${id}`;
