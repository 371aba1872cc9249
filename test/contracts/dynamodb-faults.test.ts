import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromAttributes, type Row } from '../../lib/adapters/aws/dynamodb-attributes.ts';
import { DynamoInstanceStore } from '../../lib/adapters/aws/dynamodb-instance-store.ts';
import { summaryKey } from '../../lib/adapters/aws/dynamodb-keys.ts';
import { DynamoTable } from '../../lib/adapters/aws/dynamodb-table.ts';
import { MINUTE_MS } from '../../lib/core/limits.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import type { Summary } from '../../lib/ports/instance-store.ts';
import { ManualClock } from './contract.ts';
import { type DynamoUnderTest, memoryBlobs, startDynamo } from './dynamodb-fixture.ts';
import { event, finished, KEY, newInstance, release, slept, started, waiting } from './instance-fixture.ts';

/** Several processes on one table, which die between two writes, lose answers, or come late. */
const clock = new ManualClock();
const START = clock.at;
let dynamo: DynamoUnderTest;
let table: string;
let blobs: ReturnType<typeof memoryBlobs>;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  table = await dynamo.makeTableName();
  blobs = memoryBlobs();
  clock.at = START;
});

/** A process of its own: it knows nothing of what others have seen. */
const makeStore = (): DynamoInstanceStore =>
  new DynamoInstanceStore({ table: new DynamoTable({ client: dynamo.client, name: table }), blobs, clock });

/** A process that dies with its write number `writes + 1`. */
const makeDyingStore = (writes: number): DynamoInstanceStore => {
  const client = dynamo.makeClient();
  let left = writes;
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (/^(Put|Update|Delete|BatchWrite)/.test(commandName)) {
          if (left <= 0) throw new Error('The process died.');
          left -= 1;
        }
        return next(args);
      },
    { step: 'initialize' },
  );
  return new DynamoInstanceStore({ table: new DynamoTable({ client, name: table }), blobs, clock });
};

/** A process to which the answer of each of its first writes is lost once, so that its client tries again. */
const makeDeafStore = (): DynamoInstanceStore => {
  const client = dynamo.makeClient();
  const lost = new Set<object>();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const result = await next(args);
        const isWrite = /^(Put|Update)/.test(commandName);
        if (!isWrite || lost.has(args.input)) return result;
        lost.add(args.input);
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
      },
    { step: 'deserialize', priority: 'low' },
  );
  return new DynamoInstanceStore({ table: new DynamoTable({ client, name: table }), blobs, clock });
};

const rowsLeft = async (): Promise<readonly Row[]> => {
  const { Items: items = [] } = await dynamo.client.send(new ScanCommand({ TableName: table }));
  return items.map(fromAttributes);
};

/** Rows but those that keep the places of a life that is over: they hold nothing, and go after a day. */
const rowsOfLives = async (): Promise<readonly string[]> => {
  const rows = (await rowsLeft()).filter((row) => row.closing === undefined);
  for (const row of rows.filter(({ isTaken }) => isTaken !== undefined)) {
    expect(Object.keys(row).toSorted()).toEqual(['count', 'isTaken', 'pk', 'sk', 'ttl']);
  }
  return rows.filter(({ isTaken }) => isTaken === undefined).map((row) => String(row.sk));
};

const read = async (store: DynamoInstanceStore): Promise<Summary> => {
  const summary = await store.get(KEY);
  if (summary === undefined) throw new Error('No instance');
  return summary;
};

const life = { key: KEY, incarnation: 'life-1' };
const reborn = {
  key: KEY,
  expected: 'life-1',
  incarnation: 'life-2',
  seed: 'seed-2',
  version: 'v2',
  records: [started(START)],
  stepCount: 0,
  now: START,
};
const lease = { owner: 'a', until: START + 30_000 };

