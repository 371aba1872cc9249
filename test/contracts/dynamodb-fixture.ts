import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { makeDynamoClient } from '../../lib/adapters/aws/aws-clients.ts';
import type { CapacityMeter } from '../../lib/adapters/aws/capacity-meter.ts';
import { tableDefinition } from '../../lib/adapters/aws/dynamodb-keys.ts';
import { DynamoTable } from '../../lib/adapters/aws/dynamodb-table.ts';
import type { BlobPart, BlobWriter } from '../../lib/ports/blob-store.ts';

export interface DynamoUnderTest {
  readonly client: DynamoDBClient;
  /** Another client, for a process of its own. */
  makeClient(): DynamoDBClient;
  /** An empty table, by name. */
  makeTableName(): Promise<string>;
  /** An empty table of its own. */
  makeTable(meter?: CapacityMeter): Promise<DynamoTable>;
  close(): Promise<void>;
}

/** Another implementation to run the suites against, by its address: an oracle beside the one in this process. */
export const otherDynamo = process.env.TEST_DYNAMODB;

/** DynamoDB in this process, in memory. It reports what the table consumes, but not its indexes, and has no TTL. */
const startDynalite = async (): Promise<{ readonly endpoint: string; close(): Promise<void> }> => {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export const startDynamo = async (): Promise<DynamoUnderTest> => {
  const dynamo =
    otherDynamo === undefined ? await startDynalite() : { endpoint: otherDynamo, close: async (): Promise<void> => {} };
  const makeClient = (): DynamoDBClient =>
    makeDynamoClient({
      endpoint: dynamo.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  const client = makeClient();
  const makeTableName = async (): Promise<string> => {
    // An oracle serves several files, of one process or of many.
    const name = `tenon-${randomUUID()}`;
    await createTable(client, name);
    return name;
  };
  return {
    client,
    makeClient,
    makeTableName,
    makeTable: async (meter) =>
      new DynamoTable({ client, name: await makeTableName(), ...(meter !== undefined && { meter }) }),
    close: async () => {
      client.destroy();
      await dynamo.close();
    },
  };
};

/** As the stack makes it, by the same definition. */
const createTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  const { partitionKey, sortKey, indexes } = tableDefinition;
  const schemaOf = (keys: { readonly partitionKey: string; readonly sortKey: string }) => [
    { AttributeName: keys.partitionKey, KeyType: 'HASH' as const },
    { AttributeName: keys.sortKey, KeyType: 'RANGE' as const },
  ];
  const attributes = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes.map((attribute) => ({ AttributeName: attribute, AttributeType: 'S' as const })),
      KeySchema: schemaOf({ partitionKey, sortKey }),
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: schemaOf(index),
        Projection: { ProjectionType: 'KEYS_ONLY' as const },
      })),
    }),
  );
  for (let status = ''; status !== 'ACTIVE'; ) {
    const { Table: made } = await client.send(new DescribeTableCommand({ TableName: name }));
    status = made?.TableStatus ?? '';
  }
};

/** Blobs in memory, for stores that only put large things aside. */
export const memoryBlobs = () => {
  const blobs = new Map<string, Uint8Array>();
  return {
    blobs,
    put: async (name: string, bytes: Uint8Array): Promise<void> => {
      blobs.set(name, bytes);
    },
    get: async (name: string): Promise<Uint8Array | undefined> => blobs.get(name),
    getPart: async (name: string, { from, maxBytes }: BlobPart): Promise<Uint8Array | undefined> =>
      blobs.get(name)?.subarray(from, from + maxBytes),
    open: (name: string): BlobWriter => {
      const pieces: Uint8Array[] = [];
      return {
        write: async (bytes) => void pieces.push(bytes),
        finish: async () => void blobs.set(name, Buffer.concat(pieces)),
        abort: async () => {},
      };
    },
    remove: async (name: string): Promise<void> => {
      blobs.delete(name);
    },
  };
};
