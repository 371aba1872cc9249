import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { CapacityMeter } from './capacity-meter.ts';
import { fromAttributes, namesIn, type Row, type RowValue, toAttributes, valuesOf } from './dynamodb-attributes.ts';
import type { RowKey } from './dynamodb-keys.ts';

const BATCH_GET = 100;
const BATCH_WRITE = 25;
/** Rounds of a batch of which DynamoDB left something undone, or of a write that a transaction was in the way of, each later than the one before. */
const BATCH_ROUNDS = 8;
const BATCH_DELAY_MS = 50;
/** Why a transaction was cancelled that will be done another time. */
const PASSING: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/** `#name` stands for the attribute of that name, `:name` for a value given beside the text. */
export interface Expression {
  readonly text: string;
  readonly values?: Readonly<Record<string, RowValue>>;
}

export type WriteResult =
  /** `row`: after an update the row as it is now, after a delete the row as it was. */
  | { readonly kind: 'done'; readonly row: Row }
  /** The condition did not hold. `row`: what is there, where something is. */
  | { readonly kind: 'refused'; readonly row: Row | undefined };

/** One of several writes that are done together. `check` writes nothing and holds the others to its condition. */
export type JoinedWrite =
  | { readonly kind: 'put'; readonly row: Row; readonly condition?: Expression }
  | { readonly kind: 'delete'; readonly key: RowKey; readonly condition?: Expression }
  | { readonly kind: 'check'; readonly key: RowKey; readonly condition: Expression };

/** Where a query goes on: the keys of the last row, of the index too. */
export type QueryStart = Readonly<Record<string, string>>;

export interface QueryParams {
  readonly index?: string;
  readonly condition: Expression;
  readonly isDescending?: boolean;
  readonly limit?: number;
  readonly start?: QueryStart;
  /** Attributes; absent: all that the table or index holds. */
  readonly only?: readonly string[];
}

/**
 * The one door to the table: rows in, rows out, a refused condition as a value, every unit counted. Throttled calls are
 * tried again by the client, with growing delays and jitter (`aws-clients.ts`).
 */
export class DynamoTable {
  readonly #client: DynamoDBClient;
  readonly #name: string;
  readonly #meter: CapacityMeter | undefined;

  constructor(params: { readonly client: DynamoDBClient; readonly name: string; readonly meter?: CapacityMeter }) {
    this.#client = params.client;
    this.#name = params.name;
    this.#meter = params.meter;
  }