/** Text that no deflation makes small. */
const noise = (length: number): string => {
  let state = 1;
  let text = '';
  while (text.length < length) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    text += (state >>> 0).toString(36);
  }
  return text;
};
const bigRecord = (value: string): JournalRecord => ({
  kind: 'step_settled',
  step: { kind: 'do', name: 'big', count: 1 },
  ordinal: 1,
  at: START,
  attempt: 1,
  startedAt: START,
  outcome: { ok: true, value },
});

describe('a turn of a life that another process ended', () => {
  const endings = {
    removed: (store: DynamoInstanceStore) => store.remove(KEY),
    'begun anew': (store: DynamoInstanceStore) => store.reincarnate(reborn),
  };

  for (const [name, end] of Object.entries(endings)) {
    it(`appends, renews and releases nothing when its instance was ${name} (E3)`, async () => {
      const turn = makeStore();
      await turn.create(newInstance(clock.at, { lease }));
      await turn.append({ ...life, position: 0, records: [started(clock.at), slept(1, clock.at)] });
      expect(await end(makeStore())).toBe(true);
      const rows = await rowsLeft();
      const next = { ...life, position: 2, records: [slept(2, clock.at)] };
      expect(await turn.append(next)).toEqual({ kind: 'conflict' });
      const ending = { owner: 'a', takenSeq: 0, unclosedClaims: 0, projection: waiting() };
      expect(await turn.append({ ...next, release: ending })).toEqual({ kind: 'conflict' });
      expect(await turn.append({ ...next, records: [], release: ending })).toEqual({ kind: 'conflict' });
      expect(await turn.renew({ ...life, lease })).toBe(false);
      expect(await rowsLeft()).toEqual(rows);
    });
  }
});

describe('a turn that fell behind', () => {
  it('appends nothing where others have terminated and begun anew, although its lease had time left (E3)', async () => {
    const turn = makeStore();
    await turn.create(newInstance(clock.at, { lease }));
    await turn.append({ ...life, position: 0, records: [started(clock.at)] });
    const records = [{ kind: 'terminated', at: clock.at } as const];
    const projection = finished(clock.at, { status: 'terminated' });
    expect(await makeStore().append(release(projection, { position: 1, records }))).toEqual({ kind: 'done' });
    expect(await makeStore().reincarnate(reborn)).toBe(true);
    expect(await turn.append({ ...life, position: 1, records: [slept(1, clock.at)] })).toEqual({ kind: 'conflict' });
    expect((await rowsOfLives()).filter((sk) => sk.startsWith('J#life-1'))).toEqual([]);
  });

  it('appends nothing where another turn went on and the instance was removed (E3)', async () => {
    const turn = makeStore();
    await turn.create(newInstance(clock.at, { lease }));
    const other = makeStore();
    for (let position = 0; position < 3; position += 1) {
      await other.append({ ...life, position, records: [slept(position + 1, clock.at)] });
    }
    expect(await makeStore().remove(KEY)).toBe(true);
    for (let position = 0; position < 5; position += 1) {
      const late = { ...life, position, records: [slept(9, clock.at)] };
      expect(await turn.append(late)).toEqual({ kind: 'conflict' });
      expect(await other.append(late)).toEqual({ kind: 'conflict' });
    }
  });
});

