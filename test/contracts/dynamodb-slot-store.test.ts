import { afterAll, beforeAll } from 'vitest';
import { DynamoSlotStore } from '../../lib/adapters/aws/dynamodb-slot-store.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';
import { testSlotStore } from './slot-store-contract.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testSlotStore({
  setup: async () => new DynamoSlotStore(await dynamo.makeTable()),
  teardown: async () => {},
});
