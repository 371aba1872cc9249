import { afterAll, beforeAll } from 'vitest';
import { DynamoScheduleStore } from '../../lib/adapters/aws/dynamodb-schedule-store.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';
import { testScheduleStore } from './schedule-store-contract.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testScheduleStore({
  setup: async () => new DynamoScheduleStore(await dynamo.makeTable()),
  teardown: async () => {},
});