describe('a process that dies between two writes', () => {
  /** Dies earlier and earlier, until the act is done; `check` looks at what was left after a sweep. */
  const dieEverywhere = async (
    prepare: (store: DynamoInstanceStore) => Promise<unknown>,
    act: (store: DynamoInstanceStore) => Promise<unknown>,
    check: (store: DynamoInstanceStore, hasEnded: boolean) => Promise<void>,
  ): Promise<number> => {
    for (let writes = 0; ; writes += 1) {
      table = await dynamo.makeTableName();
      clock.at = START;
      await prepare(makeStore());
      const hasEnded = await act(makeDyingStore(writes)).then(
        () => true,
        () => false,
      );
      clock.at = START + 2 * MINUTE_MS;
      await makeStore().removeExpired({ now: clock.at, limit: 10, clear: async () => {} });
      await check(makeStore(), hasEnded);
      if (hasEnded) return writes;
    }
  };
  const prepareLife = async (store: DynamoInstanceStore): Promise<void> => {
    await store.create(newInstance(clock.at, { envelope: { __dispatcherMetadata: {}, params: noise(2_000) } }));
    await store.append({ ...life, position: 0, records: [started(clock.at)] });
    const idempotency = { key: 'k', digest: 'd' };
    await store.accept({ key: KEY, item: event('e1', clock.at), now: clock.at, idempotency });
  };

  it('removes all of an instance or nothing', async () => {
    const writes = await dieEverywhere(
      prepareLife,
      (store) => store.remove(KEY),
      async (store) => {
        const summary = await store.get(KEY);
        if (summary === undefined) expect(await rowsOfLives()).toEqual([]);
        else {
          expect(await store.readJournal(life)).toEqual([started(START)]);
          expect(await store.append({ ...life, position: 1, records: [slept(1, START)] })).toEqual({ kind: 'done' });
        }
      },
    );
    expect(writes).toBeGreaterThan(4);
  });

  it('begins a new life whole or not at all', async () => {
    await dieEverywhere(
      prepareLife,
      (store) => store.reincarnate(reborn),
      async (store, hasEnded) => {
        const summary = await read(store);
        if (hasEnded) expect(summary.incarnation).toBe('life-2');
        expect(summary.envelope.params).toBe(noise(2_000));
        const { incarnation, position } = summary;
        expect(await store.readJournal({ key: KEY, incarnation })).toEqual([started(START)]);
        expect(await store.append({ key: KEY, incarnation, position: 1, records: [slept(1, START)] })).toEqual({
          kind: 'done',
        });
        if (incarnation === 'life-1') return;
        expect(position).toBe(1);
        expect((await rowsOfLives()).filter((sk) => sk.includes('life-1')).toSorted()).toEqual([
          expect.stringMatching(/^K#life-1#/),
          'O#life-1',
        ]);
      },
    );
  });

  it('leaves an event whole or not at all, and whoever sends it again sends it once', async () => {
    const send = (store: DynamoInstanceStore, eventId: string) =>
      store.accept({
        key: KEY,
        item: event(eventId, START),
        now: clock.at,
        idempotency: { key: 'k', digest: 'd' },
      });
    await dieEverywhere(
      (store) => store.create(newInstance(clock.at)),
      (store) => send(store, 'first'),
      async (store) => {
        const other = await store.accept({ key: KEY, item: event('other', START), now: clock.at });
        expect(other.kind).toBe('accepted');
        const again = await send(store, 'again');
        expect(['accepted', 'repeated']).toContain(again.kind);
        expect((await send(store, 'third')).kind).toBe('repeated');
        const items = await store.readInbox({ ...life, afterSeq: 0, limit: 10 });
        expect(items.map(({ seq }) => seq)).toEqual([1, 2]);
        expect((await read(store)).inboxSeq).toBe(2);
        expect((await read(store)).wakeAt).toBeLessThanOrEqual(clock.at);
      },
    );
  });

  it('leaves a turn that another one takes up, whichever of its writes was the last (E6)', async () => {
    await dieEverywhere(
      (store) => store.create(newInstance(clock.at, { lease })),
      (store) =>
        store.append(
          release(finished(clock.at, { expiresAt: START + 1e9 }), {
            records: [started(clock.at), { kind: 'completed', at: clock.at, output: '[1]' }],
            release: { owner: 'a', unclosedClaims: 0, projection: finished(clock.at, { expiresAt: START + 1e9 }) },
          }),
        ),
      async (store, hasEnded) => {
        expect(await store.findDue({ now: clock.at, limit: 10 })).toEqual(hasEnded ? [] : [KEY]);
        if (hasEnded) return;
        const next = { owner: 'b', until: clock.at + 30_000 };
        expect((await store.claim({ key: KEY, lease: next, now: clock.at })).kind).toBe('claimed');
        const position = (await store.readJournal(life)).length;
        const ending = { owner: 'b', takenSeq: 0, unclosedClaims: 0, projection: waiting() };
        expect(await store.append({ ...life, position, records: [], release: ending })).toEqual({ kind: 'done' });
      },
    );
  });
});

describe('a write whose answer is lost', () => {
  it('is known again when it is tried again', async () => {
    const store = makeDeafStore();
    expect(await store.create(newInstance(clock.at, { lease }))).toBe('created');
    expect(await store.append({ ...life, position: 0, records: [started(clock.at)] })).toEqual({ kind: 'done' });
    const idempotency = { key: 'k', digest: 'd' };
    const item = event('e1', clock.at);
    expect((await store.accept({ key: KEY, item, now: clock.at, idempotency })).kind).toBe('accepted');
    const ending = { owner: 'a', takenSeq: 1, unclosedClaims: 0, projection: waiting() };
    const last = { ...life, position: 1, records: [slept(1, clock.at)], release: ending };
    expect(await store.append(last)).toEqual({ kind: 'done' });
    expect(await store.readJournal(life)).toEqual([started(clock.at), slept(1, clock.at)]);
    expect(await read(store)).toMatchObject({ status: 'waiting', inboxSeq: 1, position: 2 });
    const next = { owner: 'b', until: clock.at + 30_000 };
    const claim = await store.claim({ key: KEY, lease: next, now: clock.at, isForced: true });
    expect(claim).toMatchObject({ kind: 'claimed', summary: { unclosedClaims: 1, lease: next } });
    expect(await store.reincarnate(reborn)).toBe(true);
    expect((await read(store)).incarnation).toBe('life-2');
  });
});

describe('many processes at once', () => {
  it('send events to one instance: each is accepted once, under a number of its own, without gaps', async () => {
    await makeStore().create(newInstance(clock.at));
    const results = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        makeStore().accept({ key: KEY, item: event(`e${index}`, clock.at), now: clock.at }),
      ),
    );
    const numbers = results.map((result) => (result.kind === 'accepted' ? result.seq : 0));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
    const items = await makeStore().readInbox({ ...life, afterSeq: 0, limit: 100 });
    expect(new Set(items.map(({ item }) => item.kind === 'event' && item.eventId)).size).toBe(24);
  });

  it('send the same event with the same key: one is accepted and the others repeat it', async () => {
    await makeStore().create(newInstance(clock.at));
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        makeStore().accept({
          key: KEY,
          item: event(`e${index}`, clock.at),
          now: clock.at,
          idempotency: { key: 'k', digest: 'd' },
        }),
      ),
    );
    const eventIds = new Set(results.flatMap((result) => (result.kind === 'repeated' ? [result.eventId] : [])));
    expect(eventIds.size).toBe(1);
    const items = await makeStore().readInbox({ ...life, afterSeq: 0, limit: 100 });
    expect(items.map(({ item }) => item.kind === 'event' && item.eventId)).toEqual([...eventIds]);
  });

  it('append at one position, end the life and claim: what was answered is what is there', async () => {
    const stores = Array.from({ length: 6 }, makeStore);
    await makeStore().create(newInstance(clock.at));
    const appended = await Promise.all([
      ...stores.map((store, index) => store.append({ ...life, position: 0, records: [slept(index, clock.at)] })),
      makeStore().reincarnate(reborn),
    ]);
    expect(appended.at(-1)).toBe(true);
    expect(appended.filter((result) => typeof result === 'object' && result.kind === 'done').length).toBeLessThan(2);
    expect(await makeStore().readJournal({ key: KEY, incarnation: 'life-2' })).toEqual([started(START)]);
    expect((await rowsOfLives()).filter((sk) => sk.startsWith('J#life-1'))).toEqual([]);
  });
});

