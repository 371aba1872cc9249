import { describe, expect } from 'vitest';
import type { Check, CheckStore } from '../../lib/ports/check-store.ts';
import { type ContractOptions, withStore } from './contract.ts';

const check = (more: Partial<Check> = {}): Check => ({
  id: 'chk_1',
  revision: 0,
  tenant: 'acme',
  version: 'v1',
  status: 'running',
  activeVersion: 'v0',
  counts: { checked: 1, ok: 0, diverged: 1, failed: 0, skipped: 0 },
  divergences: [{ workflow: 'W', instance: 'i', step: 'a', expected: 'step.do("a")', got: 'step.do("b")' }],
  createdAt: 1_000,
  movedAt: 2_000,
  cursor: '["W","x"]',
  ...more,
});

/** What every `CheckStore` does, whatever it stands on. */
export const testCheckStore = (contract: ContractOptions<CheckStore, undefined>): void => {
  describe('a check store', () => {
    const test = withStore(contract, () => undefined);

    test('keeps the latest check of a version, each for its tenant (E8)', async (store) => {
      await store.put(check());
      expect(await store.get('acme', 'v1')).toEqual(check());
      expect(await store.get('acme', 'v2')).toBeUndefined();
      expect(await store.get('globex', 'v1')).toBeUndefined();
      await store.put(check({ id: 'chk_2', status: 'passed' }));
      expect(await store.get('acme', 'v1')).toEqual(check({ id: 'chk_2', status: 'passed' }));
    });

    test('replaces one where nobody else has got on with it', async (store) => {
      await store.put(check());
      const next = check({ revision: 1, movedAt: 3_000 });
      expect(await store.replace(next, check())).toBe(true);
      expect(await store.replace(check({ revision: 1, cursor: 'other' }), check())).toBe(false);
      expect(await store.replace(check({ id: 'chk_2', revision: 2 }), { id: 'chk_2', revision: 1 })).toBe(false);
      expect(await store.get('acme', 'v1')).toEqual(next);
    });

    test('replaces none that is not there', async (store) => {
      expect(await store.replace(check({ revision: 1 }), check())).toBe(false);
      expect(await store.get('acme', 'v1')).toBeUndefined();
    });

    test('holds one with a hundred divergences of the longest texts', async (store) => {
      const text = '\u20ac'.repeat(300);
      const [one] = check().divergences;
      const long = check({
        divergences: Array.from({ length: 100 }, () => ({
          ...one,
          workflow: 'W',
          instance: 'i',
          step: text,
          expected: text,
          got: text,
        })),
      });
      await store.put(long);
      expect(await store.get('acme', 'v1')).toEqual(long);
    });

    test('lists those of all tenants that have not ended', async (store) => {
      await store.put(check());
      await store.put(check({ tenant: 'globex', id: 'chk_2' }));
      await store.put(check({ version: 'v2', id: 'chk_3', status: 'failed' }));
      expect((await store.listRunning()).map(({ id }) => id).sort()).toEqual(['chk_1', 'chk_2']);
      await store.replace(check({ revision: 1, status: 'passed' }), check());
      expect((await store.listRunning()).map(({ id }) => id)).toEqual(['chk_2']);
    });

    test('removes those of one tenant', async (store) => {
      await store.put(check());
      await store.put(check({ version: 'v2' }));
      await store.put(check({ tenant: 'globex' }));
      await store.removeTenant('acme');
      expect(await store.get('acme', 'v1')).toBeUndefined();
      expect((await store.listRunning()).map(({ tenant }) => tenant)).toEqual(['globex']);
    });
  });
};
