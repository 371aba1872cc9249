import { describe, expect } from 'vitest';
import type { InstanceStore, ListParams, Summary } from '../../lib/ports/instance-store.ts';
import {
  finished,
  type InstanceStoreContract,
  instanceSuite,
  KEY,
  newInstance,
  read,
  release,
} from './instance-fixture.ts';

const OF = { tenant: KEY.tenant, workflow: KEY.workflow };

/** Every page, one after another; `between` runs after each. */
const readPages = async (
  store: InstanceStore,
  params: Omit<ListParams, 'cursor'>,
  between: () => Promise<void> = async () => {},
): Promise<Summary[][]> => {
  const pages: Summary[][] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ ...params, ...(cursor !== undefined && { cursor }) });
    pages.push([...page.items]);
    cursor = page.cursor;
    await between();
  } while (cursor !== undefined);
  return pages;
};

const idsOf = (pages: readonly Summary[][]): string[] => pages.flat().map((item) => item.id);

export const testInstanceList = (contract: InstanceStoreContract): void => {
  describe('list', () => {
    const { clock, test } = instanceSuite(contract);
    const createAt = (store: InstanceStore, id: string, after: number, more: object = {}) =>
      store.create(newInstance(clock.at + after, { id, ...more }));

    test('the newest comes first, and instances of one moment in a steady order', async (store) => {
      for (const [id, after] of [
        ['b', 1],
        ['a', 1],
        ['old', 0],
        ['new', 2],
        ['C', 1],
      ] as const)
        await createAt(store, id, after);
      const ids = idsOf(await readPages(store, { ...OF, limit: 10 }));
      expect(ids[0]).toBe('new');
      expect(ids.at(-1)).toBe('old');
      expect(idsOf(await readPages(store, { ...OF, limit: 1 }))).toEqual(ids);
      expect(ids).toHaveLength(5);
    });

    test('an item is the whole summary', async (store) => {
      await createAt(store, KEY.id, 0);
      expect((await store.list({ ...OF, limit: 10 })).items).toEqual([await read(store)]);
    });

    test('pages hold each instance once, and the last one has no cursor', async (store) => {
      const all = Array.from({ length: 9 }, (_, index) => `i-${index}`);
      for (const [index, id] of all.entries()) await createAt(store, id, Math.floor(index / 3));
      for (const limit of [2, 3, 9, 10]) {
        const pages = await readPages(store, { ...OF, limit });
        expect(idsOf(pages).toSorted()).toEqual(all);
        expect(pages.every((page) => page.length <= limit)).toBe(true);
        expect(pages.at(-1)).not.toEqual([]);
      }
    });

    test('a cursor stays in its place while instances come and go', async (store) => {
      const all = ['f', 'e', 'd', 'c', 'b', 'a'];
      for (const [index, id] of all.entries()) await createAt(store, id, 10 - index);
      let round = 0;
      const pages = await readPages(store, { ...OF, limit: 2 }, async () => {
        round += 1;
        await createAt(store, `fresh-${round}`, 100 + round);
        if (round === 1) await store.remove({ ...KEY, id: 'e' });
      });
      expect(idsOf(pages)).toEqual(all);
    });

    test('a status filters, also across pages', async (store) => {
      for (let index = 0; index < 8; index += 1) {
        await createAt(store, `i-${index}`, index);
        if (index % 2 === 0) await store.append(release(finished(clock.at), { key: { ...KEY, id: `i-${index}` } }));
      }
      expect(idsOf(await readPages(store, { ...OF, status: 'complete', limit: 3 }))).toEqual([
        'i-6',
        'i-4',
        'i-2',
        'i-0',
      ]);
      expect(idsOf(await readPages(store, { ...OF, status: 'queued', limit: 1 }))).toEqual([
        'i-7',
        'i-5',
        'i-3',
        'i-1',
      ]);
      expect(idsOf(await readPages(store, { ...OF, status: 'errored', limit: 3 }))).toEqual([]);
    });

    test('bounds on the time of creation are included, with and without a status', async (store) => {
      for (let index = 0; index < 6; index += 1) await createAt(store, `i-${index}`, index * 10);
      const bounds = { ...OF, from: clock.at + 10, to: clock.at + 40 };
      const expected = ['i-4', 'i-3', 'i-2', 'i-1'];
      expect(idsOf(await readPages(store, { ...bounds, limit: 10 }))).toEqual(expected);
      expect(idsOf(await readPages(store, { ...bounds, limit: 1 }))).toEqual(expected);
      expect(idsOf(await readPages(store, { ...bounds, status: 'queued', limit: 2 }))).toEqual(expected);
      expect(idsOf(await readPages(store, { ...OF, to: clock.at + 9, limit: 2 }))).toEqual(['i-0']);
    });

    test('only instances of that tenant and workflow are listed (E8)', async (store) => {
      await createAt(store, 'mine', 0);
      await createAt(store, 'theirs', 0, { tenant: 'globex' });
      await createAt(store, 'other', 0, { workflow: 'Other' });
      expect(idsOf(await readPages(store, { ...OF, limit: 10 }))).toEqual(['mine']);
    });

    test('a cursor that no list gave is refused', async (store) => {
      await createAt(store, 'a', 0);
      for (const cursor of ['nonsense', '', 'e30', 'W10']) {
        await expect(store.list({ ...OF, limit: 10, cursor })).rejects.toMatchObject({ code: 'request.invalid' });
      }
    });
  });
};
