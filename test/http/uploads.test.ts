import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UPLOAD_LINK_MS } from '../../lib/service/create-bundle.ts';
import { type Api, codeOf, createApi, jsonOf, ORIGIN } from './api.ts';

const FILE = Buffer.from('export default { fetch: () => new Response("hi") };');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('uploads', () => {
  let api: Api;
  let key: string;
  let base: string;
  let received: string[];

  beforeEach(async () => {
    received = [];
    api = await createApi({ startValidation: ({ bundleId }) => received.push(bundleId) });
    ({ key, base } = await api.makeTenant('ours'));
  });
  afterEach(() => api.close());

  const announce = async (more: object = {}) => {
    const body = { size: FILE.length, sha256: sha256(FILE), contentType: 'text/javascript', ...more };
    const response = await api.call('POST', `${base}/bundles`, { key, body });
    expect(response.status).toBe(201);
    const { bundle, upload } = await jsonOf(response);
    expect(bundle.status).toBe('awaiting_upload');
    expect(upload.url.startsWith(`${ORIGIN}/v1/uploads/`)).toBe(true);
    return { id: bundle.id as string, upload, path: upload.url.slice(ORIGIN.length) as string };
  };
  const put = (path: string, body: string | Uint8Array, headers = {}) => api.call('PUT', path, { body, headers });
  const statusOf = async (id: string) => (await jsonOf(await api.call('GET', `${base}/bundles/${id}`, { key }))).status;
  const stored = (): string[] =>
    readdirSync(join(api.folder, 'blobs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('='));

  it('take exactly the announced bytes, without a key, and hand the bundle on', async () => {
    const { id, path, upload } = await announce();
    expect(upload.expiresAt).toBe('2026-11-20T12:05:00.000Z');
    const response = await put(path, FILE, upload.headers);
    expect(response.status).toBe(200);
    expect(received).toEqual([id]);
    expect(await statusOf(id)).toBe('validating');
    expect(stored()).toHaveLength(1);
  });

  it.each([
    ['one byte less', FILE.subarray(1), {}, 'upload.wrong_size', 422],
    ['one byte more', Buffer.concat([FILE, FILE.subarray(0, 1)]), {}, 'upload.wrong_size', 422],
    ['nothing', Buffer.alloc(0), {}, 'upload.wrong_size', 422],
    ['another size told', FILE, { 'content-length': '1' }, 'upload.wrong_size', 422],
    ['other bytes', Buffer.from(FILE).fill('x'), {}, 'upload.wrong_digest', 422],
  ])('refuse %s and store nothing', async (_, body, headers, code, status) => {
    const { id, path } = await announce();
    const response = await put(path, body, headers);
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
    expect(stored()).toEqual([]);
    expect(received).toEqual([]);
    expect(await statusOf(id)).toBe('awaiting_upload');
    expect((await put(path, FILE)).status).toBe(200);
  });

  it('let a link be used once', async () => {
    const { path } = await announce();
    expect((await put(path, FILE)).status).toBe(200);
    const again = await put(path, FILE);
    expect([again.status, await codeOf(again)]).toEqual([409, 'upload.used']);
    expect(received).toHaveLength(1);
  });

  it('let a link be used once also by two at the same time', async () => {
    const { path } = await announce();
    const responses = await Promise.all([put(path, FILE), put(path, FILE), put(path, FILE)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(received).toHaveLength(1);
  });

  it('refuse a link that has expired', async () => {
    const { path } = await announce();
    api.clock.at += UPLOAD_LINK_MS + 1;
    const response = await put(path, FILE);
    expect([response.status, await codeOf(response)]).toEqual([410, 'upload.expired']);
    expect(stored()).toEqual([]);
  });

  it('refuse a link that was altered or made up', async () => {
    const { path } = await announce();
    const token = path.slice('/v1/uploads/'.length);
    const flipped = `${token.slice(0, 5)}${token[5] === 'A' ? 'B' : 'A'}${token.slice(6)}`;
    for (const bad of [flipped, `${token}x`, token.slice(0, -1), 'x', 'x.y', '..%2f', '%00', `${token}.x`]) {
      const response = await put(`/v1/uploads/${bad}`, FILE);
      expect([bad, response.status, await codeOf(response)]).toEqual([bad, 403, 'upload.invalid']);
    }
    expect(stored()).toEqual([]);
  });

  it('refuse a link of a tenant that is gone or suspended', async () => {
    const first = await announce();
    await api.asOperator('PATCH', base, { suspended: true });
    expect(await codeOf(await put(first.path, FILE))).toBe('tenant.suspended');
    await api.asOperator('DELETE', base);
    expect(await codeOf(await put(first.path, FILE))).toBe('upload.invalid');
    expect(stored()).toEqual([]);
  });

  it('are limited to 10,000,000 bytes where they are announced', async () => {
    await announce({ size: 10_000_000 });
    const body = { size: 10_000_001, sha256: sha256(FILE), contentType: 'text/javascript' };
    const response = await api.call('POST', `${base}/bundles`, { key, body });
    expect([response.status, await codeOf(response)]).toEqual([413, 'payload.too_large']);
  });

  it('take a digest in capitals', async () => {
    const { path } = await announce({ sha256: sha256(FILE).toUpperCase() });
    expect((await put(path, FILE)).status).toBe(200);
  });

  it('keep bundles to their own tenant', async () => {
    const { id } = await announce();
    const other = await api.makeTenant('theirs');
    expect(await codeOf(await api.call('GET', `${other.base}/bundles/${id}`, { key: other.key }))).toBe(
      'bundle.not_found',
    );
  });

  it('tell versions, and which is active', async () => {
    const version = 'b'.repeat(32);
    await api.deps.bundles.addVersion(
      {
        version,
        tenant: 'ours',
        createdAt: api.clock.now() + 1,
        workflows: [{ name: 'New' }],
        hasFetch: false,
        size: 2,
        apiLevel: 1,
      },
      false,
    );
    const list = async () => (await jsonOf(await api.call('GET', `${base}/versions`, { key }))).versions;
    expect((await list()).map(({ active }: { active: boolean }) => active)).toEqual([false, true]);
    const activated = await api.call('POST', `${base}/versions/${version}/activate`, { key });
    expect(await jsonOf(activated)).toMatchObject({ version, active: true, workflows: [{ name: 'New' }] });
    expect((await list()).map(({ active }: { active: boolean }) => active)).toEqual([true, false]);
    const { workflows } = await jsonOf(await api.call('GET', `${base}/workflows`, { key }));
    expect(workflows).toEqual([{ name: 'New', version, schedules: [] }]);
    expect(await codeOf(await api.call('POST', `${base}/versions/nope/activate`, { key }))).toBe('version.not_found');
    const checked = await api.call('POST', `${base}/versions/${version}/activate`, {
      key,
      body: { requireCheck: true },
    });
    expect([checked.status, await codeOf(checked)]).toEqual([409, 'version.check_stale']);
  });

  it("change a workflow's settings one by one", async () => {
    const patch = async (body: unknown) => jsonOf(await api.call('PATCH', `${base}/workflows/Hello`, { key, body }));
    await patch({ retention: { success: '1 day' }, limits: { steps: 100 } });
    const settings = await patch({ retention: { error: 60_000 }, determinism: 'strict' });
    expect(settings).toMatchObject({
      name: 'Hello',
      retention: { success: 86_400_000, error: 60_000 },
      limits: { steps: 100 },
      determinism: 'strict',
    });
    expect(await jsonOf(await api.call('GET', `${base}/workflows/Hello`, { key }))).toEqual(settings);
  });
});
