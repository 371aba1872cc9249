import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EsbuildCompiler } from '../../lib/bundle/esbuild-compiler.ts';
import { buildPrelude } from '../../lib/bundle/guest-prelude.ts';
import { Supervisor } from '../../lib/executor/supervisor.ts';
import type { BlobPart } from '../../lib/ports/blob-store.ts';
import type { BundleContentType } from '../../lib/ports/bundle-store.ts';
import { codeName, readExecutable, sourceMapName, uploadName } from '../../lib/service/bundle-files.ts';
import { createBundle } from '../../lib/service/create-bundle.ts';
import { createTenant } from '../../lib/service/create-tenant.ts';
import { listVersions } from '../../lib/service/list-versions.ts';
import { readBundle } from '../../lib/service/read-bundle.ts';
import { receiveUpload } from '../../lib/service/receive-upload.ts';
import { resumeValidations } from '../../lib/service/resume-validations.ts';
import { runValidation } from '../../lib/service/run-validation.ts';
import { validateBundle } from '../../lib/service/validate-bundle.ts';
import { createDependencies } from '../http/api.ts';

const HELLO = `
  import { WorkflowEntrypoint } from 'cloudflare:workers';
  export class Hello extends WorkflowEntrypoint { async run() { return 'hello'; } }
`;
const TYPESCRIPT = 'text/typescript';
const TENANT = 'acme';

