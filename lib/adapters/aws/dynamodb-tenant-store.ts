import { SECOND_MS } from '../../core/limits.ts';
import type { EnvEntry, StoredKey, Tenant, TenantStore } from '../../ports/tenant-store.ts';
import { type Row, textIn } from './dynamodb-attributes.ts';
import { accountPk, LIST_INDEX, type RowKey, TENANTS, timeText } from './dynamodb-keys.ts';
import { type DynamoTable, isOurs, newWriteId } from './dynamodb-table.ts';
import { decodeCursor, encodeCursor } from './index-cursor.ts';

const TENANT = 'T';
const KEY = 'K#';
const ENV = 'E#';
const CURSOR = /^[a-z0-9][a-z0-9-]{0,62}$/;
const IS_THERE = { text: 'attribute_exists(#pk)' };
/** Others may change the row between our reading and our writing; each try reads anew. */
const MAX_TRIES = 20;
const IS_NEW = { text: 'attribute_not_exists(#pk)' };

/**
 * Tenants, their keys (as hashes) and their `env`. A key is two rows: one that is found by its hash, which alone decides
 * whether it is good, and one that the tenant's list shows. It is made with the first one last and revoked with it first:
 * what a crash leaves between the two opens nothing.
 */
export class DynamoTenantStore implements TenantStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async createTenant(tenant: Tenant, key: StoredKey): Promise<'created' | 'already_exists'> {
    const write = newWriteId();
    if (!isOurs(await this.#table.put({ ...rowOf(tenant), write }, IS_NEW), write)) return 'already_exists';
    // A crash here leaves a tenant without a key: the operator sees it and makes one.
    await this.addKey(key);
    return 'created';
  }

  async getTenant(id: string): Promise<Tenant | undefined> {
    return bodyOf<Tenant>(await this.#table.get({ pk: accountPk(id), sk: TENANT }));
  }

  async listTenants(params: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly Tenant[]; readonly cursor?: string }> {
    const after = params.cursor === undefined ? '' : decodeCursor(params.cursor, CURSOR);
    const { rows } = await this.#table.queryPage({
      index: LIST_INDEX,
      condition: { text: '#listPk = :tenants AND #listSk > :after', values: { tenants: TENANTS, after: after || ' ' } },
      limit: params.limit + 1,
    });
    const shown = rows.slice(0, params.limit);
    const found = await this.#table.getAll(shown.map((row) => ({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') })));
    const items = found.map((row) => JSON.parse(textIn(row, 'body')) as Tenant);
    const last = shown.at(-1);
    return rows.length > params.limit && last !== undefined
      ? { items, cursor: encodeCursor(textIn(last, 'listSk')) }
      : { items };
  }

  async changeTenant(id: string, change: (tenant: Tenant) => Tenant): Promise<Tenant | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const row = await this.#table.get({ pk: accountPk(id), sk: TENANT });
      const before = bodyOf<Tenant>(row);
      if (row === undefined || before === undefined) return undefined;
      const changed = change(before);
      const write = newWriteId();
      const isAsRead = { text: '#body = :before', values: { before: textIn(row, 'body') } };
      if (isOurs(await this.#table.put({ ...rowOf(changed), write }, isAsRead), write)) return changed;
    }
    throw new Error('The tenant is changed by too many at once');
  }

  async removeTenant(id: string): Promise<boolean> {
    for (const key of await this.listKeys(id)) await this.removeKey(id, key.keyId);
    const entries = await this.#rowsOf(id, ENV);
    await this.#table.deleteAll(entries.map((row) => ({ pk: textIn(row, 'pk'), sk: textIn(row, 'sk') })));
    return (await this.#table.delete({ pk: accountPk(id), sk: TENANT }, IS_THERE)).kind === 'done';
  }

  async addKey(key: StoredKey): Promise<void> {
    for (const row of rowsOfKey(key)) await this.#table.put(row);
  }

  async findKey(hash: string): Promise<StoredKey | undefined> {
    return bodyOf<StoredKey>(await this.#table.get(hashKey(hash)));
  }

  async listKeys(tenant: string): Promise<readonly StoredKey[]> {
    return (await this.#rowsOf(tenant, KEY)).map((row) => JSON.parse(textIn(row, 'body')) as StoredKey);
  }

  async expireKey(tenant: string, keyId: string, expiresAt: number): Promise<boolean> {
    const key = (await this.listKeys(tenant)).find((found) => found.keyId === keyId);
    if (key === undefined) return false;
    // Where it is revoked meanwhile it must not come back.
    const [listed, found] = rowsOfKey({ ...key, expiresAt });
    if ((await this.#table.put(found, IS_THERE)).kind === 'refused') return false;
    return (await this.#table.put(listed, IS_THERE)).kind === 'done';
  }

  async removeKey(tenant: string, keyId: string): Promise<boolean> {
    const key = (await this.listKeys(tenant)).find((found) => found.keyId === keyId);
    if (key === undefined) return false;
    await this.#table.delete(hashKey(key.hash));
    return (await this.#table.delete({ pk: accountPk(tenant), sk: keySk(key) }, IS_THERE)).kind === 'done';
  }

  async putEnv(tenant: string, entry: EnvEntry): Promise<void> {
    await this.#table.put({ pk: accountPk(tenant), sk: ENV + entry.name, body: JSON.stringify(entry) });
  }

  async removeEnv(tenant: string, name: string): Promise<boolean> {
    return (await this.#table.delete({ pk: accountPk(tenant), sk: ENV + name }, IS_THERE)).kind === 'done';
  }

  async listEnv(tenant: string): Promise<readonly EnvEntry[]> {
    return (await this.#rowsOf(tenant, ENV)).map((row) => JSON.parse(textIn(row, 'body')) as EnvEntry);
  }

  async #rowsOf(tenant: string, prefix: string): Promise<readonly Row[]> {
    const condition = {
      text: '#pk = :pk AND begins_with(#sk, :prefix)',
      values: { pk: accountPk(tenant), prefix },
    };
    const rows: Row[] = [];
    for await (const row of this.#table.query({ condition })) rows.push(row);
    return rows;
  }
}

const rowOf = (tenant: Tenant): Row => ({
  pk: accountPk(tenant.id),
  sk: TENANT,
  body: JSON.stringify(tenant),
  listPk: TENANTS,
  listSk: tenant.id,
});

/** What the tenant's list shows, and what is found by the hash. An expired key goes by itself. */
const rowsOfKey = (key: StoredKey): readonly [listed: Row, found: Row] => {
  const { tenant, hash, expiresAt } = key;
  const ttl = expiresAt === undefined ? {} : { ttl: Math.ceil(expiresAt / SECOND_MS) };
  const body = { body: JSON.stringify(key), ...ttl };
  return [
    { pk: accountPk(tenant), sk: keySk(key), ...body },
    { ...hashKey(hash), ...body },
  ];
};

/** The one kind of row that is no tenant's: who asks has a key and nothing else. */
const hashKey = (hash: string): RowKey => ({ pk: `K#${hash}`, sk: 'K' });

/** In order of time. */
const keySk = (key: StoredKey): string => `${KEY}${timeText(key.createdAt)}#${key.keyId}`;

const bodyOf = <T>(row: Row | undefined): T | undefined =>
  row === undefined ? undefined : (JSON.parse(textIn(row, 'body')) as T);
