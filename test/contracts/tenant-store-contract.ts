import { describe, expect } from 'vitest';
import type { StoredKey, Tenant, TenantStore } from '../../lib/ports/tenant-store.ts';
import { type ContractOptions, withStore } from './contract.ts';

const tenant = (id: string, more: Partial<Tenant> = {}): Tenant => ({
  id,
  isolation: 'isolate',
  limits: {},
  egress: 'none',
  suspended: false,
  createdAt: 1_000,
  ...more,
});

const key = (owner: string, keyId: string, createdAt = 1_000): StoredKey => ({
  keyId,
  tenant: owner,
  hash: `hash-of-${owner}-${keyId}`,
  createdAt,
});

/** What every `TenantStore` does, whatever it stands on. */
export const testTenantStore = (contract: ContractOptions<TenantStore, undefined>): void => {
  describe('a tenant store', () => {
    const test = withStore(contract, () => undefined);

    test('a tenant is created together with its first key', async (store) => {
      const full = tenant('acme', {
        name: 'Acme \ud800 Ltd.',
        isolation: 'microvm',
        limits: { cpuMs: 5, steps: 7 },
        egress: { allow: ['*.example.org', '127.0.0.1:9000'] },
      });
      expect(await store.createTenant(full, key('acme', 'k1'))).toBe('created');
      expect(await store.getTenant('acme')).toEqual(full);
      expect(await store.findKey('hash-of-acme-k1')).toEqual(key('acme', 'k1'));
      expect(await store.getTenant('globex')).toBeUndefined();
    });

    test('a taken id is refused, with its key', async (store) => {
      await store.createTenant(tenant('acme'), key('acme', 'k1'));
      expect(await store.createTenant(tenant('acme', { name: 'other' }), key('acme', 'k2'))).toBe('already_exists');
      expect(await store.getTenant('acme')).toEqual(tenant('acme'));
      expect(await store.findKey('hash-of-acme-k2')).toBeUndefined();
    });

    test('of two creations of one id at once exactly one succeeds', async (store) => {
      const results = await Promise.all(
        ['x', 'y'].map((keyId) => store.createTenant(tenant('acme'), key('acme', keyId))),
      );
      expect(results.toSorted()).toEqual(['already_exists', 'created']);
      expect(await store.listKeys('acme')).toHaveLength(1);
    });

    test('a change replaces the row, and makes none', async (store) => {
      expect(await store.changeTenant('acme', (row) => row)).toBeUndefined();
      expect(await store.getTenant('acme')).toBeUndefined();
      await store.createTenant(tenant('acme', { name: 'Acme' }), key('acme', 'k1'));
      const changed = tenant('acme', { suspended: true, egress: { gateway: 'https://gateway.example' } });
      expect(await store.changeTenant('acme', () => changed)).toEqual(changed);
      expect(await store.getTenant('acme')).toEqual(changed);
    });

    test('of changes at the same time none is lost', async (store) => {
      await store.createTenant(tenant('acme'), key('acme', 'k1'));
      const strike = (at: number) => ({ at, what: 'cost a process' });
      await Promise.all(
        [1, 2, 3, 4, 5].map((at) =>
          store.changeTenant('acme', (row) => ({ ...row, strikes: [...(row.strikes ?? []), strike(at)] })),
        ),
      );
      const { strikes } = (await store.getTenant('acme')) ?? {};
      expect(strikes?.map(({ at }) => at).toSorted()).toEqual([1, 2, 3, 4, 5]);
    });

    test('pages hold each tenant once, also while others come', async (store) => {
      const ids = ['t-0', 't-1', 't-2', 't-3', 't-4'];
      for (const id of ids) await store.createTenant(tenant(id), key(id, 'k'));
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.listTenants({ limit: 2, ...(cursor !== undefined && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(2);
        found.push(...page.items.map((item) => item.id));
        cursor = page.cursor;
        if (found.length === 2) await store.createTenant(tenant('fresh'), key('fresh', 'k'));
      } while (cursor !== undefined);
      expect(found.filter((id) => id !== 'fresh').toSorted()).toEqual(ids);
      expect(new Set(found).size).toBe(found.length);
    });

    test('a cursor that no list gave is refused', async (store) => {
      await expect(store.listTenants({ limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'request.invalid',
      });
    });

    test('a revoked key is not found from that moment on', async (store) => {
      await store.createTenant(tenant('acme'), key('acme', 'k1'));
      await store.addKey(key('acme', 'k2', 2_000));
      expect(await store.listKeys('acme')).toEqual([key('acme', 'k1'), key('acme', 'k2', 2_000)]);
      expect(await store.removeKey('acme', 'k1')).toBe(true);
      expect(await store.findKey('hash-of-acme-k1')).toBeUndefined();
      expect(await store.removeKey('acme', 'k1')).toBe(false);
      expect(await store.listKeys('acme')).toEqual([key('acme', 'k2', 2_000)]);
    });

    test('a key is given an end, its own tenant’s alone, and one that is gone is not brought back', async (store) => {
      await store.createTenant(tenant('acme'), key('acme', 'k1'));
      await store.addKey({ ...key('acme', 'k2', 2_000), expiresAt: 2 ** 42 });
      expect(await store.expireKey('globex', 'k1', 5_000)).toBe(false);
      expect(await store.findKey('hash-of-acme-k1')).toEqual(key('acme', 'k1'));
      expect(await store.expireKey('acme', 'k1', 2 ** 41)).toBe(true);
      const ending = { ...key('acme', 'k1'), expiresAt: 2 ** 41 };
      expect(await store.findKey('hash-of-acme-k1')).toEqual(ending);
      expect(await store.listKeys('acme')).toEqual([ending, { ...key('acme', 'k2', 2_000), expiresAt: 2 ** 42 }]);
      await store.removeKey('acme', 'k1');
      expect(await store.expireKey('acme', 'k1', 2 ** 41)).toBe(false);
      expect(await store.findKey('hash-of-acme-k1')).toBeUndefined();
    });

    test('a tenant revokes and lists only its own keys (E8)', async (store) => {
      await store.createTenant(tenant('acme'), key('acme', 'k1'));
      await store.createTenant(tenant('globex'), key('globex', 'k1'));
      expect(await store.removeKey('globex', 'k2')).toBe(false);
      expect(await store.removeKey('globex', 'k1')).toBe(true);
      expect(await store.findKey('hash-of-acme-k1')).toEqual(key('acme', 'k1'));
      expect(await store.listKeys('globex')).toEqual([]);
    });

    test('env entries are put, replaced, listed by name and removed, each tenant its own', async (store) => {
      await store.createTenant(tenant('acme'), key('acme', 'k1'));
      await store.createTenant(tenant('globex'), key('globex', 'k1'));
      await store.putEnv('acme', { name: 'TOKEN', value: 'sealed', isSecret: true });
      await store.putEnv('acme', { name: 'MODE', value: 'a', isSecret: false });
      await store.putEnv('acme', { name: 'MODE', value: 'nul \u0000 and \ud800', isSecret: false });
      expect(await store.listEnv('acme')).toEqual([
        { name: 'MODE', value: 'nul \u0000 and \ud800', isSecret: false },
        { name: 'TOKEN', value: 'sealed', isSecret: true },
      ]);
      expect(await store.listEnv('globex')).toEqual([]);
      expect(await store.removeEnv('globex', 'MODE')).toBe(false);
      expect(await store.removeEnv('acme', 'MODE')).toBe(true);
      expect(await store.listEnv('acme')).toHaveLength(1);
    });

    test('a removed tenant takes its keys and env with it, and nobody else\u2019s', async (store) => {
      for (const id of ['acme', 'acme-2']) {
        await store.createTenant(tenant(id), key(id, 'k1'));
        await store.putEnv(id, { name: 'A', value: id, isSecret: false });
      }
      expect(await store.removeTenant('acme')).toBe(true);
      expect(await store.removeTenant('acme')).toBe(false);
      expect(await store.getTenant('acme')).toBeUndefined();
      expect(await store.findKey('hash-of-acme-k1')).toBeUndefined();
      expect(await store.listEnv('acme')).toEqual([]);
      expect(await store.findKey('hash-of-acme-2-k1')).toBeDefined();
      expect(await store.listEnv('acme-2')).toHaveLength(1);
    });
  });
};
