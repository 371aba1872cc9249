import { afterAll, beforeAll } from 'vitest';
import { DynamoTenantCache } from '../../lib/adapters/aws/dynamodb-tenant-cache.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';
import { testTenantCache } from './tenant-cache-contract.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testTenantCache({
  setup: async () => new DynamoTenantCache(await dynamo.makeTable()),
  teardown: async () => {},
});
