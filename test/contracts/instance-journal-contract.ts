import { describe, expect } from 'vitest';
import type { InstanceKey } from '../../lib/ports/instance-store.ts';
import {
  event,
  finished,
  type InstanceStoreContract,
  instanceSuite,
  KEY,
  LEASE_MS,
  newInstance,
  read,
  release,
  slept,
  started,
  waiting,
} from './instance-fixture.ts';

/** The one conditional write, and what makes and ends a life. */
export const testInstanceJournal = (contract: InstanceStoreContract): void => {
  describe('append', () => {
    const { clock, test, lease } = instanceSuite(contract);
    const life = { key: KEY, incarnation: 'life-1' };

    test('records come back in order, whole and from any position', async (store) => {
      const records = [started(clock.at), ...Array.from({ length: 6 }, (_, index) => slept(index + 1, clock.at))];
      await store.create(newInstance(clock.at));
      for (const [from, to] of [
        [0, 1],
        [1, 5],
        [5, 7],
      ] as const) {
        const batch = { ...life, position: from, records: records.slice(from, to) };
        expect(await store.append(batch)).toEqual({ kind: 'done' });
      }
      expect(await store.readJournal(life)).toEqual(records);
      for (let from = 0; from <= records.length + 1; from += 1) {
        expect(await store.readJournal({ ...life, from })).toEqual(records.slice(from));
      }
    });

    test('an append succeeds once per position (E3)', async (store) => {
      await store.create(newInstance(clock.at));
      const append = (count: number) => store.append({ ...life, position: 0, records: [slept(count, clock.at)] });
      const results = await Promise.all([append(1), append(2), append(3)]);
      expect(results.map((result) => result.kind).toSorted()).toEqual(['conflict', 'conflict', 'done']);
      expect(await append(4)).toEqual({ kind: 'conflict' });
      const winner = results.findIndex((result) => result.kind === 'done') + 1;
      expect(await store.readJournal(life)).toEqual([slept(winner, clock.at)]);
    });

    test('a position beyond the end is refused and leaves nothing', async (store) => {
      await store.create(newInstance(clock.at));
      expect(await store.append({ ...life, position: 1, records: [started(clock.at)] })).toEqual({ kind: 'conflict' });
      expect(await store.readJournal(life)).toEqual([]);
    });

    test('another incarnation, tenant or instance appends nothing (E3, E8)', async (store) => {
      await store.create(newInstance(clock.at));
      const records = [started(clock.at)];
      const wrong = [
        { ...life, incarnation: 'life-0' },
        { ...life, key: { ...KEY, tenant: 'globex' } },
        { ...life, key: { ...KEY, workflow: 'Other' } },
        { ...life, key: { ...KEY, id: 'order-2' } },
      ];
      for (const other of wrong) {
        expect(await store.append({ ...other, position: 0, records })).toEqual({ kind: 'conflict' });
        expect(await store.readJournal(other)).toEqual([]);
      }
      expect(await store.readJournal(life)).toEqual([]);
    });

    test('without a release the summary stays as it was', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      const before = await read(store);
      await store.append({ ...life, position: 0, records: [started(clock.at)] });
      expect(await read(store)).toEqual(before);
    });

    test('a journal of many records in one batch comes back whole', async (store) => {
      const records = Array.from({ length: 2_000 }, (_, index) => slept(index + 1, clock.at));
      await store.create(newInstance(clock.at));
      expect(await store.append({ ...life, position: 0, records })).toEqual({ kind: 'done' });
      expect(await store.readJournal(life)).toEqual(records);
      expect(await store.readJournal({ ...life, from: 1_500 })).toEqual(records.slice(1_500));
      expect(await store.append({ ...life, position: 2_000, records: [started(clock.at)] })).toEqual({ kind: 'done' });
    });
  });

  describe('release', () => {
    const { clock, test, lease } = instanceSuite(contract);
    const life = { key: KEY, incarnation: 'life-1' };

    test('it writes the projection, frees the lease and closes the claim with the records', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      const projection = waiting({
        startedAt: clock.at,
        wakeAt: clock.at + 1_000,
        stepCount: 2,
        storedBytes: 20_000_000,
        waitingFor: [{ kind: 'sleep', name: 'nap', until: clock.at + 1_000 }],
      });
      const turn = { ...life, position: 0, records: [started(clock.at), slept(1, clock.at)] };
      expect(
        await store.append({ ...turn, release: { owner: 'a', takenSeq: 0, unclosedClaims: 0, projection } }),
      ).toEqual({
        kind: 'done',
      });
      expect(await read(store)).toEqual({
        ...newInstance(clock.at),
        ...projection,
        position: 2,
        inboxSeq: 0,
        unclosedClaims: 0,
      });
    });

    test('a projection takes the place of the one before, and what it leaves out is gone', async (store) => {
      await store.create(newInstance(clock.at));
      const error = { name: 'Error', message: 'no', stack: 'at x' };
      const full = finished(clock.at, { output: '[1]', error, wakeAt: clock.at, expiresAt: clock.at + 1_000 });
      await store.append(release(full));
      expect(await read(store)).toMatchObject({ output: '[1]', error, expiresAt: clock.at + 1_000 });
      await store.append(release(waiting()));
      const after = await read(store);
      for (const field of ['output', 'error', 'wakeAt', 'expiresAt', 'startedAt', 'endedAt', 'lease']) {
        expect(after).not.toHaveProperty(field);
      }
    });

    test('a release by one who lost the lease does nothing, records included', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      clock.at += LEASE_MS;
      await store.claim({ key: KEY, lease: lease('b'), now: clock.at });
      const before = await read(store);
      const turn = { ...life, position: 0, records: [started(clock.at)] };
      const lost = { ...turn, release: { owner: 'a', unclosedClaims: 0, projection: waiting() } };
      expect(await store.append(lost)).toEqual({ kind: 'conflict' });
      expect(await read(store)).toEqual(before);
      expect(await store.readJournal(life)).toEqual([]);
    });

    test('a release with an owner is refused when nobody holds the lease', async (store) => {
      await store.create(newInstance(clock.at));
      const nobody = release(waiting(), { release: { owner: 'a', unclosedClaims: 0, projection: waiting() } });
      expect(await store.append(nobody)).toEqual({ kind: 'conflict' });
    });

    test('without an owner it takes the lease from whoever holds one, as terminate does', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      const records = [{ kind: 'terminated', at: clock.at } as const];
      const projection = finished(clock.at, { status: 'terminated' });
      expect(await store.append(release(projection, { records }))).toEqual({ kind: 'done' });
      const after = await read(store);
      expect(after).toMatchObject({ status: 'terminated', position: 1 });
      expect(after.lease).toBeUndefined();
      const turn = { ...life, position: 0, records: [started(clock.at)] };
      expect(await store.append(turn)).toEqual({ kind: 'conflict' });
      const atEnd = { ...turn, position: 1, release: { owner: 'a', unclosedClaims: 0, projection: waiting() } };
      expect(await store.append(atEnd)).toEqual({ kind: 'conflict' });
      expect(await store.renew({ ...life, lease: lease('a') })).toBe(false);
    });

    test('an unclean release keeps the count of claims', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      const projection = waiting({ wakeAt: clock.at });
      await store.append(release(projection, { release: { owner: 'a', unclosedClaims: 1, projection } }));
      expect(await read(store)).toMatchObject({ unclosedClaims: 1 });
      await store.claim({ key: KEY, lease: lease('b'), now: clock.at });
      expect(await read(store)).toMatchObject({ unclosedClaims: 2 });
      await store.append(release(waiting(), { release: { owner: 'b', unclosedClaims: 0, projection: waiting() } }));
      expect(await read(store)).toMatchObject({ unclosedClaims: 0 });
    });

    test('without records it still asks for the end of the journal', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      await store.append({ ...life, position: 0, records: [started(clock.at)] });
      const at = (position: number) =>
        store.append(
          release(waiting(), { position, release: { owner: 'a', unclosedClaims: 0, projection: waiting() } }),
        );
      expect(await at(0)).toEqual({ kind: 'conflict' });
      expect(await at(2)).toEqual({ kind: 'conflict' });
      expect(await at(1)).toEqual({ kind: 'done' });
      expect(await read(store)).toMatchObject({ status: 'waiting', position: 1 });
    });

    test('an inbox item that was not taken refuses the release and keeps records and lease', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      await store.accept({ key: KEY, item: event('e1', clock.at), now: clock.at });
      const turn = { ...life, position: 0, records: [started(clock.at)] };
      const releaseOf = (takenSeq: number) => ({ owner: 'a', takenSeq, unclosedClaims: 0, projection: waiting() });
      expect(await store.append({ ...turn, release: releaseOf(0) })).toEqual({ kind: 'inbox_not_empty', inboxSeq: 1 });
      expect(await store.readJournal(life)).toEqual([started(clock.at)]);
      expect(await read(store)).toMatchObject({ status: 'queued', position: 0, lease: lease('a'), unclosedClaims: 1 });
      const empty = { ...life, position: 1, records: [] };
      expect(await store.append({ ...empty, release: releaseOf(0) })).toEqual({ kind: 'inbox_not_empty', inboxSeq: 1 });
      expect(await store.append({ ...empty, release: releaseOf(1) })).toEqual({ kind: 'done' });
      expect(await read(store)).toMatchObject({ status: 'waiting', position: 1, inboxSeq: 1, unclosedClaims: 0 });
    });

    test('an item and a release at once: either the release sees it or the instance is due again (E5, E6)', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      const [outcome] = await Promise.all([
        store.append(
          release(waiting(), { release: { owner: 'a', takenSeq: 0, unclosedClaims: 0, projection: waiting() } }),
        ),
        store.accept({ key: KEY, item: event('e1', clock.at), now: clock.at }),
      ]);
      const after = await read(store);
      expect(after.inboxSeq).toBe(1);
      if (outcome.kind === 'done') expect(after.wakeAt).toBe(clock.at);
      else expect(after.lease).toEqual(lease('a'));
    });
  });

  describe('a new life', () => {
    const { clock, test, lease } = instanceSuite(contract);
    const reborn = (more: object = {}) => ({
      key: KEY,
      expected: 'life-1',
      incarnation: 'life-2',
      seed: 'seed-2',
      version: 'v2',
      records: [] as const,
      stepCount: 0,
      now: clock.at,
      ...more,
    });

    test('it starts queued and due, with its first records, an empty inbox and no trace of the old one', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a'), retentionMs: 5 }));
      await store.append({
        key: KEY,
        incarnation: 'life-1',
        position: 0,
        records: [started(clock.at), slept(1, clock.at)],
      });
      await store.accept({ key: KEY, item: event('e1', clock.at), now: clock.at });
      clock.at += 500;
      const records = [started(clock.at)];
      expect(await store.reincarnate(reborn({ records, stepCount: 3 }))).toBe(true);
      expect(await read(store)).toEqual({
        ...newInstance(clock.at - 500, { retentionMs: 5 }),
        incarnation: 'life-2',
        seed: 'seed-2',
        version: 'v2',
        status: 'queued',
        position: 1,
        wakeAt: clock.at,
        waitingFor: [],
        inboxSeq: 0,
        unclosedClaims: 0,
        stepCount: 3,
      });
      expect(await store.readJournal({ key: KEY, incarnation: 'life-2' })).toEqual(records);
      expect(await store.readJournal({ key: KEY, incarnation: 'life-1' })).toEqual([]);
      for (const incarnation of ['life-1', 'life-2']) {
        expect(await store.readInbox({ key: KEY, incarnation, afterSeq: 0, limit: 10 })).toEqual([]);
      }
      expect(await store.findDue({ now: clock.at, limit: 10 })).toEqual([KEY]);
    });

    test('the old life appends, renews and releases nothing more (E3)', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      await store.reincarnate(reborn());
      const before = await read(store);
      const turn = { key: KEY, incarnation: 'life-1', position: 0, records: [started(clock.at)] };
      expect(await store.append(turn)).toEqual({ kind: 'conflict' });
      const ending = { owner: 'a', unclosedClaims: 0, projection: waiting() };
      expect(await store.append({ ...turn, release: ending })).toEqual({ kind: 'conflict' });
      expect(await store.renew({ key: KEY, incarnation: 'life-1', lease: lease('a') })).toBe(false);
      expect(await read(store)).toEqual(before);
      expect(await store.readJournal({ key: KEY, incarnation: 'life-2' })).toEqual([]);
    });

    test('of two new lives at once exactly one comes', async (store) => {
      await store.create(newInstance(clock.at));
      const results = await Promise.all([
        store.reincarnate(reborn()),
        store.reincarnate(reborn({ incarnation: 'life-3' })),
      ]);
      expect(results.toSorted()).toEqual([false, true]);
    });

    test('it is refused for a life that is over and for an unknown instance', async (store) => {
      expect(await store.reincarnate(reborn())).toBe(false);
      await store.create(newInstance(clock.at));
      expect(await store.reincarnate(reborn({ expected: 'life-0' }))).toBe(false);
      expect(await read(store)).toMatchObject({ incarnation: 'life-1' });
    });

    test('a finished instance lives again without its end', async (store) => {
      await store.create(newInstance(clock.at));
      await store.append(
        release(finished(clock.at, { output: '[1]', expiresAt: clock.at + 10 }), { records: [started(clock.at)] }),
      );
      expect(await store.reincarnate(reborn())).toBe(true);
      clock.at += 100;
      const after = await read(store);
      expect(after.status).toBe('queued');
      for (const field of ['output', 'endedAt', 'startedAt', 'expiresAt']) expect(after).not.toHaveProperty(field);
      expect(
        await store.append({ key: KEY, incarnation: 'life-2', position: 0, records: [started(clock.at)] }),
      ).toEqual({
        kind: 'done',
      });
    });
  });

  describe('the end', () => {
    const { clock, test, lease } = instanceSuite(contract);

    test('a removed instance is gone with its journal and inbox, and its id is free', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      await store.append({ key: KEY, incarnation: 'life-1', position: 0, records: [started(clock.at)] });
      await store.accept({ key: KEY, item: event('e1', clock.at), now: clock.at });
      expect(await store.remove(KEY)).toBe(true);
      expect(await store.remove(KEY)).toBe(false);
      expect(await store.get(KEY)).toBeUndefined();
      expect(await store.nextDueAt()).toBeUndefined();
      const next = { key: KEY, incarnation: 'life-1', position: 1, records: [slept(1, clock.at)] };
      expect(await store.append(next)).toEqual({ kind: 'conflict' });
      expect(await store.create(newInstance(clock.at))).toBe('created');
      expect(await store.readJournal({ key: KEY, incarnation: 'life-1' })).toEqual([]);
      expect(await store.readInbox({ key: KEY, incarnation: 'life-1', afterSeq: 0, limit: 10 })).toEqual([]);
      expect(await store.append(next)).toEqual({ kind: 'conflict' });
    });

    test('a row past expiresAt reads as absent before anybody has removed it', async (store) => {
      await store.create(newInstance(clock.at));
      await store.append(
        release(finished(clock.at, { expiresAt: clock.at + 1_000 }), { records: [started(clock.at)] }),
      );
      clock.at += 999;
      expect(await store.get(KEY)).toBeDefined();
      clock.at += 1;
      expect(await store.get(KEY)).toBeUndefined();
      expect((await store.list({ tenant: KEY.tenant, workflow: KEY.workflow, limit: 10 })).items).toEqual([]);
      expect((await store.claim({ key: KEY, lease: lease('a'), now: clock.at })).kind).toBe('not_found');
      expect((await store.accept({ key: KEY, item: event('e', clock.at), now: clock.at })).kind).toBe('not_found');
      expect(await store.remove(KEY)).toBe(false);
      expect(await store.create(newInstance(clock.at, { incarnation: 'life-2' }))).toBe('created');
      expect(await read(store)).toMatchObject({ incarnation: 'life-2', status: 'queued' });
      expect(await store.readJournal({ key: KEY, incarnation: 'life-2' })).toEqual([]);
    });

    test('expired instances are removed in portions, others stay', async (store) => {
      for (let index = 0; index < 5; index += 1) {
        const key = { ...KEY, id: `old-${index}` };
        await store.create(newInstance(clock.at, { id: key.id }));
        await store.append(release(finished(clock.at, { expiresAt: clock.at + index }), { key }));
      }
      await store.create(newInstance(clock.at, { id: 'kept' }));
      const now = clock.at + 3;
      const cleared: string[] = [];
      const clear = async ({ id }: InstanceKey): Promise<void> => void cleared.push(id);
      expect(await store.removeExpired({ now, limit: 3, clear })).toBe(3);
      expect(await store.removeExpired({ now, limit: 3, clear })).toBe(1);
      expect(await store.removeExpired({ now, limit: 3, clear })).toBe(0);
      expect(cleared.toSorted()).toEqual(['old-0', 'old-1', 'old-2', 'old-3']);
      const { items } = await store.list({ tenant: KEY.tenant, workflow: KEY.workflow, limit: 10 });
      expect(items.map((item) => item.id).toSorted()).toEqual(['kept', 'old-4']);
    });

    test('an expired instance stays to be found where what lies beside it could not be taken away', async (store) => {
      const aside = { ref: `${KEY.tenant}/values/a`, bytes: 300_000 };
      const keys = ['params', 'output'].map((id) => ({ ...KEY, id }));
      for (const key of keys) {
        const envelope = { __dispatcherMetadata: {}, params: key.id === 'params' ? aside : '[1]' };
        await store.create(newInstance(clock.at, { id: key.id, envelope }));
        const output = key.id === 'output' ? aside : '[1]';
        const records = [started(clock.at), { kind: 'completed', at: clock.at, output } as const];
        await store.append(release(finished(clock.at, { expiresAt: clock.at + 5 }), { key, records }));
      }
      const now = clock.at + 5;
      const clear = async (): Promise<void> => Promise.reject(new Error('no disk'));
      await expect(store.removeExpired({ now, limit: 9, clear })).rejects.toThrow('no disk');
      const cleared: InstanceKey[] = [];
      expect(await store.removeExpired({ now, limit: 9, clear: async (key) => void cleared.push(key) })).toBe(2);
      expect(cleared).toEqual(expect.arrayContaining(keys));
    });

    test('a removed tenant loses everything and its neighbours nothing (E8)', async (store) => {
      const other = { ...KEY, tenant: 'acme-2' };
      for (let index = 0; index < 30; index += 1) {
        const more = { id: `i-${index}`, workflow: index % 2 === 0 ? 'Approval' : 'Other' };
        await store.create(newInstance(clock.at, more));
        await store.append({
          key: { ...KEY, ...more },
          incarnation: 'life-1',
          position: 0,
          records: [started(clock.at)],
        });
      }
      await store.create(newInstance(clock.at, other));
      await store.append({ key: other, incarnation: 'life-1', position: 0, records: [started(clock.at)] });
      await store.removeTenant(KEY.tenant);
      for (const workflow of ['Approval', 'Other']) {
        expect((await store.list({ tenant: KEY.tenant, workflow, limit: 50 })).items).toEqual([]);
      }
      expect(await store.findDue({ now: clock.at, limit: 50 })).toEqual([other]);
      expect(await store.readJournal({ key: other, incarnation: 'life-1' })).toEqual([started(clock.at)]);
      const again = { ...KEY, id: 'i-0' };
      expect(await store.readJournal({ key: again, incarnation: 'life-1' })).toEqual([]);
      expect(await store.create(newInstance(clock.at, { id: 'i-0' }))).toBe('created');
      expect(await store.readJournal({ key: again, incarnation: 'life-1' })).toEqual([]);
    });
  });
};
