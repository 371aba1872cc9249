import { afterAll, beforeAll } from 'vitest';
import { DynamoBundleStore } from '../../lib/adapters/aws/dynamodb-bundle-store.ts';
import { testBundleStore } from './bundle-store-contract.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testBundleStore({
  setup: async () => new DynamoBundleStore(await dynamo.makeTable()),
  teardown: async () => {},
});
