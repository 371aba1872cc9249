import { describe, expect } from 'vitest';
import type { TenantCache } from '../../lib/ports/tenant-cache.ts';
import { type ContractOptions, withStore } from './contract.ts';

const NOW = 1_000_000;

const get = (cache: TenantCache, key: string, { tenant = 'acme', now = NOW } = {}) => cache.get(tenant, { key, now });

/** What every `TenantCache` does, whatever it stands on, as long as it keeps what it was given. */
export const testTenantCache = (contract: ContractOptions<TenantCache, undefined>): void => {
  describe('a tenant cache', () => {
    const test = withStore(contract, () => undefined);

    test('what was put is found until its time is over, and another put takes its place', async (cache) => {
      expect(await get(cache, 'a')).toBeUndefined();
      await cache.put('acme', { key: 'a', value: '"one"', expiresAt: NOW + 10 });
      expect(await get(cache, 'a', { now: NOW + 9 })).toBe('"one"');
      expect(await get(cache, 'a', { now: NOW + 10 })).toBeUndefined();
      await cache.put('acme', { key: 'a', value: '"two"', expiresAt: NOW + 20 });
      expect(await get(cache, 'a', { now: NOW + 10 })).toBe('"two"');
    });

    test('what was deleted is gone, and so is what never was', async (cache) => {
      await cache.put('acme', { key: 'a', value: '1', expiresAt: NOW + 10 });
      await cache.delete('acme', 'a');
      await cache.delete('acme', 'never');
      await cache.delete('nobody', 'a');
      expect(await get(cache, 'a')).toBeUndefined();
    });

    test('each tenant has its own, and a removed one takes only its own along (E8)', async (cache) => {
      for (const tenant of ['acme', 'acme-2']) {
        await cache.put(tenant, { key: 'a', value: `"${tenant}"`, expiresAt: NOW + 10 });
      }
      expect(await get(cache, 'a', { tenant: 'acme-2' })).toBe('"acme-2"');
      expect(await get(cache, 'a', { tenant: 'acm' })).toBeUndefined();
      await cache.removeTenant('acme');
      await cache.removeTenant('nobody');
      expect(await get(cache, 'a')).toBeUndefined();
      expect(await get(cache, 'a', { tenant: 'acme-2' })).toBe('"acme-2"');
    });
  });
};
