import type { Check, CheckStore } from '../../ports/check-store.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import { CHECKING, checksPk, type RowKey, timeText, WAKE_INDEX } from './dynamodb-keys.ts';
import { type DynamoTable, isOurs, newWriteId } from './dynamodb-table.ts';

/** A row a version; those that have not ended stand in the wake index. `state`: id and revision, for the condition. */
export class DynamoCheckStore implements CheckStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async put(check: Check): Promise<void> {
    await this.#table.put(rowOf(check));
  }

  async get(tenant: string, version: string): Promise<Check | undefined> {
    const row = await this.#table.get({ pk: checksPk(tenant), sk: version });
    return row === undefined ? undefined : toCheck(row);
  }

  async replace(check: Check, expected: Pick<Check, 'id' | 'revision'>): Promise<boolean> {
    const write = newWriteId();
    const condition = { text: '#state = :expected', values: { expected: stateOf(expected) } };
    return isOurs(await this.#table.put({ ...rowOf(check), write }, condition), write);
  }

  async listRunning(): Promise<readonly Check[]> {
    const keys: RowKey[] = [];
    const condition = { text: '#wakePk = :checking', values: { checking: CHECKING } };
    for await (const row of this.#table.query({ index: WAKE_INDEX, condition })) {
      keys.push({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') });
    }
    const checks = (await this.#table.getAll(keys)).map(toCheck);
    return checks.filter(({ status }) => status === 'running');
  }

  async removeTenant(tenant: string): Promise<void> {
    const pk = checksPk(tenant);
    const keys: RowKey[] = [];
    for await (const row of this.#table.query({ condition: { text: '#pk = :pk', values: { pk } }, only: ['sk'] })) {
      keys.push({ pk, sk: textIn(row, 'sk') });
    }
    await this.#table.deleteAll(keys);
  }
}

const stateOf = ({ id, revision }: Pick<Check, 'id' | 'revision'>): string => `${id}#${revision}`;

const rowOf = (check: Check): Row => ({
  pk: checksPk(check.tenant),
  sk: check.version,
  state: stateOf(check),
  body: JSON.stringify(check),
  ...(check.status === 'running' && { wakePk: CHECKING, wakeSk: timeText(check.createdAt) }),
});

const toCheck = (row: Row): Check => JSON.parse(textIn(row, 'body')) as Check;
