import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../lib/adapters/aws/dynamodb-attributes.ts';
import { DynamoInstanceStore } from '../../lib/adapters/aws/dynamodb-instance-store.ts';
import { summaryKey, tableDefinition } from '../../lib/adapters/aws/dynamodb-keys.ts';
import type { DynamoTable } from '../../lib/adapters/aws/dynamodb-table.ts';
import { DAY_MS } from '../../lib/core/limits.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import type { InstanceKey, NewInstance, Projection } from '../../lib/ports/instance-store.ts';
import { ManualClock } from './contract.ts';
import { type DynamoUnderTest, memoryBlobs, otherDynamo, startDynamo } from './dynamodb-fixture.ts';

/** What each transition costs in write units, indexes included; with names as long as real ones. */
const clock = new ManualClock();
const key: InstanceKey = { tenant: 'acme-corporation', workflow: 'OrderFulfilment', id: 'a'.repeat(32) };
const life = 'b'.repeat(32);
const lease = { owner: 'c'.repeat(24), until: clock.at + 30_000 };

const instance: NewInstance = {
  ...key,
  incarnation: life,
  seed: life,
  version: 'd'.repeat(32),
  createdAt: clock.at,
  envelope: {
    __dispatcherMetadata: { tenant: key.tenant, workflow: key.workflow, version: 'd'.repeat(32) },
    params: '[{"orderId":1,"customer":2,"amount":3},"0042","jane@example.org",129.5]',
  },
  trigger: { source: 'api' },
};

const settled = (count: number): JournalRecord => ({
  kind: 'step_settled',
  step: { kind: 'do', name: `calculate part ${count}`, count: 1 },
  ordinal: count,
  at: clock.at + count,
  attempt: 1,
  startedAt: clock.at + count,
  config: { retries: { limit: 5, delayMs: 1_000, backoff: 'exponential' }, timeoutMs: 600_000 },
  outcome: { ok: true, value: `[{"total":1,"currency":2},${count * 17.25},"EUR"]` },
});
const attempt = (count: number): JournalRecord => ({
  kind: 'attempt_started',
  step: { kind: 'do', name: `call service ${count}`, count: 1 },
  ordinal: count,
  at: clock.at + count,
  attempt: 1,
});
const completed: JournalRecord = { kind: 'completed', at: clock.at + 20, output: '[{"ok":1},true]' };
const done: Projection = {
  status: 'complete',
  startedAt: clock.at,
  endedAt: clock.at + 20,
  waitingFor: [],
  stepCount: 10,
  output: '[{"ok":1},true]',
  expiresAt: clock.at + 30 * DAY_MS,
};
const asleep: Projection = {
  status: 'waiting',
  startedAt: clock.at,
  wakeAt: clock.at + 60_000,
  waitingFor: [{ kind: 'sleep', name: 'a minute', until: clock.at + 60_000 }],
  stepCount: 2,
};
const forAnswer: Projection = {
  status: 'waiting',
  startedAt: clock.at,
  waitingFor: [{ kind: 'event', name: 'approval', eventType: 'approved' }],
  stepCount: 2,
};

/** The row that closes a life comes into the wake index and leaves it. */
const OF_CLOSING = 2;

let dynamo: DynamoUnderTest;
let table: DynamoTable;
let store: DynamoInstanceStore;
let written = 0;
let read = 0;
/** Read units of the transition measured last. */
let readLast = 0;
const lines: string[] = [];

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(async () => {
  await dynamo.close();
  console.log(['write units (table + indexes), read units:', ...lines].join('\n'));
});

const begin = async (): Promise<void> => {
  table = await dynamo.makeTable({
    consumed: (units) => {
      written += units.write;
      read += units.read;
    },
  });
  store = new DynamoInstanceStore({ table, blobs: memoryBlobs(), clock });
};

/** The stand-in leaves indexes out: an entry that comes or goes is one unit, one that moves two, keys being all there is. */
const indexUnits = (before: Row | undefined, after: Row | undefined): number => {
  let units = 0;
  for (const { partitionKey, sortKey } of tableDefinition.indexes) {
    const [old, now] = [before, after].map((row) => row?.[partitionKey] && `${row[partitionKey]} ${row[sortKey]}`);
    if (old !== now) units += (old === undefined ? 0 : 1) + (now === undefined ? 0 : 1);
  }
  return units;
};

