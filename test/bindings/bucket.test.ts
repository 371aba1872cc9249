import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import { SqliteTenantStorage } from '../../lib/adapters/embedded/sqlite-tenant-storage.ts';
import { randomness } from '../../lib/adapters/node/system.ts';
import { Bindings } from '../../lib/bindings/binding-host.ts';
import { bucketBinding } from '../../lib/bindings/bucket.ts';
import { TenantObjects } from '../../lib/bindings/tenant-objects.ts';
import { decode, encode } from '../../lib/guest/values.ts';
import type { DownloadGrant } from '../../lib/ports/downloads.ts';
import { ManualClock } from '../contracts/contract.ts';
import { memoryBlobs } from '../contracts/dynamodb-fixture.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { makeCaller, makeTenant } from './callers.ts';

let folder: ReturnType<typeof makeFolder>;
let rows: SqliteTenantStorage;
const clock = new ManualClock(1_000);

beforeEach(() => {
  folder = makeFolder();
  rows = new SqliteTenantStorage(join(folder.path, 'rows'));
});
afterEach(() => {
  rows.close();
  folder.remove();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Blobs in memory of which a test sees the names. */
const makeObjects = () => {
  const { blobs: kept, ...memory } = memoryBlobs();
  const blobs = Object.assign(Object.create(new FileBlobStore(join(folder.path, 'blobs'))) as FileBlobStore, memory);
  return { kept, blobs, objects: new TenantObjects({ rows, blobs, clock, randomness }) };
};

describe('objects of tenants', () => {
  it('that are put at once leave one of them whole, and no blob that nothing leads to', async () => {
    const { objects, kept } = makeObjects();
    const texts = ['one', 'second', 'the third'];
    await Promise.all(
      texts.map((text) => objects.put('acme', { key: 'k', bytes: bytes(text), contentType: 'x', mostBytes: 100 })),
    );
    const found = await objects.get('acme', 'k');
    expect(texts).toContain(new TextDecoder().decode(found?.bytes));
    expect(kept.size).toBe(1);
    await Promise.all([objects.remove('acme', 'k'), objects.remove('acme', 'k')]);
    expect(kept.size).toBe(0);
  });

  it('have so many bytes together, each counted while it is there', async () => {
    const { objects, blobs, kept } = makeObjects();
    const put = (key: string, size: number) =>
      objects.put('acme', { key, bytes: new Uint8Array(size), contentType: 'x', mostBytes: 2 * 1_048_576 });
    await put('a', 1_000_000);
    await put('b', 1_000_000);
    await expect(put('c', 1_000_000)).rejects.toThrow(
      'BUCKET is full: all objects of a tenant may have 2 MiB together',
    );
    await put('b', 10);
    await put('c', 1_000_000);
    await expect(put('d', 100_000)).rejects.toThrow('BUCKET is full');
    await objects.remove('acme', 'a');
    const { put: putBlob } = blobs;
    blobs.put = () => Promise.reject(new Error('the disk fails'));
    await expect(put('d', 1_000_000)).rejects.toThrow('the disk fails');
    blobs.put = putBlob;
    await put('d', 1_000_000);
    expect(kept.size).toBe(3);
  });

  it('that are replaced while they are read are read as they are then', async () => {
    const { objects, blobs } = makeObjects();
    await objects.put('acme', { key: 'k', bytes: bytes('old'), contentType: 'x', mostBytes: 100 });
    const { get } = blobs;
    blobs.get = async (name) => {
      blobs.get = get;
      await objects.put('acme', { key: 'k', bytes: bytes('new'), contentType: 'x', mostBytes: 100 });
      return get(name);
    };
    expect((await objects.get('acme', 'k'))?.bytes).toEqual(bytes('new'));
  });

  it('lie below their tenant by names that no key is a part of', async () => {
    const { objects, kept } = makeObjects();
    await objects.put('acme', { key: '../../globex/k', bytes: bytes('v'), contentType: 'x', mostBytes: 100 });
    expect([...kept.keys()]).toEqual([expect.stringMatching(/^acme\/bucket\/[0-9a-f]{32}$/)]);
  });
});

describe('env.BUCKET', () => {
  const makeBinding = () => {
    const { objects } = makeObjects();
    const grants: (DownloadGrant & { readonly origin: string })[] = [];
    const downloads = {
      sign: async (grant: DownloadGrant, origin: string) => {
        grants.push({ ...grant, origin });
        return 'the link';
      },
      verify: () => undefined,
    };
    const origin = (): string => 'https://tenon.example';
    const bindings = new Bindings([bucketBinding({ objects, downloads, clock, origin })]);
    const call = async (method: string, ...args: readonly unknown[]): Promise<unknown> =>
      decode(await bindings.call(makeCaller(makeTenant('ada')), { binding: 'BUCKET', method, args: encode(args) }));
    return { call, grants, bindings };
  };

  it.each([
    ['reports/2026/über alles.pdf', '_ber_alles.pdf'],
    ['a"; filename="b.exe', 'a_filename_b.exe'],
    ['folder/', 'object'],
    ['.htaccess', 'htaccess'],
    ['x'.repeat(300), 'x'.repeat(120)],
  ])('gives %s as a file of the name %s', async (key, fileName) => {
    const { call, grants } = makeBinding();
    await call('put', key, 'v');
    expect(await call('link', key, { expiresIn: '1 minute' })).toBe('the link');
    const grant = { fileName, bytes: 1, expiresAt: 61_000, origin: 'https://tenon.example' };
    expect(grants).toEqual([{ ...grant, blob: expect.stringMatching(/^ada\/bucket\//) }]);
  });

  it('puts of a view what it shows, and nothing beside it', async () => {
    const { call } = makeBinding();
    await call('put', 'k', new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
    await call('put', 'words', new Uint16Array([258]));
    expect(await call('get', 'k')).toMatchObject({ bytes: new Uint8Array([2, 3]), size: 2 });
    expect(await call('get', 'words')).toMatchObject({ bytes: new Uint8Array([2, 1]) });
  });

  it('has nothing of a tenant that was removed', async () => {
    const { call, bindings } = makeBinding();
    await call('put', 'k', 'v');
    await bindings.removeTenant('ada');
    expect(await call('head', 'k')).toBeUndefined();
  });
});
