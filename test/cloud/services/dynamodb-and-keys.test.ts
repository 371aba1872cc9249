import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '../contract.ts';
import { type CloudUnderTest, startCloud } from '../gateway-fixture.ts';

let cloud: CloudUnderTest;
let TableName: string;
const clients: { destroy(): void }[] = [];

beforeAll(async () => {
  cloud = await startCloud();
  TableName = cloud.stack.find('AWS::DynamoDB::Table').ref;
}, 60_000);

afterAll(async () => {
  for (const client of clients) client.destroy();
  expect(cloud.gateway.crashes).toEqual([]);
  await cloud.close();
});

const kept = <T extends { destroy(): void }>(client: T): T => {
  clients.push(client);
  return client;
};
const dynamoAs = (who: string | Credentials) => kept(new DynamoDBClient(cloud.clientOf(who)));
const text = (value: string) => ({ S: value });
const keyOf = (pk: string, sk = 'S') => ({ pk: text(pk), sk: text(sk) });

const sessionOf = async (tenant: string, params: { readonly Policy?: string } = {}): Promise<Credentials> => {
  const { Credentials: made } = await kept(new STSClient(cloud.clientOf('DispatcherRole'))).send(
    new AssumeRoleCommand({
      RoleArn: cloud.roleOf('TenantIsolationTenantRole'),
      RoleSessionName: 'a-turn',
      Tags: [{ Key: 'tenant', Value: tenant }],
      ...params,
    }),
  );
  return {
    accessKeyId: made?.AccessKeyId ?? '',
    secretAccessKey: made?.SecretAccessKey ?? '',
    sessionToken: made?.SessionToken ?? '',
  };
};

const denied = (action: string) => ({
  name: expect.stringMatching(/^AccessDenied(Exception)?$/),
  message: expect.stringContaining(`not authorized to perform: ${action}`),
});

