import { afterAll, beforeAll } from 'vitest';
import { DynamoTenantStore } from '../../lib/adapters/aws/dynamodb-tenant-store.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';
import { testTenantStore } from './tenant-store-contract.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testTenantStore({
  setup: async () => new DynamoTenantStore(await dynamo.makeTable()),
  teardown: async () => {},
});
