import { afterAll, beforeAll } from 'vitest';
import { DynamoUsageStore } from '../../lib/adapters/aws/dynamodb-usage-store.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';
import { testUsageStore } from './usage-store-contract.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testUsageStore({
  setup: async () => new DynamoUsageStore(await dynamo.makeTable()),
  teardown: async () => {},
});
