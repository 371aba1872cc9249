import { describe, expect } from 'vitest';
import {
  claimed,
  finished,
  type InstanceStoreContract,
  instanceSuite,
  KEY,
  LEASE_MS,
  newInstance,
  read,
  release,
  started,
  waiting,
} from './instance-fixture.ts';

/** Creation, lease and wake-up: who may run a turn, and when. */
export const testInstanceTurns = (contract: InstanceStoreContract): void => {
  describe('creation', () => {
    const { clock, test, lease } = instanceSuite(contract);

    test('a created instance is queued, due at once and held by nobody', async (store) => {
      expect(await store.create(newInstance(clock.at))).toBe('created');
      expect(await store.get(KEY)).toEqual({
        ...newInstance(clock.at),
        status: 'queued',
        position: 0,
        wakeAt: clock.at,
        waitingFor: [],
        inboxSeq: 0,
        unclosedClaims: 0,
        stepCount: 0,
      });
    });

    test('a lease that the creator hands on counts as a claim when somebody takes it up, and not before', async (store) => {
      const { isTurnBegun: _, ...handedOn } = newInstance(clock.at, { lease: lease('a') });
      await store.create(handedOn);
      expect(await read(store)).toMatchObject({ lease: lease('a'), unclosedClaims: 0 });
      const projection = waiting({ wakeAt: clock.at });
      await store.append(release(projection, { release: { owner: 'a', unclosedClaims: 1, projection } }));
      expect(await read(store)).toMatchObject({ unclosedClaims: 1 });
    });

    test('a release may pin another version, and only if it succeeds', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      const projection = waiting({ wakeAt: clock.at });
      const to = (owner: string, position: number) =>
        release(projection, { position, release: { owner, unclosedClaims: 0, projection, version: 'v2' } });
      expect(await store.append(to('b', 0))).toEqual({ kind: 'conflict' });
      expect(await read(store)).toMatchObject({ version: 'v1' });
      expect(await store.append(to('a', 0))).toEqual({ kind: 'done' });
      expect(await read(store)).toMatchObject({ version: 'v2', status: 'waiting' });
      await store.claim({ key: KEY, lease: lease('c'), now: clock.at });
      await store.append(release(projection, { release: { owner: 'c', unclosedClaims: 0, projection } }));
      expect(await read(store)).toMatchObject({ version: 'v2' });
    });

    test('an instance created with a lease is claimed in the same write', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      expect(await read(store)).toMatchObject({ lease: lease('a'), unclosedClaims: 1, wakeAt: clock.at });
      expect(await store.claim({ key: KEY, lease: lease('b'), now: clock.at })).toEqual({
        kind: 'leased',
        until: clock.at + LEASE_MS,
      });
    });

    test('a taken id is refused and the first instance stays as it was', async (store) => {
      await store.create(newInstance(clock.at));
      const before = await read(store);
      expect(await store.create(newInstance(clock.at + 5, { incarnation: 'life-2', version: 'v2' }))).toBe(
        'already_exists',
      );
      expect(await read(store)).toEqual(before);
    });

    test('of two creations of one id at once exactly one succeeds', async (store) => {
      const results = await Promise.all([
        store.create(newInstance(clock.at, { incarnation: 'x' })),
        store.create(newInstance(clock.at, { incarnation: 'y' })),
      ]);
      expect(results.toSorted()).toEqual(['already_exists', 'created']);
    });

    test('an id belongs to one tenant and one workflow (E8)', async (store) => {
      const others = [
        { tenant: 'globex', workflow: KEY.workflow },
        { tenant: KEY.tenant, workflow: 'Other' },
      ];
      await store.create(newInstance(clock.at));
      for (const [index, other] of others.entries()) {
        expect(await store.get({ ...KEY, ...other })).toBeUndefined();
        const incarnation = `other-${index}`;
        expect(await store.create(newInstance(clock.at, { ...other, incarnation }))).toBe('created');
        expect((await read(store, { ...KEY, ...other })).incarnation).toBe(incarnation);
      }
      expect((await read(store)).incarnation).toBe('life-1');
      expect(await store.remove({ ...KEY, tenant: 'globex' })).toBe(true);
      expect(await store.get(KEY)).toBeDefined();
    });

    test('absent params, metadata, retention and values apart come back as they were', async (store) => {
      const envelope = {
        __dispatcherMetadata: { route: { region: 'eu', tags: ['a', 'ü\u0000\ud800'] } },
        params: null,
      };
      await store.create(newInstance(clock.at, { envelope, retentionMs: 60_000 }));
      expect(await read(store)).toMatchObject({ envelope, retentionMs: 60_000 });
      const apart = {
        ...newInstance(clock.at, { id: 'apart' }).envelope,
        params: { ref: 'acme/values/x', bytes: 300_000 },
      };
      await store.create(newInstance(clock.at, { id: 'apart', envelope: apart }));
      expect((await read(store, { ...KEY, id: 'apart' })).envelope).toEqual(apart);
    });

    test('what is unknown reads as absent', async (store) => {
      expect(await store.get(KEY)).toBeUndefined();
      expect(await store.claim({ key: KEY, lease: lease('a'), now: clock.at })).toEqual({ kind: 'not_found' });
      expect(await store.remove(KEY)).toBe(false);
      expect(await store.readJournal({ key: KEY, incarnation: 'life-1' })).toEqual([]);
      expect(await store.readInbox({ key: KEY, incarnation: 'life-1', afterSeq: 0, limit: 10 })).toEqual([]);
    });
  });

  describe('claim', () => {
    const { clock, test, lease } = instanceSuite(contract);

    test('a claim takes the lease and counts itself', async (store) => {
      await store.create(newInstance(clock.at));
      const summary = claimed(await store.claim({ key: KEY, lease: lease('a'), now: clock.at }));
      expect(summary).toMatchObject({ lease: lease('a'), unclosedClaims: 1, incarnation: 'life-1' });
      expect(await store.get(KEY)).toEqual(summary);
    });

    test('of two claims at once exactly one succeeds (E3)', async (store) => {
      await store.create(newInstance(clock.at));
      const claim = (owner: string) => store.claim({ key: KEY, lease: lease(owner), now: clock.at });
      const results = await Promise.all([claim('a'), claim('b')]);
      expect(results.map((result) => result.kind).toSorted()).toEqual(['claimed', 'leased']);
      expect((await read(store)).unclosedClaims).toBe(1);
    });

    test('a holder cannot claim a second time', async (store) => {
      await store.create(newInstance(clock.at));
      await store.claim({ key: KEY, lease: lease('a'), now: clock.at });
      const again = { key: KEY, lease: lease('a'), now: clock.at };
      expect((await store.claim(again)).kind).toBe('leased');
      expect((await store.claim({ ...again, isForced: true })).kind).toBe('leased');
    });

    test('a lease that ran out can be taken, and the claims add up', async (store) => {
      await store.create(newInstance(clock.at));
      await store.claim({ key: KEY, lease: lease('a'), now: clock.at });
      clock.at += LEASE_MS - 1;
      expect((await store.claim({ key: KEY, lease: lease('b'), now: clock.at })).kind).toBe('leased');
      clock.at += 1;
      const summary = claimed(await store.claim({ key: KEY, lease: lease('b'), now: clock.at }));
      expect(summary).toMatchObject({ unclosedClaims: 2, lease: { owner: 'b' } });
    });

    test('an instance that is not due is idle unless the claim is forced', async (store) => {
      await store.create(newInstance(clock.at));
      await store.append(release(waiting({ wakeAt: clock.at + 100 })));
      expect(await store.claim({ key: KEY, lease: lease('a'), now: clock.at + 99 })).toEqual({ kind: 'idle' });
      claimed(await store.claim({ key: KEY, lease: lease('a'), now: clock.at, isForced: true }));
    });

    test('an instance becomes claimable at its wakeAt', async (store) => {
      await store.create(newInstance(clock.at));
      await store.append(release(waiting({ wakeAt: clock.at + 100 })));
      claimed(await store.claim({ key: KEY, lease: lease('a'), now: clock.at + 100 }));
    });

    test('a finished instance is idle, forced or not', async (store) => {
      await store.create(newInstance(clock.at));
      await store.append(release(finished(clock.at)));
      expect(await store.claim({ key: KEY, lease: lease('a'), now: clock.at, isForced: true })).toEqual({
        kind: 'idle',
      });
    });
  });

  describe('renewal', () => {
    const { clock, test, lease } = instanceSuite(contract);

    test('the holder moves the end of its lease', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      clock.at += 10_000;
      expect(await store.renew({ key: KEY, incarnation: 'life-1', lease: lease('a') })).toBe(true);
      expect(await read(store)).toMatchObject({ lease: lease('a'), unclosedClaims: 1 });
    });

    test('a lease that somebody else took, that was released or of another life is not renewed', async (store) => {
      const renew = (incarnation = 'life-1') => store.renew({ key: KEY, incarnation, lease: lease('a') });
      expect(await renew()).toBe(false);
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      expect(await renew('life-0')).toBe(false);
      clock.at += LEASE_MS;
      await store.claim({ key: KEY, lease: lease('b'), now: clock.at });
      expect(await renew()).toBe(false);
      expect((await read(store)).lease).toEqual(lease('b'));
      await store.append(release(waiting()));
      expect(await renew()).toBe(false);
      expect((await read(store)).lease).toBeUndefined();
    });
  });

  describe('wake-up (E6)', () => {
    const { clock, test, lease } = instanceSuite(contract);
    const due = { limit: 10 };

    test('due instances are found oldest first, within the limit', async (store) => {
      const wakes = [
        ['third', 30],
        ['first', 10],
        ['second', 20],
        ['later', 40],
      ] as const;
      for (const [id, after] of wakes) {
        await store.create(newInstance(clock.at, { id }));
        await store.append(release(waiting({ wakeAt: clock.at + after }), { key: { ...KEY, id } }));
      }
      const found = await store.findDue({ now: clock.at + 30, ...due });
      expect(found).toEqual(['first', 'second', 'third'].map((id) => ({ ...KEY, id })));
      expect(await store.findDue({ now: clock.at + 30, limit: 2 })).toHaveLength(2);
      expect(await store.nextDueAt()).toBe(clock.at + 10);
    });

    test('nothing is due and nothing will be while nobody has anything to do by itself', async (store) => {
      expect(await store.nextDueAt()).toBeUndefined();
      await store.create(newInstance(clock.at));
      await store.append(release(waiting()));
      await store.create(newInstance(clock.at, { id: 'done' }));
      await store.append(release(finished(clock.at, { wakeAt: clock.at }), { key: { ...KEY, id: 'done' } }));
      expect(await store.findDue({ now: clock.at + 1e9, ...due })).toEqual([]);
      expect(await store.nextDueAt()).toBeUndefined();
    });

    test('a held instance is due when its lease runs out, and not before', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      expect(await store.findDue({ now: clock.at + LEASE_MS - 1, ...due })).toEqual([]);
      expect(await store.nextDueAt()).toBe(clock.at + LEASE_MS);
      expect(await store.findDue({ now: clock.at + LEASE_MS, ...due })).toEqual([KEY]);
      clock.at += 5_000;
      await store.renew({ key: KEY, incarnation: 'life-1', lease: lease('a') });
      expect(await store.nextDueAt()).toBe(clock.at + LEASE_MS);
    });

    test('a forced turn that died is taken up again although nothing else would wake the instance', async (store) => {
      await store.create(newInstance(clock.at));
      await store.append(release(waiting()));
      await store.claim({ key: KEY, lease: lease('a'), now: clock.at, isForced: true });
      clock.at += LEASE_MS;
      expect(await store.findDue({ now: clock.at, ...due })).toEqual([KEY]);
      claimed(await store.claim({ key: KEY, lease: lease('b'), now: clock.at }));
    });

    test('a release that wakes at once makes the instance due again', async (store) => {
      await store.create(newInstance(clock.at, { lease: lease('a') }));
      const projection = waiting({ wakeAt: clock.at });
      await store.append(
        release(projection, { records: [started(clock.at)], release: { owner: 'a', unclosedClaims: 0, projection } }),
      );
      expect(await store.findDue({ now: clock.at, ...due })).toEqual([KEY]);
    });

    test('two sweepers may find the same instance and only one gets it', async (store) => {
      await store.create(newInstance(clock.at));
      const found = await Promise.all([
        store.findDue({ now: clock.at, ...due }),
        store.findDue({ now: clock.at, ...due }),
      ]);
      const results = await Promise.all(
        found.flat().map((key, index) => store.claim({ key, lease: lease(`sweeper-${index}`), now: clock.at })),
      );
      expect(results.filter((result) => result.kind === 'claimed')).toHaveLength(1);
    });
  });
};