describe('what is too large for a row', () => {
  it('lies beside it and goes with it', async () => {
    const store = makeStore();
    const params = noise(5_000);
    await store.create(newInstance(clock.at, { lease, envelope: { __dispatcherMetadata: {}, params } }));
    const records = [started(clock.at), ...Array.from({ length: 8 }, () => bigRecord(noise(100_000)))];
    expect(await store.append({ ...life, position: 0, records })).toEqual({ kind: 'done' });
    expect(blobs.blobs.size).toBe(1);
    expect(await store.readJournal(life)).toEqual(records);
    const output = noise(700_000);
    expect(await store.append(release(finished(clock.at, { output }), { position: 9 }))).toEqual({ kind: 'done' });
    expect(blobs.blobs.size).toBe(2);
    expect(await read(makeStore())).toMatchObject({ output, envelope: { params } });
    expect((await store.list({ tenant: KEY.tenant, workflow: KEY.workflow, limit: 5 })).items[0]?.output).toBe(output);
    expect(await store.remove(KEY)).toBe(true);
    expect([blobs.blobs.size, await rowsOfLives()]).toEqual([0, []]);
  });

  it('is paged through, however many rows there are', async () => {
    const store = makeStore();
    await store.create(newInstance(clock.at));
    const records: JournalRecord[] = [];
    for (let batch = 0; batch < 12; batch += 1) {
      const more = [bigRecord(noise(250_000)), slept(batch, clock.at)];
      expect((await store.append({ ...life, position: records.length, records: more })).kind).toBe('done');
      records.push(...more);
    }
    expect(await makeStore().readJournal(life)).toEqual(records);
    expect(await makeStore().readJournal({ ...life, from: 15 })).toEqual(records.slice(15));
  });
});

