import { describe, expect } from 'vitest';
import { DAY_MS } from '../../lib/core/limits.ts';
import type { InstanceStore } from '../../lib/ports/instance-store.ts';
import {
  completion,
  event,
  finished,
  INBOX_LIMIT,
  type InstanceStoreContract,
  instanceSuite,
  KEY,
  LEASE_MS,
  newInstance,
  read,
  release,
  waiting,
} from './instance-fixture.ts';

/** What comes in beside a running turn. */
export const testInstanceInbox = (contract: InstanceStoreContract): void => {
  describe('inbox', () => {
    const { clock, test, lease } = instanceSuite(contract);
    const inbox = { key: KEY, incarnation: 'life-1', afterSeq: 0, limit: 100 };
    const accept = (store: InstanceStore, eventId: string, more: object = {}) =>
      store.accept({ key: KEY, item: event(eventId, clock.at), now: clock.at, ...more });

    test('items get numbers from 1 in the order in which they were accepted', async (store) => {
      await store.create(newInstance(clock.at));
      const items = [
        event('e1', clock.at),
        { kind: 'pause', at: clock.at },
        { kind: 'resume', at: clock.at },
        completion(clock.at),
      ] as const;
      for (const [index, item] of items.entries()) {
        const accepted = await store.accept({ key: KEY, item, now: clock.at });
        expect(accepted).toEqual({ kind: 'accepted', seq: index + 1, incarnation: 'life-1' });
      }
      const all = items.map((item, index) => ({ seq: index + 1, item }));
      expect(await store.readInbox(inbox)).toEqual(all);
      expect(await store.readInbox({ ...inbox, afterSeq: 1 })).toEqual(all.slice(1));
      expect(await store.readInbox({ ...inbox, limit: 2 })).toEqual(all.slice(0, 2));
      expect(await store.readInbox({ ...inbox, incarnation: 'life-0' })).toEqual([]);
      expect((await read(store)).inboxSeq).toBe(4);
    });

    test('items accepted at once all come in, each under its own number', async (store) => {
      await store.create(newInstance(clock.at));
      const results = await Promise.all(['a', 'b', 'c', 'd'].map((eventId) => accept(store, eventId)));
      const numbers = results.map((result) => (result.kind === 'accepted' ? result.seq : 0));
      expect(numbers.toSorted()).toEqual([1, 2, 3, 4]);
      expect(await store.readInbox(inbox)).toHaveLength(4);
    });

    test('an item makes its instance due now, and an earlier wakeAt stays', async (store) => {
      await store.create(newInstance(clock.at));
      await store.append(release(waiting({ wakeAt: clock.at + 10 })));
      await accept(store, 'e1', { now: clock.at + 20 });
      expect(await read(store)).toMatchObject({ wakeAt: clock.at + 10 });
      await accept(store, 'e2', { now: clock.at + 5 });
      expect(await read(store)).toMatchObject({ wakeAt: clock.at + 5 });
    });

    test('an item wakes an instance that waits without deadline (E6)', async (store) => {
      await store.create(newInstance(clock.at));
      await store.append(release(waiting()));
      await accept(store, 'e1');
      expect(await store.findDue({ now: clock.at, limit: 10 })).toEqual([KEY]);
      expect(await store.nextDueAt()).toBe(clock.at);
    });

    test('an item leaves the lease of a running turn alone', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      await accept(store, 'e1');
      expect(await read(store)).toMatchObject({ lease: lease('a') });
      expect(await store.nextDueAt()).toBe(clock.at + LEASE_MS);
    });

    test('a finished or unknown instance takes nothing', async (store) => {
      expect(await accept(store, 'e1')).toEqual({ kind: 'not_found' });
      await store.create(newInstance(clock.at));
      await store.append(release(finished(clock.at)));
      expect(await accept(store, 'e1')).toEqual({ kind: 'finished' });
      expect(await store.readInbox(inbox)).toEqual([]);
      expect((await read(store)).inboxSeq).toBe(0);
    });

    test('a tenant reaches only its own inbox (E8)', async (store) => {
      await store.create(newInstance(clock.at));
      const other = { ...KEY, tenant: 'globex' };
      expect(await accept(store, 'e1', { key: other })).toEqual({ kind: 'not_found' });
      await accept(store, 'e2');
      expect(await store.readInbox({ ...inbox, key: other })).toEqual([]);
    });

    test('a full inbox refuses until a release has taken something from it', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      for (let index = 1; index <= INBOX_LIMIT; index += 1) {
        expect((await accept(store, `e${index}`)).kind).toBe('accepted');
      }
      expect(await accept(store, 'one-more')).toEqual({ kind: 'full' });
      expect((await read(store)).inboxSeq).toBe(INBOX_LIMIT);
      const taken = { owner: 'a', takenSeq: INBOX_LIMIT, unclosedClaims: 0, projection: waiting() };
      expect(await store.append(release(waiting(), { release: taken }))).toEqual({ kind: 'done' });
      expect(await store.readInbox(inbox)).toEqual([]);
      expect(await accept(store, 'next')).toEqual({ kind: 'accepted', seq: INBOX_LIMIT + 1, incarnation: 'life-1' });
      expect(await store.readInbox({ ...inbox, afterSeq: INBOX_LIMIT })).toHaveLength(1);
    });

    test('a release that does not look at the inbox leaves it as it is (E5)', async (store) => {
      await store.create(newInstance(clock.at));
      await accept(store, 'e1');
      await store.append(release(waiting({ wakeAt: clock.at })));
      expect(await store.readInbox(inbox)).toHaveLength(1);
      expect((await read(store)).inboxSeq).toBe(1);
    });
  });

  describe('idempotency', () => {
    const { clock, test } = instanceSuite(contract);
    const send = (store: InstanceStore, eventId: string, digest = 'd1', more: object = {}) =>
      store.accept({
        key: KEY,
        item: event(eventId, clock.at),
        now: clock.at,
        idempotency: { key: 'k', digest },
        ...more,
      });
    const inbox = { key: KEY, incarnation: 'life-1', afterSeq: 0, limit: 100 };

    test('the same key and body are one event', async (store) => {
      await store.create(newInstance(clock.at));
      expect((await send(store, 'first')).kind).toBe('accepted');
      expect(await send(store, 'second')).toEqual({ kind: 'repeated', eventId: 'first' });
      expect(await store.readInbox(inbox)).toHaveLength(1);
    });

    test('of two at once one is accepted and the other repeats it', async (store) => {
      await store.create(newInstance(clock.at));
      const kinds = (await Promise.all([send(store, 'x'), send(store, 'y')])).map((result) => result.kind);
      expect(kinds.toSorted()).toEqual(['accepted', 'repeated']);
      expect(await store.readInbox(inbox)).toHaveLength(1);
    });

    test('the same key with another body is a conflict and leaves nothing', async (store) => {
      await store.create(newInstance(clock.at));
      await send(store, 'first');
      expect(await send(store, 'second', 'd2')).toEqual({ kind: 'idempotency_conflict' });
      expect((await read(store)).inboxSeq).toBe(1);
    });

    test('a refused event does not hold its key', async (store) => {
      await store.create(newInstance(clock.at));
      for (let index = 0; index < INBOX_LIMIT; index += 1) {
        await store.accept({ key: KEY, item: event(`e${index}`, clock.at), now: clock.at });
      }
      expect((await send(store, 'refused')).kind).toBe('full');
      const taken = { takenSeq: INBOX_LIMIT, unclosedClaims: 0, projection: waiting() };
      await store.append(release(waiting(), { release: taken }));
      expect((await send(store, 'again', 'd2')).kind).toBe('accepted');
    });

    test('a key is held for 24 hours', async (store) => {
      await store.create(newInstance(clock.at));
      await send(store, 'first');
      clock.at += DAY_MS - 1;
      expect((await send(store, 'second')).kind).toBe('repeated');
      clock.at += 1;
      await store.removeExpired({ now: clock.at, limit: 10, clear: async () => {} });
      expect((await send(store, 'third', 'd2')).kind).toBe('accepted');
      expect(await send(store, 'fourth', 'd2')).toEqual({ kind: 'repeated', eventId: 'third' });
    });

    test('a repeated event is known even after its instance has finished', async (store) => {
      await store.create(newInstance(clock.at));
      await send(store, 'first');
      await store.append(release(finished(clock.at)));
      expect(await send(store, 'second')).toEqual({ kind: 'repeated', eventId: 'first' });
    });

    test('a key belongs to the instance: another one may use it, and a restart does not free it', async (store) => {
      await store.create(newInstance(clock.at));
      await store.create(newInstance(clock.at, { id: 'order-2' }));
      await send(store, 'first');
      expect((await send(store, 'other', 'd2', { key: { ...KEY, id: 'order-2' } })).kind).toBe('accepted');
      const reborn = { key: KEY, expected: 'life-1', incarnation: 'life-2', seed: 's', version: 'v1', records: [] };
      await store.reincarnate({ ...reborn, stepCount: 0, now: clock.at });
      expect(await send(store, 'second')).toEqual({ kind: 'repeated', eventId: 'first' });
    });

    test('a removed instance takes its keys with it', async (store) => {
      await store.create(newInstance(clock.at));
      await send(store, 'first');
      await store.remove(KEY);
      await store.create(newInstance(clock.at));
      expect((await send(store, 'second', 'd2')).kind).toBe('accepted');
    });
  });
};
