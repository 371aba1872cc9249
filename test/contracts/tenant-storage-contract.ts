import { describe, expect } from 'vitest';
import type { StorageOutcome, StorageWrite, TenantStorage } from '../../lib/ports/tenant-storage.ts';
import { type ContractOptions, withStore } from './contract.ts';

const NOW = 1_000_000;
let commits = 0;

const commit = async (
  store: TenantStorage,
  writes: readonly StorageWrite[],
  { tenant = 'acme', now = NOW }: { readonly tenant?: string; readonly now?: number } = {},
): Promise<StorageOutcome & { readonly etag: string }> => {
  commits += 1;
  const etag = `etag-${commits}`;
  return { ...(await store.commit(tenant, { writes, etag, now })), etag };
};

const put = (key: string, value = `"${key}"`, more: Partial<StorageWrite> = {}): StorageWrite =>
  ({ kind: 'put', key, value, ...more }) as StorageWrite;

const keysOf = async (store: TenantStorage, prefix = '', tenant = 'acme'): Promise<readonly string[]> => {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(tenant, { prefix, limit: 2, now: NOW, ...(after !== undefined && { after }) });
    expect(page.items.length).toBeLessThanOrEqual(2);
    keys.push(...page.items.map(({ key }) => key));
    after = page.next;
  } while (after !== undefined);
  return keys;
};

const get = (store: TenantStorage, key: string, { tenant = 'acme', now = NOW } = {}) => store.get(tenant, { key, now });