  /** Strongly consistent. */
  async get(key: RowKey, only?: readonly string[]): Promise<Row | undefined> {
    const projection = only === undefined ? undefined : projectionOf(only);
    const result = await this.#client.send(
      new GetItemCommand({
        TableName: this.#name,
        Key: toAttributes({ pk: key.pk, sk: key.sk }),
        ConsistentRead: true,
        ReturnConsumedCapacity: 'INDEXES',
        ...(projection && {
          ProjectionExpression: projection,
          ExpressionAttributeNames: namesIn(projection) ?? {},
        }),
      }),
    );
    this.#count('get', 'read', result.ConsumedCapacity);
    return result.Item && fromAttributes(result.Item);
  }

  async put(row: Row, condition?: Expression): Promise<WriteResult> {
    return this.#write('put', keyOf(row), async () => {
      const result = await this.#client.send(
        new PutItemCommand({
          TableName: this.#name,
          Item: toAttributes(row),
          ReturnConsumedCapacity: 'INDEXES',
          ...conditionOf(condition),
        }),
      );
      this.#count('put', 'write', result.ConsumedCapacity);
      return row;
    });
  }

  /** Conditional in any case: an update without a condition would make the row. */
  async update(key: RowKey, change: Expression, condition: Expression): Promise<WriteResult> {
    return this.#write('update', key, async () => {
      const result = await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#name,
          Key: toAttributes({ pk: key.pk, sk: key.sk }),
          UpdateExpression: inOneLine(change.text),
          ConditionExpression: inOneLine(condition.text),
          ExpressionAttributeNames: namesIn(`${change.text} ${condition.text}`) ?? {},
          ...withValues({ ...change.values, ...condition.values }),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ReturnConsumedCapacity: 'INDEXES',
        }),
      );
      this.#count('update', 'write', result.ConsumedCapacity);
      return fromAttributes(result.Attributes ?? {});
    });
  }

  /** Adds to the numbers of a row, and makes it where there is none. Not to be repeated: twice is twice as much. */
  async add(key: RowKey, amounts: Readonly<Record<string, number>>): Promise<void> {
    const names = Object.keys(amounts).filter((name) => amounts[name] !== 0);
    if (names.length === 0) return;
    const text = `ADD ${names.map((name) => `#${name} :${name}`).join(', ')}`;
    const result = await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#name,
        Key: toAttributes({ pk: key.pk, sk: key.sk }),
        UpdateExpression: text,
        ExpressionAttributeNames: namesIn(text) ?? {},
        ...withValues(Object.fromEntries(names.map((name) => [name, amounts[name] ?? 0]))),
        ReturnConsumedCapacity: 'INDEXES',
      }),
    );
    this.#count('update', 'write', result.ConsumedCapacity);
  }

  async delete(key: RowKey, condition?: Expression): Promise<WriteResult> {
    return this.#write('delete', key, async () => {
      const result = await this.#client.send(
        new DeleteItemCommand({
          TableName: this.#name,
          Key: toAttributes({ pk: key.pk, sk: key.sk }),
          ReturnValues: 'ALL_OLD',
          ReturnConsumedCapacity: 'INDEXES',
          ...conditionOf(condition),
        }),
      );
      this.#count('delete', 'write', result.ConsumedCapacity);
      return fromAttributes(result.Attributes ?? {});
    });
  }

  /**
   * All or none, each row once. `refused`: the place of the first condition that did not hold. What is in the way of another
   * transaction is tried again.
   */
  async writeJointly(
    writes: readonly JoinedWrite[],
  ): Promise<{ readonly kind: 'done' } | { readonly kind: 'refused'; readonly index: number }> {
    for (let round = 0; ; round += 1) {
      await pauseBefore(round);
      try {
        const result = await this.#client.send(
          new TransactWriteItemsCommand({
            TransactItems: writes.map((write) => this.#joined(write)),
            ReturnConsumedCapacity: 'INDEXES',
          }),
        );
        for (const used of result.ConsumedCapacity ?? []) this.#count('transact', 'write', used);
        return { kind: 'done' };
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
        const index = codes.indexOf('ConditionalCheckFailed');
        if (index >= 0) {
          this.#meter?.consumed({ operation: 'transact', read: 0, write: 2 * writes.length });
          return { kind: 'refused', index };
        }
        if (!codes.some((code) => code !== undefined && PASSING.has(code))) throw error;
      }
    }
  }

  #joined(write: JoinedWrite): TransactWriteItem {
    const common = { TableName: this.#name, ...expressionOf(write.condition) };
    if (write.kind === 'put') return { Put: { ...common, Item: toAttributes(write.row) } };
    const Key = toAttributes({ pk: write.key.pk, sk: write.key.sk });
    if (write.kind === 'delete') return { Delete: { ...common, Key } };
    return { ConditionCheck: { ...common, Key, ConditionExpression: inOneLine(write.condition.text) } };
  }

  /** One page. Strongly consistent on the table; an index may be behind. */
  async queryPage(params: QueryParams): Promise<{ readonly rows: readonly Row[]; readonly next?: QueryStart }> {
    const { index, condition, limit, start, only } = params;
    const projection = only === undefined ? undefined : projectionOf(only);
    const result = await this.#client.send(
      new QueryCommand({
        TableName: this.#name,
        KeyConditionExpression: condition.text,
        ExpressionAttributeNames: namesIn(`${condition.text} ${projection ?? ''}`) ?? {},
        ...withValues(condition.values),
        ScanIndexForward: params.isDescending !== true,
        ReturnConsumedCapacity: 'INDEXES',
        ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
        ...(limit !== undefined && { Limit: limit }),
        ...(start !== undefined && { ExclusiveStartKey: toAttributes(start) }),
        ...(projection !== undefined && { ProjectionExpression: projection }),
      }),
    );
    this.#count('query', 'read', result.ConsumedCapacity);
    return {
      rows: (result.Items ?? []).map(fromAttributes),
      ...(result.LastEvaluatedKey && { next: fromAttributes(result.LastEvaluatedKey) as QueryStart }),
    };
  }

  /** Every row, page after page, as they are asked for. */
  async *query(params: QueryParams): AsyncGenerator<Row, void, undefined> {
    let start = params.start;
    do {
      const page = await this.queryPage(start === undefined ? params : { ...params, start });
      yield* page.rows;
      start = page.next;
    } while (start !== undefined);
  }

  /** The rows that are there, strongly consistent, in the order of `keys`; each once, as an index may name one twice. */
  async getAll(keys: readonly RowKey[], only?: readonly string[]): Promise<readonly Row[]> {
    const projection = only === undefined ? undefined : projectionOf(['pk', 'sk', ...only]);
    const wanted = new Map(keys.map(({ pk, sk }) => [`${pk} ${sk}`, toAttributes({ pk, sk })]));
    const found = new Map<string, Row>();
    for (let from = 0; from < wanted.size; from += BATCH_GET) {
      let left: Record<string, AttributeValue>[] = [...wanted.values()].slice(from, from + BATCH_GET);
      for (let round = 0; left.length > 0; round += 1) {
        await pauseBefore(round);
        const result = await this.#client.send(
          new BatchGetItemCommand({
            RequestItems: {
              [this.#name]: {
                Keys: left,
                ConsistentRead: true,
                ...(projection !== undefined && {
                  ProjectionExpression: projection,
                  ExpressionAttributeNames: namesIn(projection) ?? {},
                }),
              },
            },
            ReturnConsumedCapacity: 'INDEXES',
          }),
        );
        for (const used of result.ConsumedCapacity ?? []) this.#count('get', 'read', used);
        for (const item of result.Responses?.[this.#name] ?? []) {
          const row = fromAttributes(item);
          found.set(`${row.pk} ${row.sk}`, row);
        }
        left = result.UnprocessedKeys?.[this.#name]?.Keys ?? [];
      }
    }
    return [...wanted.keys()].map((name) => found.get(name)).filter((row) => row !== undefined);
  }

  deleteAll(keys: readonly RowKey[]): Promise<void> {
    return this.#writeAll(
      'delete',
      keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: toAttributes({ pk, sk }) } })),
    );
  }

  /** Without a condition: for rows whose place nobody else takes. */
  putAll(rows: readonly Row[]): Promise<void> {
    return this.#writeAll(
      'put',
      rows.map((row) => ({ PutRequest: { Item: toAttributes(row) } })),
    );
  }

  async #writeAll(operation: string, requests: readonly WriteRequest[]): Promise<void> {
    for (let from = 0; from < requests.length; from += BATCH_WRITE) {
      let left: readonly WriteRequest[] = requests.slice(from, from + BATCH_WRITE);
      for (let round = 0; left.length > 0; round += 1) {
        await pauseBefore(round);
        const result = await this.#client.send(
          new BatchWriteItemCommand({ RequestItems: { [this.#name]: [...left] }, ReturnConsumedCapacity: 'INDEXES' }),
        );
        for (const used of result.ConsumedCapacity ?? []) this.#count(operation, 'write', used);
        left = result.UnprocessedItems?.[this.#name] ?? [];
      }
    }
  }

  async #write(operation: string, key: RowKey, send: () => Promise<Row>): Promise<WriteResult> {
    for (let round = 0; ; round += 1) {
      await pauseBefore(round);
      try {
        return { kind: 'done', row: await send() };
      } catch (error) {
        // A transaction has the row for a moment; the client does not try that again by itself.
        if (error instanceof TransactionConflictException) continue;
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // A refused condition is paid for like the write, and comes without a count.
        this.#meter?.consumed({ operation, read: 0, write: 1 });
        // Stand-ins may not give the row that stood in the way.
        const row = error.Item === undefined ? await this.get(key) : fromAttributes(error.Item);
        return { kind: 'refused', row };
      }
    }
  }

  #count(operation: string, kind: 'read' | 'write', used: ConsumedCapacity | undefined): void {
    const units = used?.CapacityUnits ?? 0;
    this.#meter?.consumed({ operation, read: kind === 'read' ? units : 0, write: kind === 'write' ? units : 0 });
  }
}