/** Gives the units of one transition and notes them under its name. `ofOthers`: index units of rows beside the summary. */
const unitsOf = async (name: string, transition: () => Promise<unknown>, ofOthers = 0): Promise<number> => {
  const before = await table.get(summaryKey(key));
  [written, read] = [0, 0];
  await transition();
  const ofTable = written;
  readLast = read;
  const ofIndexes = ofOthers + indexUnits(before, await table.get(summaryKey(key)));
  lines.push(`${name.padEnd(52)} ${ofTable} + ${ofIndexes} = ${ofTable + ofIndexes}, read ${readLast}`);
  return ofTable + ofIndexes;
};

const append = (position: number, records: readonly JournalRecord[], projection?: Projection) => () =>
  store.append({
    key,
    incarnation: life,
    position,
    records,
    ...(projection && { release: { owner: lease.owner, takenSeq: 0, unclosedClaims: 0, projection } }),
  });

const tenSteps = [
  { kind: 'started', at: clock.at } as const,
  ...Array.from({ length: 10 }, (_, index) => settled(index + 1)),
];

// Another implementation may count in its own way.
describe.skipIf(otherDynamo !== undefined)('write units in DynamoDB', () => {
  it('are at most 6 for an instance of ten pure steps, without a read in its turn', async () => {
    await begin();
    const created = await unitsOf('create with a lease that a message hands on', () =>
      store.create({ ...instance, lease }),
    );
    const released = await unitsOf(
      'append 10 pure steps and the end, release',
      append(0, [...tenSteps, completed], done),
    );
    expect(readLast).toBe(0);
    lines.push(`${'instance of 10 pure steps'.padEnd(52)} ${created + released}`);
    expect(created + released).toBeLessThanOrEqual(6);
  });

  it('are one more where the turn is claimed apart', async () => {
    await begin();
    await store.create(instance);
    expect(await unitsOf('claim', () => store.claim({ key, lease, now: clock.at }))).toBe(1);
    expect(await unitsOf('renew', () => store.renew({ key, incarnation: life, lease }))).toBe(1);
  });

  it('are at most 0.5 for a pure step and 1.1 for an effectful one', async () => {
    await begin();
    await store.create({ ...instance, lease });
    const batch = Array.from({ length: 64 }, (_, index) => settled(index + 1));
    const pure = await unitsOf('append 64 pure steps', append(0, [{ kind: 'started', at: clock.at }, ...batch]));
    lines.push(`${'  per pure step'.padEnd(52)} ${(pure / 64).toFixed(3)}`);
    expect(pure / 64).toBeLessThanOrEqual(0.5);
    let effectful = 0;
    for (let count = 0; count < 20; count += 1) {
      const records = [settled(100 + count), attempt(101 + count)];
      const append20 = append(65 + 2 * count, records);
      effectful += await (count === 0 ? unitsOf('append before an effect', append20) : unitsQuietly(append20));
    }
    lines.push(`${'  per effectful step'.padEnd(52)} ${(effectful / 20).toFixed(3)}`);
    expect(effectful / 20).toBeLessThanOrEqual(1.1);
  });

  it('stay small through sleeps, events and restarts', async () => {
    await begin();
    await store.create({ ...instance, lease });
    const started = { kind: 'started', at: clock.at } as const;
    expect(await unitsOf('append and release into a sleep', append(0, [started], asleep))).toBe(4);
    clock.at += 60_000;
    const next = { owner: lease.owner, until: clock.at + 30_000 };
    expect(await unitsOf('claim after the sleep', () => store.claim({ key, lease: next, now: clock.at }))).toBe(1);
    expect(await unitsOf('append and release into a wait for an event', append(1, [settled(1)], forAnswer))).toBe(3);
    const item = { kind: 'event', eventId: 'e1', eventType: 'approved', payload: '["yes"]', at: clock.at } as const;
    expect(await unitsOf('event that wakes', () => store.accept({ key, item, now: clock.at }))).toBe(3);
    const again = { key, item: { ...item, eventId: 'e2' }, now: clock.at, idempotency: { key: 'k', digest: 'd' } };
    expect(await unitsOf('event with an idempotency key, while awake', () => store.accept(again))).toBe(3);
    const pause = { key, item: { kind: 'pause', at: clock.at }, now: clock.at } as const;
    expect(await unitsOf('pause', () => store.accept(pause))).toBe(2);
    const reborn = {
      key,
      expected: life,
      incarnation: 'e'.repeat(32),
      seed: life,
      version: 'v',
      records: [],
      stepCount: 0,
    };
    await unitsOf(
      'restart, with 2 batches and 3 items of the old life',
      () => store.reincarnate({ ...reborn, now: clock.at }),
      OF_CLOSING,
    );
    await unitsOf('remove', () => store.remove(key), OF_CLOSING);
  });
});

const unitsQuietly = async (transition: () => Promise<unknown>): Promise<number> => {
  written = 0;
  await transition();
  return written;
};