/** What every `TenantStorage` does, whatever it stands on. */
export const testTenantStorage = (contract: ContractOptions<TenantStorage, undefined>): void => {
  describe('a tenant storage', () => {
    const test = withStore(contract, () => undefined);

    test('what was put comes back with the etag of its commit, and absent keys as undefined', async (store) => {
      expect(await get(store, 'a')).toBeUndefined();
      expect(await keysOf(store)).toEqual([]);
      const { etag } = await commit(store, [put('a', '["\\u0000 \\ud800"]')]);
      expect(await get(store, 'a')).toEqual({ key: 'a', value: '["\\u0000 \\ud800"]', etag });
      const second = await commit(store, [put('a', '"b"', { expiresAt: NOW + 5 })]);
      expect(await get(store, 'a')).toEqual({ key: 'a', value: '"b"', etag: second.etag, expiresAt: NOW + 5 });
      const third = await commit(store, [put('a')]);
      expect(await get(store, 'a')).toEqual({ key: 'a', value: '"a"', etag: third.etag });
      expect(await commit(store, [{ kind: 'delete', key: 'a' }])).toMatchObject({ kind: 'done' });
      expect(await commit(store, [{ kind: 'delete', key: 'a' }])).toMatchObject({ kind: 'done' });
      expect(await get(store, 'a')).toBeUndefined();
    });

    test('bytes kept elsewhere are counted up to what a tenant may have, and let go again', async (store) => {
      const reserve = (bytes: number, tenant = 'acme') => store.reserve(tenant, { bytes, mostBytes: 100 });
      expect(await reserve(101)).toBe(false);
      expect((await Promise.all([reserve(60), reserve(60)])).filter(Boolean)).toEqual([true]);
      expect(await reserve(41)).toBe(false);
      expect(await reserve(40)).toBe(true);
      expect(await reserve(100, 'globex')).toBe(true);
      await store.release('acme', 30);
      expect(await reserve(31)).toBe(false);
      expect(await reserve(30)).toBe(true);
      expect(await keysOf(store)).toEqual([]);
      await store.removeTenant('acme');
      expect(await reserve(100)).toBe(true);
      expect(await reserve(1, 'globex')).toBe(false);
    });

    test('a write whose etag is not there any more does nothing', async (store) => {
      expect(await commit(store, [put('a', '1', { ifMatch: 'none' })])).toMatchObject({ kind: 'conflict', index: 0 });
      const first = await commit(store, [put('a', '1', { ifMatch: null })]);
      expect(first.kind).toBe('done');
      expect(await commit(store, [put('a', '2', { ifMatch: null })])).toMatchObject({ kind: 'conflict', index: 0 });
      const second = await commit(store, [put('a', '2', { ifMatch: first.etag })]);
      expect(second.kind).toBe('done');
      const stale: StorageWrite = { kind: 'delete', key: 'a', ifMatch: first.etag };
      expect(await commit(store, [stale])).toMatchObject({ kind: 'conflict', index: 0 });
      expect(await get(store, 'a')).toMatchObject({ value: '2' });
      expect(await commit(store, [{ ...stale, ifMatch: second.etag }])).toMatchObject({ kind: 'done' });
      expect(await get(store, 'a')).toBeUndefined();
    });

    test('of two puts at once that expect the same etag exactly one is done', async (store) => {
      const { etag } = await commit(store, [put('a')]);
      const outcomes = await Promise.all(
        ['1', '2', '3'].map((text) => commit(store, [put('a', text, { ifMatch: etag })])),
      );
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['conflict', 'conflict', 'done']);
    });

    test('several writes are done together', async (store) => {
      const before = await commit(store, [put('gone'), put('kept')]);
      const { kind, etag } = await commit(store, [
        put('new', '1', { ifMatch: null }),
        { kind: 'delete', key: 'gone', ifMatch: before.etag },
        { kind: 'check', key: 'kept', ifMatch: before.etag },
        { kind: 'check', key: 'never', ifMatch: null },
        { kind: 'delete', key: 'never there' },
      ]);
      expect(kind).toBe('done');
      expect(await get(store, 'new')).toEqual({ key: 'new', value: '1', etag });
      expect(await keysOf(store)).toEqual(['kept', 'new']);
    });

    test('of several writes none is done where one does not hold, and the first of those is told', async (store) => {
      const { etag } = await commit(store, [put('a'), put('b')]);
      const writes: readonly StorageWrite[] = [
        put('a', '2', { ifMatch: etag }),
        { kind: 'delete', key: 'b' },
        { kind: 'check', key: 'c', ifMatch: 'other' },
        put('d', '2', { ifMatch: 'other' }),
      ];
      expect(await commit(store, writes)).toMatchObject({ kind: 'conflict', index: 2 });
      expect(await get(store, 'a')).toEqual({ key: 'a', value: '"a"', etag });
      expect(await keysOf(store)).toEqual(['a', 'b']);
    });

    test('as many writes as are allowed are done together, each as large as is allowed', async (store) => {
      const value = JSON.stringify('x'.repeat(131_070));
      const writes = Array.from({ length: 25 }, (_, index) => put(`k${index}`, value));
      expect(await commit(store, writes)).toMatchObject({ kind: 'done' });
      expect((await get(store, 'k24'))?.value).toBe(value);
      expect(await keysOf(store)).toHaveLength(25);
    });

    test('keys are listed in the order of their bytes, page after page, by prefix', async (store) => {
      const keys = ['a', 'a/1', 'a/2', 'a/3', 'a0', 'B', 'é', '\u{1f600}', '\uffee', 'x'.repeat(512), '%', '_', '#'];
      for (const key of keys) await commit(store, [put(key)]);
      const sorted = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
      expect(await keysOf(store)).toEqual(sorted);
      expect(await keysOf(store, 'a/')).toEqual(['a/1', 'a/2', 'a/3']);
      expect(await keysOf(store, 'a')).toEqual(['a', 'a/1', 'a/2', 'a/3', 'a0']);
      expect(await keysOf(store, '\u{1f600}')).toEqual(['\u{1f600}']);
      expect(await keysOf(store, 'none')).toEqual([]);
      const page = await store.list('acme', { prefix: 'a/', after: 'a/2', limit: 100, now: NOW });
      expect(page).toEqual({ items: [expect.objectContaining({ key: 'a/3', value: '"a/3"' })] });
    });

    test('a page holds about a megabyte, and all pages together everything', async (store) => {
      const value = JSON.stringify('x'.repeat(131_000));
      const writes = Array.from({ length: 20 }, (_, index) => put(`k${String(index).padStart(2, '0')}`, value));
      await commit(store, writes);
      const first = await store.list('acme', { prefix: '', limit: 1_000, now: NOW });
      expect(first.items.length).toBeLessThanOrEqual(8);
      expect(first.next).toBe(first.items.at(-1)?.key);
    });

    test('what has expired is not there, neither for reads nor for conditions', async (store) => {
      const { etag } = await commit(store, [put('a', '1', { expiresAt: NOW + 10 }), put('b')]);
      expect(await get(store, 'a', { now: NOW + 9 })).toBeDefined();
      const later = { now: NOW + 10 };
      expect(await get(store, 'a', later)).toBeUndefined();
      const { items } = await store.list('acme', { prefix: '', limit: 10, ...later });
      expect(items.map(({ key }) => key)).toEqual(['b']);
      expect(await commit(store, [put('a', '2', { ifMatch: etag })], later)).toMatchObject({ kind: 'conflict' });
      expect(await commit(store, [{ kind: 'check', key: 'a', ifMatch: null }, put('c')], later)).toMatchObject({
        kind: 'done',
      });
      expect(await commit(store, [put('a', '2', { ifMatch: null })], later)).toMatchObject({ kind: 'done' });
      expect(await get(store, 'a', later)).toMatchObject({ value: '2' });
    });

    test('each tenant has its own, and a removed one takes only its own along (E8)', async (store) => {
      for (const tenant of ['acme', 'acme-2']) await commit(store, [put('a', `"${tenant}"`), put('b')], { tenant });
      expect(await get(store, 'a', { tenant: 'acme-2' })).toMatchObject({ value: '"acme-2"' });
      expect(await get(store, 'a', { tenant: 'acm' })).toBeUndefined();
      await store.removeTenant('acme');
      await store.removeTenant('nobody');
      expect(await keysOf(store)).toEqual([]);
      expect(await keysOf(store, '', 'acme-2')).toEqual(['a', 'b']);
      await commit(store, [put('new')]);
      expect(await keysOf(store)).toEqual(['new']);
    });
  });
};
