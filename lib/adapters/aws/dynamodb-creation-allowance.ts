import { MINUTE_MS, SECOND_MS } from '../../core/limits.ts';
import type { CreationAllowance } from '../../ports/creation-allowance.ts';
import { accountPk, allowanceSk } from './dynamodb-keys.ts';
import type { DynamoTable } from './dynamodb-table.ts';

/** A counter row for each second in which a tenant asks, gone by itself afterwards. */
export class DynamoCreationAllowance implements CreationAllowance {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async take(params: {
    readonly tenant: string;
    readonly count: number;
    readonly perSecond: number;
    readonly now: number;
  }): Promise<boolean> {
    const { tenant, count, perSecond, now } = params;
    const result = await this.#table.update(
      { pk: accountPk(tenant), sk: allowanceSk(Math.floor(now / SECOND_MS)) },
      {
        text: 'SET #taken = if_not_exists(#taken, :zero) + :count, #ttl = :ttl',
        values: { zero: 0, count, ttl: Math.ceil((now + MINUTE_MS) / SECOND_MS) },
      },
      { text: 'attribute_not_exists(#taken) OR #taken <= :most', values: { most: perSecond - count } },
    );
    return result.kind === 'done';
  }
}
