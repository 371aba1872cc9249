import { afterAll, beforeAll } from 'vitest';
import { DynamoInstanceStore } from '../../lib/adapters/aws/dynamodb-instance-store.ts';
import { type DynamoUnderTest, memoryBlobs, startDynamo } from './dynamodb-fixture.ts';
import { testInstanceStore } from './instance-store-contract.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testInstanceStore({
  setup: async (options) =>
    new DynamoInstanceStore({ table: await dynamo.makeTable(), blobs: memoryBlobs(), ...options }),
  teardown: async () => {},
});
