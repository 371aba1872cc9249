import { randomBytes } from 'node:crypto';
import { AwsError, type Need } from '../../contract.ts';
import type { ConsumedUnits } from './consumed-units.ts';
import type { Engine } from './dynalite-engine.ts';
import { type FindTable, type Input, type Item, keyOf, keyText, type RowWrite, type TableFacts } from './operations.ts';

/** One of the writes of `TransactWriteItems`, of those that are known here: there is no `Update`. */
interface Joined extends RowWrite {
  readonly action: 'PutItem' | 'DeleteItem' | 'ConditionCheckItem';
  readonly condition: Partial<Input>;
}

interface Asked extends Input {
  readonly TableName: string;
}

type AskedItem = Readonly<Partial<Record<string, Asked>>>;

const MAX_ITEMS = 100;

/** @throws AwsError for what DynamoDB refuses before it looks at a row */
export const joinedOf = (items: readonly AskedItem[], find: FindTable): readonly Joined[] => {
  if (items.length === 0 || items.length > MAX_ITEMS) throw invalid(`Member must have length 1 to ${MAX_ITEMS}`);
  const joined = items.map((asked): Joined => {
    const [[kind, one] = []] = Object.entries(asked);
    if (one === undefined) throw invalid('A transaction has no empty items');
    const { TableName, Item: item, Key: key = {}, ...condition } = one;
    const table = find(TableName);
    if (kind === 'Put' && item !== undefined)
      return { action: 'PutItem', table, key: keyOf(item, table), item, condition };
    if (kind === 'Delete') return { action: 'DeleteItem', table, key, item: 'deleted', condition };
    if (kind === 'ConditionCheck') return { action: 'ConditionCheckItem', table, key, item: 'updated', condition };
    throw invalid(`${kind} is not known here`);
  });
  const rows = joined.map(({ table, key }) => JSON.stringify([table.name, key]));
  if (new Set(rows).size < rows.length) {
    throw invalid('Transaction request cannot include multiple operations on one item');
  }
  return joined;
};

/** There is no permission of a transaction's own: each of its writes needs that of its kind. */
export const needsOfTransaction = (joined: readonly Joined[]): readonly Need[] =>
  joined.map(({ action, table, key }) => ({
    action: `dynamodb:${action}`,
    resource: table.arn,
    context: { 'dynamodb:LeadingKeys': [keyText(key[table.partitionKey]) ?? ''] },
  }));

export type Transacted =
  | { readonly kind: 'done'; readonly consumed: readonly ConsumedUnits[] }
  | { readonly kind: 'cancelled'; readonly codes: readonly string[] };

/**
 * Whoever calls has the rows for itself. Each condition is tried on a copy of its row, then everything is written. As on
 * DynamoDB a query may see one half of it, since it is no transaction itself.
 */
export const runTransaction = async (engine: Engine, joined: readonly Joined[]): Promise<Transacted> => {
  const codes: string[] = [];
  for (const write of joined) codes.push((await holds(engine, write)) ? 'None' : 'ConditionalCheckFailed');
  if (codes.includes('ConditionalCheckFailed')) return { kind: 'cancelled', codes };
  const consumed: ConsumedUnits[] = [];
  for (const { action, table, key, item } of joined) {
    const given =
      action === 'PutItem'
        ? await engine.send('PutItem', { TableName: table.name, Item: item, ReturnConsumedCapacity: 'INDEXES' })
        : action === 'DeleteItem'
          ? await engine.send('DeleteItem', { TableName: table.name, Key: key, ReturnConsumedCapacity: 'INDEXES' })
          : undefined;
    if (given !== undefined && given.status !== 200) throw new AwsError('ValidationException', given.body.message);
    // Twice what the write alone would cost. No row that is written this way stands in an index.
    const units = Number(given?.body.ConsumedCapacity?.CapacityUnits ?? 1);
    consumed.push({ table: table.name, ofTable: 2 * units, ofIndexes: {} });
  }
  return { kind: 'done', consumed };
};

const holds = async (engine: Engine, { table, key, condition }: Joined): Promise<boolean> => {
  if (condition.ConditionExpression === undefined) return true;
  const { body } = await engine.send('GetItem', { TableName: table.name, Key: key, ConsistentRead: true });
  const copy = copyKey(table, key);
  if (body.Item !== undefined) {
    await engine.send('PutItem', { TableName: table.name, Item: { ...(body.Item as Item), ...copy } });
  }
  const { ReturnValuesOnConditionCheckFailure: _, ...rest } = condition;
  const tried = await engine.send('DeleteItem', { TableName: table.name, Key: copy, ...rest });
  if (tried.status === 200) return true;
  await engine.send('DeleteItem', { TableName: table.name, Key: copy });
  if (String(tried.body.__type).endsWith('ConditionalCheckFailedException')) return false;
  throw new AwsError('ValidationException', tried.body.message);
};

/** A key that nobody else has. */
const copyKey = (table: TableFacts, key: Item): Item => ({
  ...key,
  [table.partitionKey]: { S: `copy of ${keyText(key[table.partitionKey])} ${randomBytes(8).toString('hex')}` },
});

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
