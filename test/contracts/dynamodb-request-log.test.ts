import { afterAll, beforeAll } from 'vitest';
import { DynamoRequestLog } from '../../lib/adapters/aws/dynamodb-request-log.ts';
import { type DynamoUnderTest, startDynamo } from './dynamodb-fixture.ts';
import { testRequestLog } from './request-log-contract.ts';

let dynamo: DynamoUnderTest;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

testRequestLog({
  setup: async () => new DynamoRequestLog(await dynamo.makeTable()),
  teardown: async () => {},
});
