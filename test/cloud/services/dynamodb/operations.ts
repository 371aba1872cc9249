import { AwsError, type Need } from '../../contract.ts';

export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, AttributeValue>>;

/** What a table is to whoever asks for permissions and rows. */
export interface TableFacts {
  readonly name: string;
  readonly arn: string;
  readonly partitionKey: string;
  readonly sortKey: string | undefined;
  readonly indexes: readonly IndexFacts[];
}

export interface IndexFacts {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string | undefined;
}

/** The parts of requests that are looked at here; the rest goes through. */
export interface Input {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>>;
  readonly ConditionExpression?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, Input & { readonly TableName: string }>>[];
  readonly ConsistentRead?: boolean;
  readonly ReturnValues?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly ReturnConsumedCapacity?: string;
}

/** A row that a request writes. `item`: as it is put, `deleted`, or `updated` into what the answer tells. */
export interface RowWrite {
  readonly table: TableFacts;
  readonly key: Item;
  readonly item: Item | 'deleted' | 'updated';
}

interface WriteRequest {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

export type FindTable = (name: string) => TableFacts;

/** @throws AwsError for an operation that is not known here */
export const isWrite = (action: string): boolean => {
  if (WRITES.has(action)) return true;
  if (READS.has(action)) return false;
  throw new AwsError('UnknownOperationException', `${action} is not known here.`);
};

const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);
const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

/**
 * What must be allowed for an operation, with the partition keys that it names as `dynamodb:LeadingKeys`. A scan names
 * none: the condition key is missing then.
 */
export const needsOf = (action: string, input: Input, find: FindTable): readonly Need[] => {
  const need = (table: TableFacts, keys: readonly string[], resource = table.arn): Need => ({
    action: `dynamodb:${action}`,
    resource,
    ...(keys.length > 0 && { context: { 'dynamodb:LeadingKeys': [...new Set(keys)] } }),
  });
  switch (action) {
    case 'BatchGetItem':
      return Object.entries(input.RequestItems ?? {}).map(([name, request]) => {
        const table = find(name);
        const { Keys } = request as { readonly Keys: readonly Item[] };
        return need(
          table,
          Keys.map((key) => leadingKey(key, table)),
        );
      });
    case 'BatchWriteItem': {
      const rows = rowsOf(action, input, find);
      return [...new Set(rows.map(({ table }) => table))].map((table) =>
        need(
          table,
          rows.filter((row) => row.table === table).map(({ key }) => leadingKey(key, table)),
        ),
      );
    }
    case 'Query':
    case 'Scan': {
      const table = find(input.TableName ?? '');
      const index = input.IndexName === undefined ? undefined : indexOf(table, input.IndexName);
      const keys = action === 'Scan' ? [] : [queriedKey(input, index ?? table)];
      return [need(table, keys, index && `${table.arn}/index/${index.name}`)];
    }
    default: {
      const table = find(input.TableName ?? '');
      return [need(table, [leadingKey(input.Key ?? input.Item ?? {}, table)])];
    }
  }
};

/** The rows that an operation writes. */
export const rowsOf = (action: string, input: Input, find: FindTable): readonly RowWrite[] => {
  if (action === 'BatchWriteItem') {
    return Object.entries(input.RequestItems ?? {}).flatMap(([name, requests]) => {
      const table = find(name);
      return (requests as readonly WriteRequest[]).map(({ PutRequest, DeleteRequest }): RowWrite => {
        if (PutRequest !== undefined) return { table, key: keyOf(PutRequest.Item, table), item: PutRequest.Item };
        return { table, key: DeleteRequest?.Key ?? {}, item: 'deleted' };
      });
    });
  }
  const table = find(input.TableName ?? '');
  if (input.Item !== undefined) return [{ table, key: keyOf(input.Item, table), item: input.Item }];
  return [{ table, key: input.Key ?? {}, item: action === 'DeleteItem' ? 'deleted' : 'updated' }];
};

export const keyOf = (item: Item, { partitionKey, sortKey }: TableFacts): Item =>
  Object.fromEntries(
    [partitionKey, sortKey].filter((name) => name !== undefined).map((name) => [name, item[name] ?? {}]),
  );

/** The value of a key as text, whatever its type. */
export const keyText = (value: AttributeValue | undefined): string | undefined => {
  const [text] = Object.values(value ?? {});
  return text === undefined ? undefined : String(text);
};

const leadingKey = (key: Item, { partitionKey }: TableFacts): string => {
  const text = keyText(key[partitionKey]);
  if (text === undefined) throw invalid('The provided key element does not match the schema');
  return text;
};

/** The partition that a query reads: `<name> = <value>` is the only form that a key condition has for it. */
const queriedKey = (input: Input, { partitionKey }: TableFacts | IndexFacts): string => {
  for (const [, name = '', value = ''] of (input.KeyConditionExpression ?? '').matchAll(/(#?\w+)\s*=\s*(:\w+)/g)) {
    const attribute = name.startsWith('#') ? input.ExpressionAttributeNames?.[name] : name;
    const text = keyText(input.ExpressionAttributeValues?.[value]);
    if (attribute === partitionKey && text !== undefined) return text;
  }
  throw invalid(`Query condition missed key schema element: ${partitionKey}`);
};

const indexOf = (table: TableFacts, name: string): IndexFacts => {
  const found = table.indexes.find((index) => index.name === name);
  if (found === undefined) throw invalid(`The table does not have the specified index: ${name}`);
  return found;
};

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