describe('a bundle', () => {
  const compiler = new EsbuildCompiler();
  let executor: Supervisor;
  let fixture: ReturnType<typeof createDependencies>;

  beforeAll(async () => {
    executor = new Supervisor({ prelude: await buildPrelude() });
  });
  afterAll(async () => {
    await executor.close();
    await compiler.close();
  });
  beforeEach(async () => {
    fixture = createDependencies({ compiler, executor });
    await createTenant(fixture.deps, { id: TENANT });
  });
  afterEach(() => fixture.close());

  const upload = async (source: string | Uint8Array, contentType: BundleContentType = TYPESCRIPT, activate = true) => {
    const { deps } = fixture;
    const bytes = Buffer.from(source);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const origin = 'http://127.0.0.1:1';
    const announced = { tenant: TENANT, contentType, size: bytes.length, sha256, activate, origin };
    const created = await createBundle(deps, announced);
    const token = created.upload.url.split('/').at(-1) ?? '';
    await receiveUpload(deps, { token, read: async () => bytes });
    return { tenant: TENANT, bundleId: created.bundle.id };
  };
  const read = (bundle: { bundleId: string }) =>
    readBundle(fixture.deps, { tenant: TENANT, bundleId: bundle.bundleId, waitMs: 0 });
  const deploy = async (...upload_: Parameters<typeof upload>) => {
    const bundle = await upload(...upload_);
    await validateBundle(fixture.deps, bundle);
    return read(bundle);
  };

  it('becomes the active version, with its code and source map beside', async () => {
    const view = await deploy(HELLO);
    expect(view).toMatchObject({ status: 'ready', workflows: [{ name: 'Hello' }], hasFetch: false, problems: [] });
    const version = view.version ?? '';
    const { deps } = fixture;
    expect((await deps.bundles.getActiveVersion(TENANT))?.version).toBe(version);
    const { code, sourceMap } = await readExecutable(deps.blobs, TENANT, version);
    expect(code).toContain('Hello');
    expect(JSON.parse(sourceMap)).toHaveProperty('mappings');
    expect((await deps.bundles.getActiveVersion(TENANT))?.size).toBe(Buffer.byteLength(code));
  });

  it('is not made active where that was not wanted', async () => {
    const first = await deploy(HELLO);
    const second = await deploy(HELLO.replace('hello', 'other'), TYPESCRIPT, false);
    expect(second.status).toBe('ready');
    const { items } = await listVersions(fixture.deps, { tenant: TENANT, limit: 10 });
    expect(items.filter(({ isActive }) => isActive).map(({ version }) => version)).toEqual([first.version]);
    expect(items).toHaveLength(2);
  });

  it('of the same content is the same version', async () => {
    const first = await deploy(HELLO);
    const again = await deploy(HELLO);
    expect(again.id).not.toBe(first.id);
    expect(again.version).toBe(first.version);
    expect((await listVersions(fixture.deps, { tenant: TENANT, limit: 10 })).items).toHaveLength(1);
  });

  it('may hold several modules in a zip', async () => {
    const zip = zipSync({
      'index.ts': strToU8(`import { word } from './word.ts'; ${HELLO.replace("'hello'", 'word')}`),
      'word.ts': strToU8("export const word: string = 'hello';"),
    });
    expect(await deploy(zip, 'application/zip')).toMatchObject({ status: 'ready', workflows: [{ name: 'Hello' }] });
  });

  it('may export only a default.fetch', async () => {
    const view = await deploy('export default { fetch: () => new Response("hi") };', 'text/javascript');
    expect(view).toMatchObject({ status: 'ready', workflows: [], hasFetch: true });
  });

  it('without a workflow and without a default.fetch is rejected', async () => {
    const view = await deploy('export const answer = 42;');
    expect(view).toMatchObject({ status: 'rejected', problems: [{ code: 'bundle.no_workflow' }] });
    expect(view).not.toHaveProperty('version');
    expect((await listVersions(fixture.deps, { tenant: TENANT, limit: 10 })).items).toEqual([]);
  });

  it('with a mistake is rejected by file, line and column', async () => {
    const view = await deploy('export const a = 1;\nexport class {');
    expect(view.status).toBe('rejected');
    expect(view.problems[0]).toMatchObject({ line: 2, column: expect.any(Number), file: expect.any(String) });
  });

  it('that throws when it is loaded is rejected with what it threw', async () => {
    const view = await deploy(`${HELLO}\nthrow new Error('not today');`);
    expect(view.status).toBe('rejected');
    expect(JSON.stringify(view.problems)).toContain('not today');
  });

  it('leaves nothing of its upload behind, ready or rejected', async () => {
    for (const source of [HELLO, 'nonsense(']) {
      const bundle = await upload(source);
      expect(await fixture.deps.blobs.get(uploadName(TENANT, bundle.bundleId))).toBeDefined();
      await validateBundle(fixture.deps, bundle);
      expect(await fixture.deps.blobs.get(uploadName(TENANT, bundle.bundleId))).toBeUndefined();
    }
  });

  it('that was cut off while it was validated is taken up again, wherever that was', async () => {
    const { deps } = fixture;
    const bundle = await upload(HELLO);
    const cutOff = new Error('the process has died');
    // One more write gets through at each try.
    for (let allowed = 0; ; allowed++) {
      let left = allowed;
      const mayWrite =
        <A extends readonly unknown[], R>(write: (...args: A) => Promise<R>) =>
        (...args: A): Promise<R> =>
          left-- > 0 ? write(...args) : Promise.reject(cutOff);
      const dying = {
        ...deps,
        blobs: {
          get: (name: string) => deps.blobs.get(name),
          getPart: (name: string, part: BlobPart) => deps.blobs.getPart(name, part),
          open: (name: string) => deps.blobs.open(name),
          has: (name: string) => deps.blobs.has(name),
          removeAll: (prefix: string) => deps.blobs.removeAll(prefix),
          put: mayWrite((name: string, bytes: Uint8Array) => deps.blobs.put(name, bytes)),
          remove: mayWrite((name: string) => deps.blobs.remove(name)),
        },
        bundles: Object.assign(Object.create(deps.bundles) as typeof deps.bundles, {
          addVersion: mayWrite((...args: Parameters<typeof deps.bundles.addVersion>) =>
            deps.bundles.addVersion(...args),
          ),
          getBundle: (tenant: string, id: string) => deps.bundles.getBundle(tenant, id),
          updateBundle: mayWrite((...args: Parameters<typeof deps.bundles.updateBundle>) =>
            deps.bundles.updateBundle(...args),
          ),
        }),
      };
      const result = await validateBundle(dying, bundle).catch((error: unknown) => error);
      if (result === undefined) break;
      expect(result).toBe(cutOff);
      const { status } = await read(bundle);
      expect(['validating', 'ready']).toContain(status);
      if (status === 'ready') break;
    }
    await resumeValidations(deps, { onError: (error) => expect.fail(`${error}`) });
    const view = await read(bundle);
    expect(view.status).toBe('ready');
    expect(await deps.blobs.get(codeName(TENANT, view.version ?? ''))).toBeDefined();
    expect(await deps.blobs.get(sourceMapName(TENANT, view.version ?? ''))).toBeDefined();
    expect(await deps.bundles.listValidating()).toEqual([]);
  });

  it('whose validation fails by itself is tried again and then given up, so that nobody waits for ever', async () => {
    const errors: unknown[] = [];
    const inspect = () => Promise.reject(new Error('no executor'));
    const deps = {
      ...fixture.deps,
      executor: { ...fixture.deps.executor, start: executor.start, inspect, close: async () => undefined },
    };
    const bundle = await upload(HELLO);
    await runValidation(deps, { ...bundle, onError: (error) => errors.push(error) });
    expect(errors).toHaveLength(2);
    const view = await read(bundle);
    expect(view).toMatchObject({ status: 'rejected', problems: [{ code: 'bundle.validation_failed' }] });
    expect(JSON.stringify(view)).not.toContain('no executor');
  });

  it('whose upload is lost is rejected', async () => {
    const bundle = await upload(HELLO);
    await fixture.deps.blobs.remove(uploadName(TENANT, bundle.bundleId));
    await validateBundle(fixture.deps, bundle);
    expect(await read(bundle)).toMatchObject({ status: 'rejected', problems: [{ code: 'bundle.lost' }] });
  });

  it('is told to whoever waits as soon as it is validated', async () => {
    const bundle = await upload(HELLO);
    const waiting = readBundle(fixture.deps, { tenant: TENANT, bundleId: bundle.bundleId, waitMs: 20_000 });
    await validateBundle(fixture.deps, bundle);
    expect((await waiting).status).toBe('ready');
    expect(fixture.deps.watch.size).toBe(0);
  });

  it('that does not come is told as it is when the time is up', async () => {
    const { deps, clock } = fixture;
    const sha256 = 'a'.repeat(64);
    const { bundle } = await createBundle(deps, {
      tenant: TENANT,
      contentType: TYPESCRIPT,
      size: 1,
      sha256,
      activate: true,
      origin: 'http://127.0.0.1:1',
    });
    const looks: number[] = [];
    const watch = {
      announce: () => undefined,
      changed: async (_: unknown, until: number) => {
        looks.push(until - clock.now());
        clock.at = until;
      },
    };
    const view = await readBundle({ ...deps, watch }, { tenant: TENANT, bundleId: bundle.id, waitMs: 2_500 });
    expect(view.status).toBe('awaiting_upload');
    // Another process may validate it: the row is looked at again each second.
    expect(looks).toEqual([1_000, 1_000, 500]);
  });
});
