import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SqliteTenantStorage } from '../../lib/adapters/embedded/sqlite-tenant-storage.ts';
import { makeFolder } from './embedded-folder.ts';
import { testTenantStorage } from './tenant-storage-contract.ts';

const closings: (() => void)[] = [];
const makeStorage = (options?: { readonly maxBytes: number }) => {
  const folder = makeFolder();
  const storage = new SqliteTenantStorage(join(folder.path, 'storage'), options);
  closings.push(() => {
    storage.close();
    folder.remove();
  });
  return { storage, folder: join(folder.path, 'storage') };
};
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

testTenantStorage({ setup: async () => makeStorage().storage, teardown: async () => {} });

describe('storage in files', () => {
  const put = (key: string, value = '"v"') => ({ kind: 'put', key, value }) as const;
  const commit = (storage: SqliteTenantStorage, tenant: string, key: string, value?: string) =>
    storage.commit(tenant, { writes: [put(key, value)], etag: 'e', now: 0 });

  it('makes no file for a tenant that only reads, and none is left of one that is removed', async () => {
    const { storage, folder } = makeStorage();
    expect(await storage.get('acme', { key: 'a', now: 0 })).toBeUndefined();
    expect(await storage.list('acme', { prefix: '', limit: 1, now: 0 })).toEqual({ items: [] });
    expect(readdirSync(folder)).toEqual([]);
    await commit(storage, 'acme', 'a');
    expect(existsSync(join(folder, 'acme.db'))).toBe(true);
    await storage.removeTenant('acme');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps what is written by more tenants at once than files may be open', async () => {
    const { storage } = makeStorage();
    const tenants = Array.from({ length: 80 }, (_, index) => `t-${index}`);
    await Promise.all(tenants.map((tenant) => commit(storage, tenant, 'who', JSON.stringify(tenant))));
    for (const tenant of tenants) {
      expect(await storage.get(tenant, { key: 'who', now: 0 })).toMatchObject({ value: JSON.stringify(tenant) });
    }
  });

  it('takes nothing more from a tenant whose file is full, until it has deleted something', async () => {
    const { storage } = makeStorage({ maxBytes: 400_000 });
    const value = JSON.stringify('x'.repeat(100_000));
    const kinds: string[] = [];
    for (const key of ['1', '2', '3', '4', '5', '6']) kinds.push((await commit(storage, 'acme', key, value)).kind);
    expect(kinds).toEqual(['done', 'done', 'done', 'done', 'full', 'full']);
    expect(await commit(storage, 'globex', '1', value)).toEqual({ kind: 'done' });
    const writes = ['1', '2'].map((key) => ({ kind: 'delete', key }) as const);
    expect(await storage.commit('acme', { writes, etag: 'e', now: 0 })).toEqual({ kind: 'done' });
    expect(await commit(storage, 'acme', '7', value)).toEqual({ kind: 'done' });
  });
});