/**
 * Names one write in an attribute `write` of its row: a writer whose answer was lost tries again, is refused by its own
 * row, and knows it by this.
 */
export const newWriteId = (): string => randomBytes(6).toString('base64url');

/** The write was done, now or at a try whose answer was lost. */
export const isOurs = (result: WriteResult, write: string): boolean =>
  result.kind === 'done' || result.row?.write === write;

const keyOf = (row: Row): RowKey => ({ pk: String(row.pk), sk: String(row.sk) });

const projectionOf = (names: readonly string[]): string => names.map((name) => `#${name}`).join(', ');

/** Expressions are written in several lines where that reads better. */
const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

const withValues = (values: Expression['values']) =>
  values !== undefined && Object.keys(values).length > 0 ? { ExpressionAttributeValues: valuesOf(values) } : {};

const conditionOf = (condition: Expression | undefined) =>
  condition === undefined
    ? {}
    : ({ ...expressionOf(condition), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const);

const expressionOf = (condition: Expression | undefined) => {
  if (condition === undefined) return {};
  const names = namesIn(condition.text);
  return {
    ConditionExpression: inOneLine(condition.text),
    ...(names !== undefined && { ExpressionAttributeNames: names }),
    ...withValues(condition.values),
  };
};

const pauseBefore = async (round: number): Promise<void> => {
  if (round === 0) return;
  if (round >= BATCH_ROUNDS) throw new Error('DynamoDB left something undone, time after time.');
  const delayMs = BATCH_DELAY_MS * 2 ** round * (0.5 + Math.random() / 2);
  await new Promise((resolve) => setTimeout(resolve, delayMs));
};
