import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { AwsError, type StackResource } from '../../contract.ts';
import type { IndexFacts, TableFacts } from './operations.ts';

export interface EngineAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the answer of a dozen operations, of which each reader knows one
  readonly body: any;
}

export interface Engine {
  send(action: string, input: unknown): Promise<EngineAnswer>;
  close(): Promise<void>;
}

/** It looks whether there is a signature, and no closer: that was done at the gateway. */
const SIGNATURE =
  'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=a, Signature=a';

/** Tables in memory, by their rows' keys, with expressions and indexes, but neither transactions nor expiry. */
export const startEngine = async (): Promise<Engine> => {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    send: async (action, input) => {
      const response = await fetch(address, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${action}`,
          'x-amz-date': '20260101T000000Z',
          authorization: SIGNATURE,
        },
        body: JSON.stringify(input),
      });
      return { status: response.status, body: await response.json() };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Properties that change nothing of what the stand-in does. */
const WITHOUT_EFFECT = new Set([
  'DeletionProtectionEnabled',
  'PointInTimeRecoverySpecification',
  'TimeToLiveSpecification',
]);
const MAKING = ['AttributeDefinitions', 'BillingMode', 'GlobalSecondaryIndexes', 'KeySchema'];

/** @throws Error for a property of the template that is not known here */
export const createTable = async (
  engine: Engine,
  { logicalId, ref, properties, arn }: StackResource,
): Promise<TableFacts> => {
  const unknown = Object.keys(properties).find((name) => !WITHOUT_EFFECT.has(name) && !MAKING.includes(name));
  if (unknown !== undefined) throw new Error(`${logicalId}: ${unknown} is not known here`);
  const { status, body } = await engine.send('CreateTable', {
    TableName: ref,
    ...Object.fromEntries(MAKING.map((name) => [name, properties[name]])),
  });
  if (status !== 200) throw new AwsError(body.__type, `${logicalId}: ${body.message}`);
  for (let isActive = false; !isActive; ) {
    const { body: description } = await engine.send('DescribeTable', { TableName: ref });
    isActive = description.Table.TableStatus === 'ACTIVE';
  }
  return { name: ref, arn, ...keysOf(properties.KeySchema), indexes: indexesOf(logicalId, properties) };
};

// biome-ignore lint/suspicious/noExplicitAny: properties as CloudFormation shapes them
const indexesOf = (logicalId: string, properties: any): readonly IndexFacts[] =>
  (properties.GlobalSecondaryIndexes ?? []).map(
    ({ IndexName, KeySchema, Projection }: { IndexName: string; KeySchema: KeySchema; Projection: Projection }) => {
      if (Projection.ProjectionType !== 'KEYS_ONLY') {
        throw new Error(`${logicalId}: what an index costs that holds more than keys is not known here`);
      }
      return { name: IndexName, ...keysOf(KeySchema) };
    },
  );

type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
type Projection = { readonly ProjectionType: string };

const keysOf = (schema: KeySchema) => ({
  partitionKey: schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
  sortKey: schema.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName,
});
