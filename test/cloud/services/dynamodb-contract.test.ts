import { afterAll, describe, expect, it } from 'vitest';
import { makeDynamoClient } from '../../../lib/adapters/aws/aws-clients.ts';
import { DynamoInstanceStore } from '../../../lib/adapters/aws/dynamodb-instance-store.ts';
import { tableDefinition } from '../../../lib/adapters/aws/dynamodb-keys.ts';
import { DynamoTable } from '../../../lib/adapters/aws/dynamodb-table.ts';
import { DynamoTenantStorage } from '../../../lib/adapters/aws/dynamodb-tenant-storage.ts';
import type { NewInstance } from '../../../lib/ports/instance-store.ts';
import { ManualClock } from '../../contracts/contract.ts';
import { memoryBlobs } from '../../contracts/dynamodb-fixture.ts';
import { testInstanceStore } from '../../contracts/instance-store-contract.ts';
import { testTenantStorage } from '../../contracts/tenant-storage-contract.ts';
import { CredentialBook } from '../credential-book.ts';
import { openGateway } from '../gateway.ts';
import { makeAuthorizer } from '../iam/authorizer.ts';
import { loadStack } from '../template/load-stack.ts';
import type { Template } from '../template/template.ts';
import { startDynamoDb } from './dynamodb/dynamodb.ts';

const schemaOf = ({ partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey: string }) => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  { AttributeName: sortKey, KeyType: 'RANGE' },
];

/** The table as the adapter wants it, and one role that may do everything there. */
const template: Template = {
  Resources: {
    Rows: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: schemaOf(tableDefinition),
        AttributeDefinitions: [tableDefinition, ...tableDefinition.indexes]
          .flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey])
          .map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        GlobalSecondaryIndexes: tableDefinition.indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: schemaOf(index),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        })),
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        },
      },
    },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Action: 'dynamodb:*',
            Resource: [{ 'Fn::GetAtt': ['Rows', 'Arn'] }, { 'Fn::Sub': `\${Rows.Arn}/index/*` }],
          },
        },
      },
    },
  },
};

const closings: (() => Promise<void>)[] = [];

/** An empty table, reached by signed calls. */
const startTable = async () => {
  const gateway = await openGateway();
  const stack = loadStack({
    template,
    name: 'Rows',
    assemblyFolder: '',
    endpoint: gateway.endpoint,
    apiEndpoint: '',
  });
  const credentials = new CredentialBook();
  const dynamo = await startDynamoDb(stack);
  gateway.serve({ region: stack.region, services: [dynamo], credentials, authorizer: makeAuthorizer(stack) });
  const client = makeDynamoClient({
    endpoint: gateway.endpoint,
    region: stack.region,
    credentials: credentials.credentialsFor(stack.find('AWS::IAM::Role').arn),
  });
  closings.push(async () => {
    client.destroy();
    await gateway.close();
    await dynamo.close();
    expect(gateway.crashes).toEqual([]);
  });
  return { dynamo, table: new DynamoTable({ client, name: stack.find('AWS::DynamoDB::Table').ref }) };
};

afterAll(async () => {
  for (const close of closings) await close();
});

testInstanceStore({
  setup: async (options) =>
    new DynamoInstanceStore({ table: (await startTable()).table, blobs: memoryBlobs(), ...options }),
  teardown: async () => {},
});

testTenantStorage({
  setup: async () => new DynamoTenantStorage((await startTable()).table),
  teardown: async () => {},
});

describe('the bill', () => {
  it('of a value that is put alone is one unit, and twice that in a transaction', async () => {
    const { dynamo, table } = await startTable();
    const storage = new DynamoTenantStorage(table);
    const put = (key: string) => ({ kind: 'put', key, value: '"v"' }) as const;
    await storage.commit('acme', { writes: [put('a')], etag: '1', now: 0 });
    await storage.commit('acme', { writes: [put('a'), put('b')], etag: '2', now: 0 });
    expect(dynamo.usage()).toMatchObject([
      { operation: 'PutItem', writeUnits: 1, indexWriteUnits: 0 },
      { operation: 'TransactWriteItems', writeUnits: 4, indexWriteUnits: 0 },
    ]);
  });

  it('of a new instance is what the key design says: a row and an entry in each index', async () => {
    const { dynamo, table } = await startTable();
    const clock = new ManualClock();
    const instance: NewInstance = {
      tenant: 'acme',
      workflow: 'Order',
      id: '1',
      incarnation: 'a',
      seed: 'a',
      version: 'v',
      createdAt: clock.at,
      envelope: { __dispatcherMetadata: { tenant: 'acme', workflow: 'Order', version: 'v' }, params: '[]' },
      trigger: { source: 'api' },
    };
    await new DynamoInstanceStore({ table, blobs: memoryBlobs(), clock }).create(instance);
    expect(dynamo.usage()).toEqual([
      {
        principal: expect.stringMatching(/^Rows-Role-/),
        operation: 'PutItem',
        readUnits: 0,
        writeUnits: 3,
        indexWriteUnits: 2,
      },
    ]);
  });
});
