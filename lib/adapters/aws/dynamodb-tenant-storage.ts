import { SECOND_MS } from '../../core/limits.ts';
import type {
  StorageOutcome,
  StoragePage,
  StoragePageParams,
  StorageWrite,
  StoredValue,
  TenantStorage,
} from '../../ports/tenant-storage.ts';
import { numberOr, type Row, textIn } from './dynamodb-attributes.ts';
import { type RowKey, reservedPk, storagePk, tableDefinition } from './dynamodb-keys.ts';
import { type DynamoTable, type Expression, isOurs, type JoinedWrite } from './dynamodb-table.ts';

interface Commit {
  readonly pk: string;
  readonly etag: string;
  readonly now: number;
}

/**
 * A partition a tenant, its keys the sort keys: DynamoDB sorts them by their bytes. How much a tenant keeps is not bounded, since
 * a count would cost a second write with each.
 */
export class DynamoTenantStorage implements TenantStorage {
  readonly #table: DynamoTable;
  readonly #pkOf: (tenant: string) => string;

  constructor(table: DynamoTable, pkOf: (tenant: string) => string = storagePk) {
    this.#table = table;
    this.#pkOf = pkOf;
  }

  async get(
    tenant: string,
    { key, now }: { readonly key: string; readonly now: number },
  ): Promise<StoredValue | undefined> {
    const row = await this.#table.get({ pk: this.#pkOf(tenant), sk: key });
    return row && standing(row, now);
  }

  async list(tenant: string, { prefix, after, limit, now }: StoragePageParams): Promise<StoragePage> {
    const { rows, next } = await this.#table.queryPage({
      condition: withPrefix(this.#pkOf(tenant), prefix),
      limit,
      ...(after !== undefined && { start: { pk: this.#pkOf(tenant), sk: after } }),
    });
    const items = rows.map((row) => standing(row, now)).filter((item) => item !== undefined);
    return next === undefined ? { items } : { items, next: String(next.sk) };
  }

  async commit(
    tenant: string,
    { writes, etag, now }: { readonly writes: readonly StorageWrite[]; readonly etag: string; readonly now: number },
  ): Promise<StorageOutcome> {
    const joined = writes.map((write) => joinedOf(write, { pk: this.#pkOf(tenant), etag, now }));
    const [only] = joined;
    if (joined.length === 1 && only !== undefined && only.kind !== 'check') return this.#writeAlone(only, etag);
    const result = await this.#table.writeJointly(joined);
    return result.kind === 'done' ? result : { kind: 'conflict', index: result.index };
  }

  /** One row, which counts: what it cannot count any more it refuses. */
  async reserve(
    tenant: string,
    { bytes, mostBytes }: { readonly bytes: number; readonly mostBytes: number },
  ): Promise<boolean> {
    if (bytes > mostBytes) return false;
    const result = await this.#table.update(
      reservedKey(this.#pkOf(tenant)),
      { text: 'SET #bytes = if_not_exists(#bytes, :zero) + :bytes', values: { zero: 0, bytes } },
      { text: 'attribute_not_exists(#bytes) OR #bytes <= :most', values: { most: mostBytes - bytes } },
    );
    return result.kind === 'done';
  }

  async release(tenant: string, bytes: number): Promise<void> {
    await this.#table.add(reservedKey(this.#pkOf(tenant)), { bytes: -bytes });
  }

  async removeTenant(tenant: string): Promise<void> {
    const keys: RowKey[] = [reservedKey(this.#pkOf(tenant))];
    for await (const row of this.#table.query({ condition: withPrefix(this.#pkOf(tenant), ''), only: ['pk', 'sk'] })) {
      keys.push({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') });
    }
    await this.#table.deleteAll(keys);
  }

  /** Half the price of a transaction. The etag tells a put whose answer was lost from somebody else's. */
  async #writeAlone(write: Exclude<JoinedWrite, { readonly kind: 'check' }>, etag: string): Promise<StorageOutcome> {
    const result =
      write.kind === 'put'
        ? await this.#table.put(write.row, write.condition)
        : await this.#table.delete(write.key, write.condition);
    return isOurs(result, etag) ? { kind: 'done' } : { kind: 'conflict', index: 0 };
  }
}

/** Beside the partition whose every key is a tenant's own. */
const reservedKey = (pk: string): RowKey => ({ pk: reservedPk(pk), sk: '-' });

const withPrefix = (pk: string, prefix: string): Expression =>
  prefix === ''
    ? { text: '#pk = :pk', values: { pk } }
    : { text: '#pk = :pk AND begins_with(#sk, :prefix)', values: { pk, prefix } };

const joinedOf = (write: StorageWrite, commit: Commit): JoinedWrite => {
  const { etag, now } = commit;
  const key: RowKey = { pk: commit.pk, sk: write.key };
  const condition = write.ifMatch === undefined ? undefined : conditionOf(write.ifMatch, now);
  const conditional = condition === undefined ? {} : { condition };
  switch (write.kind) {
    case 'put': {
      const { expiresAt } = write;
      const row: Row = {
        ...key,
        value: write.value,
        write: etag,
        ...(expiresAt !== undefined && { expiresAt, [tableDefinition.timeToLive]: Math.ceil(expiresAt / SECOND_MS) }),
      };
      return { kind: 'put', row, ...conditional };
    }
    case 'delete':
      return { kind: 'delete', key, ...conditional };
    case 'check':
      return { kind: 'check', key, condition: conditionOf(write.ifMatch, now) };
  }
};

/** DynamoDB removes what has expired when it gets to it: until then the row stands there, and does not count. */
const conditionOf = (ifMatch: string | null, now: number): Expression =>
  ifMatch === null
    ? { text: 'attribute_not_exists(#pk) OR #expiresAt <= :now', values: { now } }
    : {
        text: '#write = :etag AND (attribute_not_exists(#expiresAt) OR #expiresAt > :now)',
        values: { etag: ifMatch, now },
      };

const standing = (row: Row, now: number): StoredValue | undefined => {
  const expiresAt = numberOr(row, 'expiresAt');
  if (expiresAt !== undefined && expiresAt <= now) return undefined;
  return {
    key: textIn(row, 'sk'),
    value: textIn(row, 'value'),
    etag: textIn(row, 'write'),
    ...(expiresAt !== undefined && { expiresAt }),
  };
};