describe('DynamoDB', () => {
  it('serves a role what its policy allows, and refuses the rest', async () => {
    const dispatcher = dynamoAs('DispatcherRole');
    const Item = { ...keyOf('T#one#I#w#1'), state: text('new') };
    await dispatcher.send(new PutItemCommand({ TableName, Item }));
    const got = await dispatcher.send(new GetItemCommand({ TableName, Key: keyOf('T#one#I#w#1') }));
    expect(got.Item).toEqual(Item);
    await expect(dispatcher.send(new ScanCommand({ TableName }))).rejects.toMatchObject(denied('dynamodb:Scan'));
    const executor = dynamoAs('TenantIsolationExecutorRole');
    await expect(executor.send(new GetItemCommand({ TableName, Key: keyOf('T#one#I#w#1') }))).rejects.toMatchObject(
      denied('dynamodb:GetItem'),
    );
  });

  it('lets each role query only the index that its policy names', async () => {
    const query = (IndexName: string) =>
      new QueryCommand({
        TableName,
        IndexName,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': `${IndexName}Pk` },
        ExpressionAttributeValues: { ':pk': text('D#1') },
      });
    const sweeper = dynamoAs('SweeperRole');
    expect((await sweeper.send(query('wake'))).Items).toEqual([]);
    await expect(sweeper.send(query('list'))).rejects.toMatchObject(denied('dynamodb:Query'));
    expect((await dynamoAs('FrontDoorApiRole').send(query('list'))).Items).toEqual([]);
  });

  it('holds a tenant’s session to its tenant’s rows, in each operation that names rows', async () => {
    const session = dynamoAs(await sessionOf('one'));
    const [own, foreign] = ['T#one#I#w#2', 'T#onerous#I#w#2'];
    const both = [keyOf(own), keyOf(foreign)];
    const query = (pk: string) =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'begins_with(#sk, :sk) AND #pk = :pk',
        ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
        ExpressionAttributeValues: { ':pk': text(pk), ':sk': text('S') },
      });
    await session.send(new PutItemCommand({ TableName, Item: keyOf(own) }));
    expect((await session.send(query(own))).Items).toHaveLength(1);
    const commands = [
      new PutItemCommand({ TableName, Item: keyOf(foreign) }),
      new GetItemCommand({ TableName, Key: keyOf(foreign) }),
      new UpdateItemCommand({ TableName, Key: keyOf(foreign) }),
      new DeleteItemCommand({ TableName, Key: keyOf(foreign) }),
      query(foreign),
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: both } } }),
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: both.map((Key) => ({ DeleteRequest: { Key } })) },
      }),
      new QueryCommand({
        TableName,
        IndexName: 'list',
        KeyConditionExpression: 'listPk = :pk',
        ExpressionAttributeValues: { ':pk': text('T#one#I') },
      }),
    ];
    for (const command of commands) {
      await expect(session.send(command as GetItemCommand)).rejects.toMatchObject(denied('dynamodb:'));
    }
  });

  it('counts entries of indexes: one that comes or goes is a unit, one that moves two, one that stays none', async () => {
    const dispatcher = dynamoAs('DispatcherRole');
    const Key = keyOf('T#one#I#w#3');
    const asked = { TableName, ReturnConsumedCapacity: 'INDEXES' } as const;
    const listed = { listPk: text('T#one#I'), listSk: text('w#3') };
    const put = await dispatcher.send(
      new PutItemCommand({ ...asked, Item: { ...Key, ...listed, wakePk: text('D#1'), wakeSk: text('5') } }),
    );
    expect(put.ConsumedCapacity).toMatchObject({
      CapacityUnits: 3,
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: { list: { CapacityUnits: 1 }, wake: { CapacityUnits: 1 } },
    });
    const update = (UpdateExpression: string, ReturnValues?: 'UPDATED_OLD' | 'ALL_NEW') =>
      dispatcher.send(
        new UpdateItemCommand({
          ...asked,
          Key,
          UpdateExpression,
          ...(UpdateExpression.includes(':new') && { ExpressionAttributeValues: { ':new': text('7') } }),
          ...(ReturnValues && { ReturnValues }),
        }),
      );
    const moved = await update('SET wakeSk = :new');
    expect(moved.ConsumedCapacity?.CapacityUnits).toBe(3);
    expect(moved.Attributes).toBeUndefined();
    expect((await update('SET note = :new', 'ALL_NEW')).ConsumedCapacity?.CapacityUnits).toBe(1);
    const left = await update('REMOVE wakePk, wakeSk', 'UPDATED_OLD');
    expect(left.ConsumedCapacity?.CapacityUnits).toBe(2);
    expect(left.Attributes).toEqual({ wakePk: text('D#1'), wakeSk: text('7') });
    const batch = await dispatcher.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ DeleteRequest: { Key } }] },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    expect(batch.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 2 }]);
  });

  it('tells the row that stood in the way of a condition, and bills the refusal', async () => {
    const unitsOf = () =>
      cloud.dynamo
        .usage()
        .find(({ principal, operation }) => principal.includes('Validator') && operation === 'PutItem')?.writeUnits;
    const validator = dynamoAs('BundleIntakeValidatorRole');
    const Item = { ...keyOf('T#one#B'), state: text('there') };
    await validator.send(new PutItemCommand({ TableName, Item }));
    const again = new PutItemCommand({
      TableName,
      Item,
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await expect(validator.send(again)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item });
    expect(unitsOf()).toBe(2);
  });

  it('bills a query that finds nothing as one that finds a little', async () => {
    const answer = await dynamoAs('SandboxFinishedRole').send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': text('nobody') },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    expect(answer.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 0.5 });
  });
});

