import { afterAll, beforeAll } from 'vitest';
import { DynamoCheckStore } from '../../lib/adapters/aws/dynamodb-check-store.ts';
import { testCheckStore } from './check-store-contract.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testCheckStore({
  setup: async () => new DynamoCheckStore(await dynamo.makeTable()),
  teardown: async () => {},
});
