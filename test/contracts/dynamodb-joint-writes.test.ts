import {
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { DynamoTable, type JoinedWrite } from '../../lib/adapters/aws/dynamodb-table.ts';

const cancelled = (...codes: readonly string[]) =>
  new TransactionCanceledException({
    $metadata: {},
    message: 'Transaction cancelled',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
const conflict = new TransactionConflictException({ $metadata: {}, message: 'Transaction is ongoing' });

const row = (sk: string) => ({ pk: 'T#acme#S', sk });
const WRITES: readonly JoinedWrite[] = [
  { kind: 'put', row: row('a') },
  { kind: 'check', key: row('b'), condition: { text: 'attribute_not_exists(#pk)' } },
];

/** A table whose calls end with these errors in turn, and then well. */
const tableAfter = (...errors: readonly Error[]) => {
  let calls = 0;
  const send = async (): Promise<object> => {
    const error = errors[calls];
    calls += 1;
    if (error !== undefined) throw error;
    return {};
  };
  const client = { send } as unknown as DynamoDBClient;
  return { table: new DynamoTable({ client, name: 'rows' }), calls: () => calls };
};

/** What no stand-in does: another transaction is in the way. */
describe('writes that a transaction is in the way of', () => {
  it('are tried again together, until they are done', async () => {
    const { table, calls } = tableAfter(cancelled('None', 'TransactionConflict'), cancelled('ThrottlingError', 'None'));
    expect(await table.writeJointly(WRITES)).toEqual({ kind: 'done' });
    expect(calls()).toBe(3);
  });

  it('are refused at once where a condition does not hold as well', async () => {
    const { table, calls } = tableAfter(cancelled('TransactionConflict', 'ConditionalCheckFailed'));
    expect(await table.writeJointly(WRITES)).toEqual({ kind: 'refused', index: 1 });
    expect(calls()).toBe(1);
  });

  it('fail where it is anything else', async () => {
    const { table, calls } = tableAfter(cancelled('ValidationError', 'None'));
    await expect(table.writeJointly(WRITES)).rejects.toThrow(TransactionCanceledException);
    expect(calls()).toBe(1);
  });

  it('are tried again one by one, too', async () => {
    const { table, calls } = tableAfter(conflict);
    expect(await table.put(row('a'))).toMatchObject({ kind: 'done' });
    expect(calls()).toBe(2);
  });
});
