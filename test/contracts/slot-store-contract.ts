import { describe, expect } from 'vitest';
import type { SlotScope, SlotStore, Ticket } from '../../lib/ports/slot-store.ts';
import { type ContractOptions, withStore } from './contract.ts';

const OF_WORKFLOW: SlotScope = { tenant: 'acme', workflow: 'Digest' };
const NOW = 1_000_000;
const UNTIL = NOW + 30_000;

/** Instances are numbered by age; names are such that the age alone decides. */
const ticket = (age: number, more: Partial<Ticket> = {}): Ticket => ({
  tenant: 'acme',
  workflow: 'Digest',
  id: `i${100 - age}`,
  createdAt: age,
  ...more,
});
const hex = (text: string): string => Buffer.from(text.padEnd(16, '.')).toString('hex');
const holder = (age: number, turn = 'first') => ({ incarnation: hex(`life ${age}`), token: hex(`${turn} ${age}`) });

const take = (store: SlotStore, age: number, more: Partial<Parameters<SlotStore['take']>[0]> = {}) =>
  store.take({
    scope: OF_WORKFLOW,
    limit: 2,
    holder: holder(age),
    ticket: ticket(age),
    now: NOW,
    until: UNTIL,
    ...more,
  });

const slotOf = (result: Awaited<ReturnType<SlotStore['take']>>): number => {
  if (result.kind !== 'taken') throw new Error('No slot was taken');
  return result.slot;
};

const look = (store: SlotStore, more: Partial<Parameters<SlotStore['look']>[0]> = {}) =>
  store.look({ scope: OF_WORKFLOW, limit: 2, now: NOW, max: 10, ...more });

