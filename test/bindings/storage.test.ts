import { describe, expect, it } from 'vitest';
import { Bindings } from '../../lib/bindings/binding-host.ts';
import { storageBinding } from '../../lib/bindings/storage.ts';
import { decode, encode } from '../../lib/guest/values.ts';
import type { StorageOutcome, TenantStorage } from '../../lib/ports/tenant-storage.ts';
import { ManualClock } from '../contracts/contract.ts';
import { makeCaller, makeTenant } from './callers.ts';

const ADA = makeTenant('ada');

/** A storage that notes what it is asked for and answers as it is told. */
const makeBinding = (outcome: StorageOutcome = { kind: 'done' }) => {
  const asked: unknown[] = [];
  const note = (kind: string) => (tenant: string, params?: unknown) => {
    asked.push([kind, tenant, params]);
  };
  const storage: TenantStorage = {
    get: async (...params) => void note('get')(...params),
    list: async (...params) => {
      note('list')(...params);
      return { items: [{ key: 'a', value: encode(new Map([['k', 1]])), etag: 'e', expiresAt: 7 }], next: 'a' };
    },
    commit: async (...params) => {
      note('commit')(...params);
      return outcome;
    },
    reserve: () => Promise.reject(new Error('values are kept here and nowhere else')),
    release: () => Promise.reject(new Error('values are kept here and nowhere else')),
    removeTenant: async (...params) => note('removeTenant')(...params),
  };
  const randomness = { id: () => 'id', secret: () => 'secret' };
  const bindings = new Bindings([storageBinding({ storage, clock: new ManualClock(1_000), randomness })]);
  const call = async (method: string, ...args: readonly unknown[]): Promise<unknown> =>
    decode(await bindings.call(makeCaller(ADA), { binding: 'STORAGE', method, args: encode(args) }));
  return { asked, call, bindings };
};

describe('env.STORAGE', () => {
  it('hands on in the name of the tenant that calls, with the time at which it is over', async () => {
    const { asked, call } = makeBinding();
    expect(await call('put', 'k', new Set([1]), { ifMatch: null, ttl: '1 minute' })).toEqual({ etag: 'id' });
    const write = { kind: 'put', key: 'k', value: encode(new Set([1])), ifMatch: null, expiresAt: 61_000 };
    expect(asked).toEqual([['commit', 'ada', { writes: [write], etag: 'id', now: 1_000 }]]);
  });

  it('shows pages with decoded values and a cursor that the next page takes', async () => {
    const { asked, call } = makeBinding();
    const page = (await call('list', { prefix: 'a', limit: 5 })) as { cursor: string };
    const item = { key: 'a', value: new Map([['k', 1]]), etag: 'e', expiresAt: new Date(7) };
    expect(page).toEqual({ items: [item], cursor: expect.any(String) });
    await call('list', { prefix: 'a', cursor: page.cursor });
    expect(asked.at(-1)).toEqual(['list', 'ada', { prefix: 'a', limit: 100, after: 'a', now: 1_000 }]);
    await expect(call('list', { prefix: 'b', cursor: page.cursor })).rejects.toThrow(
      'not one that a list of this prefix gave',
    );
  });

  it('tells what was in the way as a value, and that there is no room as an error', async () => {
    const refused = makeBinding({ kind: 'conflict', index: 0 });
    expect(await refused.call('put', 'k', 1, { ifMatch: 'old' })).toBeNull();
    expect(await refused.call('delete', 'k', { ifMatch: 'old' })).toBe(false);
    expect(await refused.call('transaction', [{ delete: 'k' }])).toEqual({ committed: false, failed: 0 });
    await expect(makeBinding({ kind: 'full' }).call('put', 'k', 1)).rejects.toThrow('STORAGE is full');
  });

  it('takes keys of 512 bytes and values of 128 KiB as stored, and nothing longer', async () => {
    const { call, asked } = makeBinding();
    await call('put', 'é'.repeat(256), 'x'.repeat(131_068));
    expect(asked).toHaveLength(1);
    await expect(call('put', `${'é'.repeat(256)}x`, 1)).rejects.toThrow('at most 512 bytes of UTF-8, this one has 513');
    await expect(call('put', 'k', 'x'.repeat(131_069))).rejects.toThrow('at most 131072 bytes as it is stored');
    await expect(call('put', '\ud800', 1)).rejects.toThrow('no halves of characters');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['a list that lies about its length', Object.assign([{ delete: 'a' }], { length: 3 })],
    ['no list', { 0: { delete: 'a' }, length: 1 }],
    ['two kinds in one', [{ put: 'a', delete: 'a', value: 1 }]],
    ['a check without an etag', [{ check: 'a' }]],
    ['a delete of what is not there', [{ delete: 'a', ifMatch: null }]],
    ['an unknown field', [{ delete: 'a', value: 1 }]],
    ['nothing', []],
  ])('refuses %s in a transaction, whole', async (_, writes) => {
    const { call, asked } = makeBinding();
    await expect(call('transaction', writes)).rejects.toThrow(/^STORAGE\.transaction/);
    expect(asked).toEqual([]);
  });

  it('lets go of what a removed tenant has', async () => {
    const { bindings, asked } = makeBinding();
    await bindings.removeTenant('ada');
    expect(asked).toEqual([['removeTenant', 'ada', undefined]]);
  });
});
