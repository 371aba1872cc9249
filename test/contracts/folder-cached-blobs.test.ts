import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderCachedBlobs } from '../../lib/adapters/aws/folder-cached-blobs.ts';
import { FileBlobStore } from '../../lib/adapters/embedded/file-blob-store.ts';
import { testBlobStore } from './blob-store-contract.ts';
import { memoryBlobs } from './dynamodb-fixture.ts';
import { makeFolder } from './embedded-folder.ts';

const isVersion = (name: string): boolean => name.includes('/versions/');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let folder: ReturnType<typeof makeFolder> | undefined;

testBlobStore({
  setup: async () => {
    folder = makeFolder();
    return new FolderCachedBlobs({
      blobs: new FileBlobStore(join(folder.path, 'blobs')),
      folder: join(folder.path, 'cache'),
      isFixed: isVersion,
      maxBytes: 1_000,
    });
  },
  teardown: async () => folder?.remove(),
});

describe('blobs that never change', () => {
  const make = (maxBytes: number) => {
    const own = makeFolder();
    const store = memoryBlobs();
    let reads = 0;
    const blobs = new FolderCachedBlobs({
      blobs: {
        ...store,
        get: async (name) => {
          reads += 1;
          return store.get(name);
        },
        has: async (name) => store.blobs.has(name),
        removeAll: async () => {},
      },
      folder: join(own.path, 'cache'),
      isFixed: isVersion,
      maxBytes,
    });
    return { blobs, cache: join(own.path, 'cache'), reads: () => reads, remove: own.remove };
  };

  it('are read from the store once, and others each time', async () => {
    const { blobs, reads, remove } = make(1_000);
    try {
      await blobs.put('acme/versions/1/code.js', bytes('code'));
      await blobs.put('acme/values/a', bytes('value'));
      for (let times = 0; times < 3; times += 1) {
        expect(await blobs.get('acme/versions/1/code.js')).toEqual(bytes('code'));
        expect(await blobs.get('acme/values/a')).toEqual(bytes('value'));
      }
      expect(reads()).toBe(4);
    } finally {
      remove();
    }
  });

  it('are kept up to a bound, those that were read longest ago going first', async () => {
    const { blobs, cache, reads, remove } = make(100);
    try {
      for (const version of ['a', 'b', 'c']) {
        await blobs.put(`acme/versions/${version}/code.js`, new Uint8Array(60).fill(version.charCodeAt(0)));
        await blobs.get(`acme/versions/${version}/code.js`);
      }
      expect(readdirSync(cache)).toHaveLength(1);
      await blobs.get('acme/versions/c/code.js');
      expect(reads()).toBe(3);
      await blobs.get('acme/versions/a/code.js');
      expect(reads()).toBe(4);
    } finally {
      remove();
    }
  });

  it('come from the store where the folder is gone, and one that is not there is not remembered', async () => {
    const { blobs, cache, reads, remove } = make(1_000);
    try {
      expect(await blobs.get('acme/versions/1/code.js')).toBeUndefined();
      await blobs.put('acme/versions/1/code.js', bytes('code'));
      expect(await blobs.get('acme/versions/1/code.js')).toEqual(bytes('code'));
      rmSync(cache, { recursive: true });
      expect(await blobs.get('acme/versions/1/code.js')).toEqual(bytes('code'));
      expect(reads()).toBe(3);
    } finally {
      remove();
    }
  });
});
