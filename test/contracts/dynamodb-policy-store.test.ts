import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoPolicyStore } from '../../lib/adapters/aws/dynamodb-policy-store.ts';
import type { Policy } from '../../lib/ports/policy-store.ts';
import { ManualClock } from './contract.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';
import { testPolicyStore } from './policy-store-contract.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

/** Time goes on by what is waited for. */
const timeOf = (clock: ManualClock) => ({
  clock,
  timer: {
    after: (ms: number, act: () => void) => {
      clock.at += ms;
      act();
      return () => {};
    },
  },
});

testPolicyStore({
  setup: async () => new DynamoPolicyStore(await dynamo.makeTable(), timeOf(new ManualClock())),
  teardown: async () => {},
});

describe('policies that another process has changed', () => {
  const policy: Policy = {
    name: 'one',
    before: { step: 'a' },
    action: { kind: 'refuse', reason: 'no' },
    updatedAt: 1,
  };

  it('are gone by everywhere when the change is told as made', async () => {
    const table = await dynamo.makeTable();
    const clock = new ManualClock();
    const [ours, theirs] = [new DynamoPolicyStore(table, timeOf(clock)), new DynamoPolicyStore(table, timeOf(clock))];
    expect(await theirs.list()).toEqual([]);
    await ours.put(policy);
    expect(await theirs.list()).toEqual([policy]);
    await ours.remove('one');
    expect(await theirs.list()).toEqual([]);
  });

  it('are read once for all turns of a second', async () => {
    const table = await dynamo.makeTable();
    const clock = new ManualClock();
    const store = new DynamoPolicyStore(table, timeOf(clock));
    const [first, second] = [store.list(), store.list()];
    expect(second).toBe(first);
    clock.at += 1_000;
    expect(store.list()).not.toBe(first);
  });
});
