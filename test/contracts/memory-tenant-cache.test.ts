import { describe, expect, it } from 'vitest';
import { MemoryTenantCache } from '../../lib/adapters/embedded/memory-tenant-cache.ts';
import { testTenantCache } from './tenant-cache-contract.ts';

testTenantCache({ setup: async () => new MemoryTenantCache(), teardown: async () => {} });

describe('a cache in memory', () => {
  const put = (cache: MemoryTenantCache, tenant: string, key: string) =>
    cache.put(tenant, { key, value: 'x'.repeat(99), expiresAt: 10 });
  const has = async (cache: MemoryTenantCache, tenant: string, key: string) =>
    (await cache.get(tenant, { key, now: 0 })) !== undefined;
  /** Of one entry: 2 * (99 + 1) + 128. */
  const ENTRY = 328;

  it('lets go of what a tenant has not used for longest, and of nobody else’s', async () => {
    const cache = new MemoryTenantCache({ maxTenantBytes: 2 * ENTRY });
    await put(cache, 'globex', '1');
    await put(cache, 'acme', '1');
    await put(cache, 'acme', '2');
    expect(await has(cache, 'acme', '1')).toBe(true);
    await put(cache, 'acme', '3');
    const found = await Promise.all(['1', '2', '3'].map((key) => has(cache, 'acme', key)));
    expect(found).toEqual([true, false, true]);
    expect(await has(cache, 'globex', '1')).toBe(true);
  });

  it('takes room for all from the tenant that has most', async () => {
    const cache = new MemoryTenantCache({ maxBytes: 4 * ENTRY });
    for (const key of ['1', '2', '3']) await put(cache, 'acme', key);
    await put(cache, 'globex', '1');
    await put(cache, 'globex', '2');
    expect(await has(cache, 'acme', '1')).toBe(false);
    expect(await Promise.all(['1', '2'].map((key) => has(cache, 'globex', key)))).toEqual([true, true]);
  });

  it('has room again for what was deleted, replaced, expired or removed with its tenant', async () => {
    const cache = new MemoryTenantCache({ maxBytes: 2 * ENTRY });
    await put(cache, 'acme', '1');
    await put(cache, 'acme', '1');
    await put(cache, 'acme', '2');
    await cache.delete('acme', '2');
    await cache.get('acme', { key: '1', now: 10 });
    await put(cache, 'globex', '1');
    await cache.removeTenant('globex');
    await put(cache, 'acme', '1');
    await put(cache, 'acme', '2');
    expect(await Promise.all(['1', '2'].map((key) => has(cache, 'acme', key)))).toEqual([true, true]);
  });

  it('takes nothing that is larger than all of a tenant’s room', async () => {
    const cache = new MemoryTenantCache({ maxTenantBytes: ENTRY - 1 });
    await put(cache, 'acme', '1');
    expect(await has(cache, 'acme', '1')).toBe(false);
  });
});
