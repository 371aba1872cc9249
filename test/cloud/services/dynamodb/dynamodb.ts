import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  type AwsService,
  type LocalStack,
  type Principal,
} from '../../contract.ts';
import { principalName } from '../../iam/authorizer.ts';
import { type ConsumedUnits, reportOf, unitsIn } from './consumed-units.ts';
import { createTable, type EngineAnswer, startEngine } from './dynalite-engine.ts';
import { IndexUnits, rowName } from './index-units.ts';
import { type Input, type Item, isWrite, needsOf, type RowWrite, rowsOf, type TableFacts } from './operations.ts';
import { joinedOf, needsOfTransaction, runTransaction } from './transaction.ts';
import { Turns } from './turns.ts';

/** What one role's calls of one operation consumed. */
export interface DynamoUsage {
  readonly principal: string;
  readonly operation: string;
  readonly readUnits: number;
  /** Of the table and its indexes. */
  readonly writeUnits: number;
  /** Those of them that indexes took. */
  readonly indexWriteUnits: number;
}

export interface DynamoDb extends AwsService {
  /** Since the start. */
  usage(): readonly DynamoUsage[];
  close(): Promise<void>;
}

/** The tables of the stack, empty. */
export const startDynamoDb = async (stack: LocalStack): Promise<DynamoDb> => {
  const engine = await startEngine();
  const tables: TableFacts[] = [];
  for (const resource of stack.ofType('AWS::DynamoDB::Table')) tables.push(await createTable(engine, resource));
  const indexUnits = new IndexUnits();
  const turns = new Turns();
  const usage = new Map<string, DynamoUsage>();

  const find = (name: string): TableFacts => {
    const found = tables.find((table) => table.name === name || table.arn === name);
    if (found === undefined) throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    return found;
  };

  const count = (
    principal: Principal,
    operation: string,
    units: { readonly read?: number; readonly write?: number; readonly ofIndexes?: number },
  ): void => {
    const kind = { principal: principalName(principal), operation };
    const name = JSON.stringify(kind);
    const before = usage.get(name) ?? { readUnits: 0, writeUnits: 0, indexWriteUnits: 0 };
    usage.set(name, {
      ...kind,
      readUnits: before.readUnits + (units.read ?? 0),
      writeUnits: before.writeUnits + (units.write ?? 0),
      indexWriteUnits: before.indexWriteUnits + (units.ofIndexes ?? 0),
    });
  };

  const get = async ({ table, key }: RowWrite): Promise<Item | undefined> => {
    const { body } = await engine.send('GetItem', { TableName: table.name, Key: key, ConsistentRead: true });
    return body.Item;
  };

  const read = async (principal: Principal, action: string, input: Input): Promise<EngineAnswer> => {
    const given = await engine.send(action, { ...input, ReturnConsumedCapacity: 'INDEXES' });
    if (given.status !== 200) return given;
    const consumed = unitsIn(given.body.ConsumedCapacity).map((units) => atLeastOneRead(units, input));
    count(principal, action, { read: total(consumed) });
    return withReport(given, consumed, input);
  };

  const write = async (principal: Principal, action: string, input: Input): Promise<EngineAnswer> => {
    const rows = rowsOf(action, input, find);
    // The row as it is after an update tells where it stands in the indexes.
    const isAsked = action !== 'UpdateItem' || !['NONE', undefined].includes(input.ReturnValues);
    const asked: Input = { ...input, ReturnConsumedCapacity: 'INDEXES' };
    const given = await engine.send(action, isAsked ? asked : { ...asked, ReturnValues: 'ALL_NEW' });
    if (isRefusedCondition(given)) {
      // Paid for like the write.
      count(principal, action, { write: 1 });
      return withStandingRow(given, input, rows[0] && (await get(rows[0])));
    }
    if (given.status !== 200) return given;
    const { Attributes: attributes, ...bare } = given.body;
    const hasNew = !isAsked || input.ReturnValues === 'ALL_NEW';
    let consumed = unitsIn(given.body.ConsumedCapacity);
    for (const row of rows) {
      const after = row.item !== 'updated' ? row.item : hasNew ? attributes : await get(row);
      const moved = indexUnits.write(row, after === 'deleted' ? undefined : after);
      consumed = consumed.map((units) => (units.table === row.table.name ? withIndexes(units, moved) : units));
    }
    count(principal, action, { write: total(consumed), ofIndexes: total(consumed) - totalOfTables(consumed) });
    return withReport(isAsked ? given : { ...given, body: bare }, consumed, input);
  };

  const transact = async (call: AwsCall, input: Input): Promise<AwsAnswer> => {
    const joined = joinedOf(input.TransactItems ?? [], find);
    for (const need of needsOfTransaction(joined)) call.demand(need);
    return turns.take(
      joined.map(({ table, key }) => rowName(table, key)),
      async () => {
        const result = await runTransaction(engine, joined);
        const write = result.kind === 'done' ? total(result.consumed) : 2 * joined.length;
        count(call.principal, call.action, { write });
        if (result.kind === 'done') {
          const reports = result.consumed.map((units) => reportOf(units, input.ReturnConsumedCapacity));
          return answerOf({ status: 200, body: reports.includes(undefined) ? {} : { ConsumedCapacity: reports } });
        }
        const body = {
          __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
          message: 'Transaction cancelled, please refer cancellation reasons for specific reasons',
          CancellationReasons: result.codes.map((Code) => ({ Code })),
        };
        return answerOf({ status: 400, body });
      },
    );
  };

  // The engine throws past every caller where it is closed while it looks something up.
  const running = new Set<Promise<AwsAnswer>>();
  let isClosed = false;
  const answer = async (call: AwsCall): Promise<AwsAnswer> => {
    const isWriting = isWrite(call.action);
    const input = JSON.parse(call.body.toString()) as Input;
    if (call.action === 'TransactWriteItems') return transact(call, input);
    for (const need of needsOf(call.action, input, find)) call.demand(need);
    const named = byName(input, find);
    if (!isWriting) return answerOf(await read(call.principal, call.action, named));
    const rows = rowsOf(call.action, named, find).map(({ table, key }) => rowName(table, key));
    return answerOf(await turns.take(rows, () => write(call.principal, call.action, named)));
  };

  return {
    name: 'dynamodb',
    usage: () => [...usage.values()],
    close: async () => {
      isClosed = true;
      await Promise.allSettled(running);
      await engine.close();
    },
    handle: async (call) => {
      if (isClosed) throw new AwsError('InternalServerError', 'The local cloud is closed.', 500);
      const answering = answer(call).finally(() => running.delete(answering));
      running.add(answering);
      return answering;
    },
  };
};

