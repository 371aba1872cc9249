import { expect, it } from 'vitest';
import { SqliteTenantStore } from '../../lib/adapters/embedded/sqlite-tenant-store.ts';
import { makeDatabase } from './embedded-folder.ts';
import { testTenantStore } from './tenant-store-contract.ts';

let open: ReturnType<typeof makeDatabase> | undefined;

testTenantStore({
  setup: async () => {
    open = makeDatabase();
    return new SqliteTenantStore(open.database);
  },
  teardown: async () => open?.remove(),
});

it('keys that have expired go when their tenant gets another', async () => {
  const { database, remove } = makeDatabase();
  const store = new SqliteTenantStore(database);
  const key = (tenant: string, keyId: string) => ({ keyId, tenant, hash: `hash-of-${tenant}-${keyId}`, createdAt: 0 });
  for (const tenant of ['acme', 'globex']) await store.addKey({ ...key(tenant, 'old'), expiresAt: 1_000 });
  await store.addKey({ ...key('acme', 'new'), createdAt: 1_000 });
  expect((await store.listKeys('acme')).map(({ keyId }) => keyId)).toEqual(['new']);
  expect(await store.findKey('hash-of-acme-old')).toBeUndefined();
  expect(await store.listKeys('globex')).toHaveLength(1);
  remove();
});
