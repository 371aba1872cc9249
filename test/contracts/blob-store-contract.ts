import { describe, expect } from 'vitest';
import type { BlobStore } from '../../lib/ports/blob-store.ts';
import { type ContractOptions, withStore } from './contract.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What every `BlobStore` does, whatever it stands on. */
export const testBlobStore = (contract: ContractOptions<BlobStore, undefined>): void => {
  describe('a blob store', () => {
    const test = withStore(contract, () => undefined);

    test('bytes come back as they were put, and absent ones as undefined', async (store) => {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.put('acme/values/a', all);
      await store.put('acme/values/empty', new Uint8Array());
      expect(await store.get('acme/values/a')).toEqual(all);
      expect(await store.get('acme/values/empty')).toEqual(new Uint8Array());
      expect(await store.get('acme/values/b')).toBeUndefined();
      expect(await store.get('acme/values')).toBeUndefined();
      expect(await store.has('acme/values/a')).toBe(true);
      expect(await store.has('acme/values/b')).toBe(false);
      expect(await store.has('acme/values')).toBe(false);
    });

    test('a second put takes the place of the first, and puts at once leave one of them whole', async (store) => {
      await store.put('acme/values/a', bytes('a longer first one'));
      await store.put('acme/values/a', bytes('second'));
      expect(await store.get('acme/values/a')).toEqual(bytes('second'));
      const texts = ['one', 'two', 'three'].map((text) => text.repeat(50_000));
      await Promise.all(texts.map((text) => store.put('acme/values/a', bytes(text))));
      const left = new TextDecoder().decode(await store.get('acme/values/a'));
      expect(texts.includes(left)).toBe(true);
    });

    test('names that differ only in case, or where one goes on in the other, are different', async (store) => {
      const names = ['acme/values/Ab', 'acme/values/aB', 'acme/values/ab', 'acme/values/ab/more', 'acme/values/A$_.-b'];
      for (const name of names) await store.put(name, bytes(name));
      for (const name of names) expect(await store.get(name)).toEqual(bytes(name));
    });

    test('a removed blob is gone, and removing nothing is no error', async (store) => {
      await store.put('acme/values/a', bytes('a'));
      await store.put('acme/values/b', bytes('b'));
      await store.remove('acme/values/a');
      await store.remove('acme/values/a');
      expect(await store.get('acme/values/a')).toBeUndefined();
      expect(await store.get('acme/values/b')).toEqual(bytes('b'));
    });

    test('everything below a prefix goes, and nothing whose name only begins alike', async (store) => {
      const below = ['acme/values/i1/a', 'acme/values/i1/deep/b'];
      const beside = ['acme/values/i1', 'acme/values/i10/a', 'acme-2/values/i1/a'];
      for (const name of [...below, ...beside]) await store.put(name, bytes(name));
      await store.removeAll('acme/values/i1/');
      await store.removeAll('acme/values/none/');
      for (const name of below) expect(await store.get(name)).toBeUndefined();
      for (const name of beside) expect(await store.get(name)).toEqual(bytes(name));
      await store.put('acme/values/i1/a', bytes('again'));
      expect(await store.get('acme/values/i1/a')).toEqual(bytes('again'));
    });

    test('a blob that is written piece by piece is there when it is finished, and not at all before', async (store) => {
      const writer = store.open('acme/values/s');
      await writer.write(bytes('one '));
      expect(await store.has('acme/values/s')).toBe(false);
      await writer.write(bytes(''));
      await writer.write(bytes('two'));
      expect(await store.get('acme/values/s')).toBeUndefined();
      await writer.finish();
      expect(await store.get('acme/values/s')).toEqual(bytes('one two'));
      await store.open('acme/values/none').finish();
      expect(await store.get('acme/values/none')).toEqual(new Uint8Array());
    });

    test('a long blob keeps its order, however its pieces are cut', async (store) => {
      const long = Uint8Array.from({ length: 17 * 1024 * 1024 + 5 }, (_, index) => (index * 31 + (index >> 13)) % 251);
      const writer = store.open('acme/values/long');
      const cuts = [3, 9 * 1024 * 1024, 9 * 1024 * 1024 + 1, 16 * 1024 * 1024, long.length];
      let from = 0;
      for (const to of cuts) {
        await writer.write(long.subarray(from, to));
        from = to;
      }
      await writer.finish();
      const got = await store.get('acme/values/long');
      expect(got?.length).toBe(long.length);
      expect(Buffer.compare(got ?? new Uint8Array(), long)).toBe(0);
    });

    test('of an aborted blob nothing remains, short or long, begun or not', async (store) => {
      for (const length of [0, 5, 9 * 1024 * 1024]) {
        const writer = store.open('acme/values/s');
        if (length > 0) await writer.write(new Uint8Array(length));
        await writer.abort();
        expect(await store.get('acme/values/s')).toBeUndefined();
      }
    });

    test('a part is read by its place: shorter at the end, empty behind it, undefined where there is no blob', async (store) => {
      await store.put('acme/values/a', bytes('0123456789'));
      expect(await store.getPart('acme/values/a', { from: 0, maxBytes: 4 })).toEqual(bytes('0123'));
      expect(await store.getPart('acme/values/a', { from: 4, maxBytes: 4 })).toEqual(bytes('4567'));
      expect(await store.getPart('acme/values/a', { from: 8, maxBytes: 4 })).toEqual(bytes('89'));
      expect(await store.getPart('acme/values/a', { from: 10, maxBytes: 4 })).toEqual(new Uint8Array());
      expect(await store.getPart('acme/values/b', { from: 0, maxBytes: 4 })).toBeUndefined();
    });

    test('names that lead elsewhere are refused by every call (E8)', async (store) => {
      const names = [
        '',
        '/',
        '/etc/passwd',
        'acme/../globex/a',
        '..',
        'acme//a',
        'acme/./a',
        'acme/a\\b',
        'acme/a\u0000',
        'acme/',
      ];
      for (const name of names) {
        await expect(store.put(name, bytes('x'))).rejects.toThrow();
        await expect(store.get(name)).rejects.toThrow();
        await expect(store.getPart(name, { from: 0, maxBytes: 1 })).rejects.toThrow();
        await expect(store.remove(name)).rejects.toThrow();
        expect(() => store.open(name)).toThrow();
      }
      for (const prefix of ['', '/', '../', 'acme/../', 'acme', '//']) {
        await expect(store.removeAll(prefix)).rejects.toThrow();
      }
    });
  });
};
