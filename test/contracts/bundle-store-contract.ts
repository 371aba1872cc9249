import { describe, expect } from 'vitest';
import type { Bundle, BundleStore, Version } from '../../lib/ports/bundle-store.ts';
import { type ContractOptions, withStore } from './contract.ts';

const bundle = (id: string, more: Partial<Bundle> = {}): Bundle => ({
  id,
  tenant: 'acme',
  status: 'awaiting_upload',
  contentType: 'text/typescript',
  size: 12,
  sha256: 'ab'.repeat(32),
  activate: true,
  createdAt: 1_000,
  expiresAt: 301_000,
  problems: [],
  ...more,
});

const version = (name: string, more: Partial<Version> = {}): Version => ({
  version: name,
  tenant: 'acme',
  createdAt: 1_000,
  workflows: [{ name: 'Approval' }],
  hasFetch: false,
  size: 99,
  apiLevel: 1,
  ...more,
});

/** What every `BundleStore` does, whatever it stands on. */
export const testBundleStore = (contract: ContractOptions<BundleStore, undefined>): void => {
  describe('a bundle store', () => {
    const test = withStore(contract, () => undefined);

    test('a bundle belongs to its tenant (E8)', async (store) => {
      await store.createBundle(bundle('b1'));
      expect(await store.getBundle('acme', 'b1')).toEqual(bundle('b1'));
      expect(await store.getBundle('globex', 'b1')).toBeUndefined();
      expect(await store.getBundle('acme', 'b2')).toBeUndefined();
      expect(
        await store.updateBundle(bundle('b1', { tenant: 'globex', status: 'validating' }), 'awaiting_upload'),
      ).toBe(false);
    });

    test('it moves on only from the status that was expected', async (store) => {
      await store.createBundle(bundle('b1'));
      const validating = bundle('b1', { status: 'validating' });
      expect(await store.updateBundle(validating, 'awaiting_upload')).toBe(true);
      expect(await store.updateBundle(bundle('b1', { status: 'rejected' }), 'awaiting_upload')).toBe(false);
      expect(await store.getBundle('acme', 'b1')).toEqual(validating);
      const problems = [{ code: 'syntax', message: 'Unexpected "}"', file: 'index.ts', line: 3, column: 0 }];
      const rejected = bundle('b1', { status: 'rejected', problems });
      expect(await store.updateBundle(rejected, 'validating')).toBe(true);
      expect(await store.getBundle('acme', 'b1')).toEqual(rejected);
      expect(await store.updateBundle(bundle('none'), 'awaiting_upload')).toBe(false);
    });

    test('an upload link is used once, also by two at once', async (store) => {
      await store.createBundle(bundle('b1'));
      const use = () => store.updateBundle(bundle('b1', { status: 'validating' }), 'awaiting_upload');
      expect((await Promise.all([use(), use(), use()])).toSorted()).toEqual([false, false, true]);
    });

    test('what was being validated is found again', async (store) => {
      await store.createBundle(bundle('waiting'));
      await store.createBundle(bundle('cut-off'));
      await store.createBundle(bundle('done', { tenant: 'globex' }));
      const validating = bundle('cut-off', { status: 'validating' });
      await store.updateBundle(validating, 'awaiting_upload');
      await store.updateBundle(bundle('done', { tenant: 'globex', status: 'validating' }), 'awaiting_upload');
      await store.updateBundle(bundle('done', { tenant: 'globex', status: 'ready', version: 'v1' }), 'validating');
      expect(await store.listValidating()).toEqual([validating]);
    });

    test('a version is immutable: adding it again changes nothing but what is active', async (store) => {
      await store.addVersion(version('v1'), false);
      expect(await store.getActiveVersion('acme')).toBeUndefined();
      await store.addVersion(version('v1', { createdAt: 5_000, hasFetch: true }), true);
      expect(await store.getVersion('acme', 'v1')).toEqual(version('v1'));
      expect(await store.getActiveVersion('acme')).toEqual(version('v1'));
      expect((await store.listVersions({ tenant: 'acme', limit: 10 })).items).toEqual([version('v1')]);
    });

    test('a version is activated at its adding or later, and one of nobody is not', async (store) => {
      await store.addVersion(version('v1'), true);
      await store.addVersion(version('v2', { createdAt: 2_000 }), false);
      expect((await store.getActiveVersion('acme'))?.version).toBe('v1');
      expect(await store.activateVersion('acme', 'v2')).toBe(true);
      expect((await store.getActiveVersion('acme'))?.version).toBe('v2');
      expect(await store.activateVersion('acme', 'v3')).toBe(false);
      expect(await store.activateVersion('globex', 'v1')).toBe(false);
      expect((await store.getActiveVersion('acme'))?.version).toBe('v2');
      expect(await store.getActiveVersion('globex')).toBeUndefined();
      expect(await store.activateVersion('acme', 'v1')).toBe(true);
    });

    test('the same content of two tenants is two versions (E8)', async (store) => {
      await store.addVersion(version('v1'), true);
      await store.addVersion(version('v1', { tenant: 'globex', createdAt: 7_000 }), false);
      expect((await store.getVersion('globex', 'v1'))?.createdAt).toBe(7_000);
      expect((await store.getVersion('acme', 'v1'))?.createdAt).toBe(1_000);
      expect(await store.getVersion('initech', 'v1')).toBeUndefined();
    });

    test('versions are listed newest first, each once, also while others come', async (store) => {
      for (const [index, name] of ['v1', 'v2', 'v3', 'v4', 'v5'].entries()) {
        await store.addVersion(version(name, { createdAt: 1_000 + Math.floor(index / 2) }), false);
      }
      await store.addVersion(version('theirs', { tenant: 'globex' }), false);
      const found: Version[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.listVersions({ tenant: 'acme', limit: 2, ...(cursor !== undefined && { cursor }) });
        found.push(...page.items);
        cursor = page.cursor;
        await store.addVersion(version(`fresh-${found.length}`, { createdAt: 9_000 }), false);
      } while (cursor !== undefined);
      expect(found.map((item) => item.version).toSorted()).toEqual(['v1', 'v2', 'v3', 'v4', 'v5']);
      const times = found.map((item) => item.createdAt);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
    });

    test('a cursor that no list gave is refused', async (store) => {
      const list = store.listVersions({ tenant: 'acme', limit: 2, cursor: 'nonsense' });
      await expect(list).rejects.toMatchObject({ code: 'request.invalid' });
    });

    test('a workflow has the settings that were put last', async (store) => {
      const settings = { concurrency: { limit: 2 }, retention: { success: 5 }, determinism: 'strict' as const };
      expect(await store.getWorkflowSettings('acme', 'Approval')).toBeUndefined();
      await store.putWorkflowSettings('acme', 'Approval', { limits: { steps: 3 } });
      await store.putWorkflowSettings('acme', 'Approval', settings);
      expect(await store.getWorkflowSettings('acme', 'Approval')).toEqual(settings);
      expect(await store.getWorkflowSettings('acme', 'Other')).toBeUndefined();
      expect(await store.getWorkflowSettings('globex', 'Approval')).toBeUndefined();
    });

    test('a removed tenant loses bundles, versions and settings, its neighbour none', async (store) => {
      for (const tenant of ['acme', 'acme-2']) {
        await store.createBundle(bundle('b1', { tenant }));
        await store.addVersion(version('v1', { tenant }), true);
        await store.putWorkflowSettings(tenant, 'Approval', {});
      }
      await store.removeTenant('acme');
      expect(await store.getBundle('acme', 'b1')).toBeUndefined();
      expect(await store.getVersion('acme', 'v1')).toBeUndefined();
      expect(await store.getActiveVersion('acme')).toBeUndefined();
      expect(await store.getWorkflowSettings('acme', 'Approval')).toBeUndefined();
      expect(await store.getBundle('acme-2', 'b1')).toBeDefined();
      expect(await store.getActiveVersion('acme-2')).toBeDefined();
      expect(await store.getWorkflowSettings('acme-2', 'Approval')).toEqual({});
    });
  });
};
