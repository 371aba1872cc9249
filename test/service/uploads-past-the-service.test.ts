import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Executor } from '../../lib/ports/executor.ts';
import { uploadName } from '../../lib/service/bundle-files.ts';
import { createBundle } from '../../lib/service/create-bundle.ts';
import { createTenant } from '../../lib/service/create-tenant.ts';
import { readBundle } from '../../lib/service/read-bundle.ts';
import { takeUpload } from '../../lib/service/take-upload.ts';
import { updateTenant } from '../../lib/service/update-tenant.ts';
import { createDependencies } from '../http/api.ts';

const TENANT = 'acme';
const SOURCE = Buffer.from('export class Hello {}');

/** Uploads that go to the store itself, as on AWS: the service hears of them, sooner or later. */
describe('an upload past the service', () => {
  let fixture: ReturnType<typeof createDependencies>;
  let inspected: string[];
  let asked: number;

  beforeEach(async () => {
    inspected = [];
    asked = 0;
    const executor: Executor = {
      start: () => expect.fail('nothing runs here'),
      inspect: async (_bundle, tenant) => {
        inspected.push(tenant);
        return { ok: true, workflows: ['Hello'], hasFetch: false };
      },
      close: async () => {},
    };
    const bundle = { code: 'code', sourceMap: '{}' };
    const compiler = { compile: async () => ({ ok: true, bundle, version: '0'.repeat(32) }) as const };
    fixture = createDependencies({ compiler, executor });
    await createTenant(fixture.deps, { id: TENANT });
  });
  afterEach(() => fixture.close());

  const announce = async (): Promise<string> => {
    const announced = { tenant: TENANT, contentType: 'text/typescript', activate: true, origin: '' } as const;
    const { bundle } = await createBundle(fixture.deps, { ...announced, size: SOURCE.length, sha256: '0'.repeat(64) });
    return bundle.id;
  };
  const arrive = (bundleId: string) => fixture.deps.blobs.put(uploadName(TENANT, bundleId), SOURCE);
  const onError = (error: unknown) => expect.fail(`${error}`);
  const take = (bundleId: string) => takeUpload(fixture.deps, { tenant: TENANT, bundleId, onError });
  const read = (bundleId: string) => {
    const request = async () => {
      asked += 1;
    };
    return readBundle({ ...fixture.deps, validations: { request } }, { tenant: TENANT, bundleId, waitMs: 0 });
  };

  it('is validated when its event comes, once, however often it comes', async () => {
    const bundleId = await announce();
    await arrive(bundleId);
    await take(bundleId);
    await take(bundleId);
    expect(await read(bundleId)).toMatchObject({ status: 'ready', workflows: [{ name: 'Hello' }] });
    expect(inspected).toEqual([TENANT]);
  });

  it('whose event is late is found by whoever reads its bundle, and not before it is there', async () => {
    const bundleId = await announce();
    expect(await read(bundleId)).toMatchObject({ status: 'awaiting_upload' });
    expect(asked).toBe(0);
    await arrive(bundleId);
    await read(bundleId);
    expect(asked).toBe(1);
  });

  it('of a suspended tenant is rejected with the reason', async () => {
    const bundleId = await announce();
    await arrive(bundleId);
    await updateTenant(fixture.deps, { tenant: TENANT, suspended: true });
    await take(bundleId);
    expect(await read(bundleId)).toMatchObject({ status: 'rejected', problems: [{ code: 'tenant.suspended' }] });
    expect(inspected).toEqual([]);
  });

  it('of a bundle or tenant that is gone is nobody’s', async () => {
    await take('nothing');
    await takeUpload(fixture.deps, { tenant: 'nobody', bundleId: 'nothing', onError });
    expect(inspected).toEqual([]);
  });
});
