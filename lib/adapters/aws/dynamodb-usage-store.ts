import { UNITS, type Units } from '../../core/usage.ts';
import type { UsageRow, UsageStore } from '../../ports/usage.ts';
import type { Row } from './dynamodb-attributes.ts';
import { usagePk, usageSk } from './dynamodb-keys.ts';
import type { DynamoTable } from './dynamodb-table.ts';

/** One row a tenant, day and workflow, added to in place. An addition whose answer was lost is made twice. */
export class DynamoUsageStore implements UsageStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(rows: readonly UsageRow[]): Promise<void> {
    await Promise.all(
      rows.map(({ tenant, day, workflow = '', units }) =>
        this.#table.add({ pk: usagePk(tenant), sk: usageSk(day, workflow) }, { ...units }),
      ),
    );
  }

  async read(params: {
    readonly tenant: string;
    readonly fromDay: string;
    readonly toDay: string;
  }): Promise<readonly UsageRow[]> {
    const { tenant, fromDay, toDay } = params;
    const rows: UsageRow[] = [];
    const condition = {
      text: '#pk = :pk AND #sk BETWEEN :first AND :last',
      // After every workflow of the last day.
      values: { pk: usagePk(tenant), first: usageSk(fromDay, ''), last: usageSk(toDay, '\uffff') },
    };
    for await (const row of this.#table.query({ condition })) rows.push(toUsage(tenant, row));
    return rows;
  }

  async removeTenant(tenant: string): Promise<void> {
    const keys = [];
    const condition = { text: '#pk = :pk', values: { pk: usagePk(tenant) } };
    for await (const { pk, sk } of this.#table.query({ condition, only: ['pk', 'sk'] })) {
      keys.push({ pk: String(pk), sk: String(sk) });
    }
    await this.#table.deleteAll(keys);
  }
}

const toUsage = (tenant: string, row: Row): UsageRow => {
  const [day = '', workflow = ''] = String(row.sk).split('#');
  const units = Object.fromEntries(UNITS.map((unit) => [unit, Number(row[unit] ?? 0)])) as unknown as Units;
  return { tenant, day, ...(workflow !== '' && { workflow }), units };
};