describe('the end of retention', () => {
  const expiresAt = START + 1_000;
  const ending = { unclosedClaims: 0, projection: finished(START, { expiresAt }) };

  it('takes an instance of one batch by the table’s own clock, without a write', async () => {
    const store = makeStore();
    await store.create(newInstance(clock.at));
    await store.append({ ...life, position: 0, records: [started(START)], release: ending });
    const rows = await rowsLeft();
    expect(rows.map((row) => Number(row.ttl) > expiresAt / 1_000)).toEqual([true, true]);
    clock.at = expiresAt;
    expect(await store.get(KEY)).toBeUndefined();
    expect(await store.removeExpired({ now: expiresAt, limit: 10, clear: async () => {} })).toBe(0);
  });

  it('leaves to the sweeper what has rows that do not go by themselves', async () => {
    for (const params of ['[1]', noise(2_000)]) {
      const store = makeStore();
      await store.create(newInstance(clock.at, { envelope: { __dispatcherMetadata: {}, params } }));
      if (params === '[1]') await store.append({ ...life, position: 0, records: [started(START)] });
      const position = params === '[1]' ? 1 : 0;
      await store.append({ ...life, position, records: [slept(1, START)], release: ending });
      clock.at = expiresAt;
      expect(await makeStore().removeExpired({ now: expiresAt, limit: 10, clear: async () => {} })).toBe(1);
      expect(await rowsOfLives()).toEqual([]);
      clock.at = START;
      table = await dynamo.makeTableName();
    }
  });

  it('is over for an instance that lives again', async () => {
    const store = makeStore();
    await store.create(newInstance(clock.at));
    await store.append({ ...life, position: 0, records: [started(START)], release: ending });
    expect(await store.reincarnate(reborn)).toBe(true);
    const { pk, sk } = summaryKey(KEY);
    const row = (await rowsLeft()).find((found) => found.pk === pk && found.sk === sk);
    expect(row).toBeDefined();
    expect(row).not.toHaveProperty('ttl');
  });
});