/** What every `SlotStore` does, whatever it stands on. */
export const testSlotStore = (contract: ContractOptions<SlotStore, undefined>): void => {
  describe('a slot store', () => {
    const test = withStore(contract, () => undefined);

    test('gives as many slots as there are, and a ticket to whoever comes then', async (store) => {
      const slots = [slotOf(await take(store, 1)), slotOf(await take(store, 2))];
      expect(new Set(slots)).toEqual(new Set([0, 1]));
      expect(await take(store, 3)).toEqual({ kind: 'refused', since: NOW });
      expect(await look(store)).toEqual({ free: 0, tickets: [ticket(3)] });
    });

    test('of many that come at once as many get one as there are', async (store) => {
      const ages = Array.from({ length: 12 }, (_, index) => index + 1);
      const results = await Promise.all(ages.map((age) => take(store, age, { limit: 3 })));
      const taken = results.filter(({ kind }) => kind === 'taken').map(slotOf);
      expect(taken.length).toBeLessThanOrEqual(3);
      expect(taken.length).toBeGreaterThan(0);
      expect(new Set(taken).size).toBe(taken.length);
      expect((await look(store, { limit: 3, max: 20 })).tickets).toHaveLength(12 - taken.length);
    });

    test('a slot that is given back goes to the oldest in line, whoever asks first', async (store) => {
      const slot = slotOf(await take(store, 1, { limit: 1 }));
      await take(store, 3, { limit: 1 });
      await take(store, 2, { limit: 1 });
      await store.giveBack({ scope: OF_WORKFLOW, slot, holder: holder(1) });
      expect(await look(store, { limit: 1 })).toEqual({ free: 1, tickets: [ticket(2), ticket(3)] });
      expect((await take(store, 4, { limit: 1 })).kind).toBe('refused');
      expect((await take(store, 3, { limit: 1 })).kind).toBe('refused');
      expect((await take(store, 2, { limit: 1 })).kind).toBe('taken');
      expect((await look(store, { limit: 1 })).tickets).toEqual([ticket(3), ticket(4)]);
    });

    test('where several are free, so many of the line may go', async (store) => {
      const slot = slotOf(await take(store, 1, { limit: 1 }));
      for (const age of [2, 3, 4]) await take(store, age, { limit: 1 });
      await store.giveBack({ scope: OF_WORKFLOW, slot, holder: holder(1) });
      expect((await take(store, 4, { limit: 2 })).kind).toBe('refused');
      expect((await take(store, 3, { limit: 2 })).kind).toBe('taken');
      expect((await take(store, 2, { limit: 2 })).kind).toBe('taken');
      expect((await look(store)).tickets).toEqual([ticket(4)]);
    });

    test('whoever asks again keeps its place, and the time since when it has waited', async (store) => {
      await take(store, 1, { limit: 1 });
      await take(store, 3, { limit: 1, now: NOW + 5 });
      await take(store, 2, { limit: 1, now: NOW + 6 });
      expect(await take(store, 3, { limit: 1, now: NOW + 7 })).toEqual({ kind: 'refused', since: NOW + 5 });
      expect((await look(store, { limit: 1, max: 1 })).tickets).toEqual([ticket(2)]);
    });

    test('a slot whose holder died is free when its lease has run out', async (store) => {
      await take(store, 1, { limit: 1 });
      expect((await take(store, 2, { limit: 1, now: UNTIL - 1 })).kind).toBe('refused');
      expect(await look(store, { limit: 1, now: UNTIL })).toMatchObject({ free: 1 });
      expect((await take(store, 2, { limit: 1, now: UNTIL, until: UNTIL + 30_000 })).kind).toBe('taken');
    });

    test('a holder that renews keeps it, and one that was too late hears so', async (store) => {
      const slot = slotOf(await take(store, 1, { limit: 1 }));
      const held = { scope: OF_WORKFLOW, slot, holder: holder(1) };
      expect(await store.renew({ ...held, until: UNTIL + 10_000 })).toBe(true);
      expect((await take(store, 2, { limit: 1, now: UNTIL })).kind).toBe('refused');
      const later = { now: UNTIL + 10_000, until: UNTIL + 40_000 };
      expect((await take(store, 2, { limit: 1, ...later })).kind).toBe('taken');
      expect(await store.renew({ ...held, until: UNTIL + 50_000 })).toBe(false);
    });

    test('another turn of the same instance takes over its slot, and the late one lets go of nothing', async (store) => {
      const slot = slotOf(await take(store, 1, { limit: 1 }));
      await take(store, 2, { limit: 1 });
      const again = await take(store, 1, { limit: 1, holder: holder(1, 'second') });
      expect(again).toEqual({ kind: 'taken', slot });
      await store.giveBack({ scope: OF_WORKFLOW, slot, holder: holder(1) });
      expect(await look(store, { limit: 1 })).toMatchObject({ free: 0 });
      expect(await store.renew({ scope: OF_WORKFLOW, slot, holder: holder(1), until: UNTIL })).toBe(false);
      await store.giveBack({ scope: OF_WORKFLOW, slot, holder: holder(1, 'second') });
      expect(await look(store, { limit: 1 })).toMatchObject({ free: 1 });
    });

    test('a turn whose message has come twice gets one slot, and of the two one hears so', async (store) => {
      const both = await Promise.all([take(store, 1), take(store, 1)]);
      expect(both.map(({ kind }) => kind).toSorted()).toEqual(['doubled', 'taken']);
      expect(await look(store)).toEqual({ free: 1, tickets: [] });
    });

    test('a turn that was late takes nothing away from the one that came after it', async (store) => {
      const slot = slotOf(await take(store, 1, { limit: 1, holder: holder(1, 'second'), until: UNTIL + 1 }));
      expect(await take(store, 1, { limit: 1 })).toEqual({ kind: 'doubled' });
      const held = { scope: OF_WORKFLOW, slot, holder: holder(1, 'second') };
      expect(await store.renew({ ...held, until: UNTIL + 2 })).toBe(true);
    });

    test('a limit that was lowered counts those at work, whatever their numbers are', async (store) => {
      const held = [];
      for (const age of [1, 2, 3]) {
        held.push({ scope: OF_WORKFLOW, slot: slotOf(await take(store, age, { limit: 3 })), holder: holder(age) });
      }
      for (const one of held.filter(({ slot }) => slot === 0)) await store.giveBack(one);
      expect((await take(store, 4, { limit: 2 })).kind).toBe('refused');
      for (const one of held.filter(({ slot }) => slot === 1)) await store.giveBack(one);
      expect((await take(store, 4, { limit: 2 })).kind).toBe('taken');
      expect((await take(store, 5, { limit: 2 })).kind).toBe('refused');
    });

    test('scopes do not see each other, nor do tenants', async (store) => {
      const all: SlotScope = { tenant: 'acme' };
      for (const scope of [
        OF_WORKFLOW,
        { tenant: 'acme', workflow: 'Dig' },
        all,
        { ...OF_WORKFLOW, tenant: 'acme-2' },
      ]) {
        expect((await take(store, 1, { limit: 1, scope })).kind).toBe('taken');
        expect((await take(store, 2, { limit: 1, scope })).kind).toBe('refused');
      }
      const other = ticket(2, { workflow: 'Other' });
      expect((await take(store, 2, { limit: 1, scope: all, ticket: other })).kind).toBe('refused');
      expect((await look(store, { scope: all })).tickets).toEqual([ticket(2), other]);
    });

    test("who leaves the line is in nobody's way", async (store) => {
      await take(store, 1, { limit: 1 });
      for (const age of [2, 3, 4]) await take(store, age, { limit: 1 });
      await store.leave(OF_WORKFLOW, [ticket(2), ticket(4), ticket(9)]);
      expect((await look(store, { limit: 1 })).tickets).toEqual([ticket(3)]);
    });

    test('a tenant that goes takes its own with it', async (store) => {
      for (const tenant of ['acme', 'acme-2']) {
        const scope = { tenant, workflow: 'Digest' };
        await take(store, 1, { limit: 1, scope, ticket: ticket(1, { tenant }) });
        await take(store, 2, { limit: 1, scope, ticket: ticket(2, { tenant }) });
      }
      await store.removeTenant('acme');
      expect(await look(store, { limit: 1 })).toEqual({ free: 1, tickets: [] });
      expect(await look(store, { limit: 1, scope: { tenant: 'acme-2', workflow: 'Digest' } })).toMatchObject({
        free: 0,
        tickets: [ticket(2, { tenant: 'acme-2' })],
      });
    });
  });
};