describe('STS', () => {
  const assume = (who: string, params: Partial<ConstructorParameters<typeof AssumeRoleCommand>[0]> = {}) =>
    kept(new STSClient(cloud.clientOf(who))).send(
      new AssumeRoleCommand({
        RoleArn: cloud.roleOf('TenantIsolationTenantRole'),
        RoleSessionName: 'a-turn',
        Tags: [{ Key: 'tenant', Value: 'one' }],
        ...params,
      }),
    );

  it('opens a session for those whom the trust policy names, and for no others', async () => {
    const { Credentials: made } = await assume('DispatcherRole', { DurationSeconds: 900 });
    expect(made?.Expiration?.getTime()).toBeGreaterThan(Date.now() + 890_000);
    expect(made?.Expiration?.getTime()).toBeLessThan(Date.now() + 910_000);
    await expect(assume('SweeperRole')).rejects.toMatchObject(denied('sts:AssumeRole'));
  });

  it('opens none without the tag of a tenant, with another, or for a role that is not there', async () => {
    await expect(assume('DispatcherRole', { Tags: [] })).rejects.toMatchObject(denied('sts:AssumeRole'));
    const more = [
      { Key: 'tenant', Value: 'one' },
      { Key: 'rank', Value: 'high' },
    ];
    await expect(assume('DispatcherRole', { Tags: more })).rejects.toMatchObject(denied('sts:AssumeRole'));
    const nobody = `${cloud.roleOf('TenantIsolationTenantRole')}x`;
    await expect(assume('DispatcherRole', { RoleArn: nobody })).rejects.toMatchObject(denied('sts:AssumeRole'));
  });

  it('opens none for longer than an hour, since a function’s role is a session already', async () => {
    await expect(assume('DispatcherRole', { DurationSeconds: 3_601 })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(assume('DispatcherRole', { DurationSeconds: 899 })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('narrows a session to the policy that comes with it', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' }],
    });
    const session = dynamoAs(await sessionOf('one', { Policy }));
    await session.send(new GetItemCommand({ TableName, Key: keyOf('T#one#A') }));
    await expect(session.send(new PutItemCommand({ TableName, Item: keyOf('T#one#A') }))).rejects.toMatchObject(
      denied('dynamodb:PutItem'),
    );
    await expect(sessionOf('one', { Policy: '{}' })).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
  });
});

describe('KMS', () => {
  const Plaintext = Buffer.from('a data key');
  const context = (tenant: string) => ({ tenant, name: 'API_KEY' });
  const kmsAs = (who: string | Credentials) => kept(new KMSClient(cloud.clientOf(who)));
  const seal = async (EncryptionContext: Record<string, string>) => {
    const KeyId = cloud.stack.find('AWS::KMS::Key').ref;
    const { CiphertextBlob } = await kmsAs('FrontDoorApiRole').send(
      new EncryptCommand({ KeyId, Plaintext, EncryptionContext }),
    );
    return CiphertextBlob as Uint8Array;
  };

  it('opens what it sealed, under the same context only', async () => {
    const CiphertextBlob = await seal(context('one'));
    const dispatcher = kmsAs('DispatcherRole');
    const opened = await dispatcher.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: { name: 'API_KEY', tenant: 'one' } }),
    );
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
    for (const altered of [context('two'), { ...context('one'), more: '' }]) {
      await expect(
        dispatcher.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: altered })),
      ).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    }
  });

  it('opens nothing for a role without that right, or without naming a tenant', async () => {
    const CiphertextBlob = await seal(context('one'));
    const EncryptionContext = context('one');
    await expect(
      kmsAs('SweeperRole').send(new DecryptCommand({ CiphertextBlob, EncryptionContext })),
    ).rejects.toMatchObject(denied('kms:Decrypt'));
    await expect(kmsAs('DispatcherRole').send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject(
      denied('kms:Decrypt'),
    );
    await expect(seal({ name: 'API_KEY' })).rejects.toMatchObject(denied('kms:Encrypt'));
  });

  it('opens to a tenant’s session what that tenant sealed', async () => {
    const session = kmsAs(await sessionOf('two'));
    const [own, foreign] = [await seal(context('two')), await seal(context('one'))];
    await session.send(new DecryptCommand({ CiphertextBlob: own, EncryptionContext: context('two') }));
    await expect(
      session.send(new DecryptCommand({ CiphertextBlob: foreign, EncryptionContext: context('one') })),
    ).rejects.toMatchObject(denied('kms:Decrypt'));
  });
});

describe('Secrets Manager', () => {
  const read = (who: string) =>
    kept(new SecretsManagerClient(cloud.clientOf(who))).send(
      new GetSecretValueCommand({ SecretId: cloud.stack.find('AWS::SecretsManager::Secret').ref }),
    );

  it('gives the secret that the template lets it make, to those who may read it and use its key', async () => {
    const { SecretString } = await read('FrontDoorApiRole');
    expect(SecretString).toMatch(/^[A-Za-z0-9]{48}$/);
    expect(SecretString).toBe(cloud.secrets.valueOf(cloud.stack.find('AWS::SecretsManager::Secret').arn));
    await expect(read('DispatcherRole')).rejects.toMatchObject(denied('secretsmanager:GetSecretValue'));
  });
});