/** The engine knows tables by name only. */
const byName = (input: Input, find: (name: string) => TableFacts): Input => ({
  ...input,
  ...(input.TableName !== undefined && { TableName: find(input.TableName).name }),
});

const isRefusedCondition = ({ body }: EngineAnswer): boolean =>
  String(body.__type).endsWith('ConditionalCheckFailedException');

/** The engine does not tell the row that stood in the way. */
const withStandingRow = (given: EngineAnswer, input: Input, row: Item | undefined): EngineAnswer =>
  input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && row !== undefined
    ? { ...given, body: { ...given.body, Item: row } }
    : given;

/** A query that finds nothing costs as much as one that finds a small row; the engine gives it for nothing. */
const atLeastOneRead = (units: ConsumedUnits, { ConsistentRead }: Input): ConsumedUnits => ({
  ...units,
  ofTable: units.ofTable === 0 && total([units]) === 0 ? (ConsistentRead === true ? 1 : 0.5) : units.ofTable,
});

const withIndexes = (units: ConsumedUnits, more: Readonly<Record<string, number>>): ConsumedUnits => {
  const ofIndexes = { ...units.ofIndexes };
  for (const [index, count] of Object.entries(more)) ofIndexes[index] = (ofIndexes[index] ?? 0) + count;
  return { ...units, ofIndexes };
};

const total = (consumed: readonly ConsumedUnits[]): number =>
  consumed.reduce(
    (sum, { ofTable, ofIndexes }) => sum + ofTable + Object.values(ofIndexes).reduce((one, other) => one + other, 0),
    0,
  );

const totalOfTables = (consumed: readonly ConsumedUnits[]): number =>
  consumed.reduce((sum, { ofTable }) => sum + ofTable, 0);

const withReport = (given: EngineAnswer, consumed: readonly ConsumedUnits[], input: Input): EngineAnswer => {
  const { ConsumedCapacity, ...body } = given.body;
  const reports = consumed.map((units) => reportOf(units, input.ReturnConsumedCapacity));
  if (reports.includes(undefined)) return { ...given, body };
  return { ...given, body: { ...body, ConsumedCapacity: Array.isArray(ConsumedCapacity) ? reports : reports[0] } };
};

const answerOf = ({ status, body }: EngineAnswer): AwsAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});
