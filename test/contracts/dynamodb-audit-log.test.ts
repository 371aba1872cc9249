import { afterAll, beforeAll } from 'vitest';
import { DynamoAuditLog } from '../../lib/adapters/aws/dynamodb-audit-log.ts';
import { testAuditLog } from './audit-log-contract.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testAuditLog({
  setup: async () => new DynamoAuditLog(await dynamo.makeTable()),
  teardown: async () => {},
});
