import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CPU_MS, DEFAULT_STEP_LIMIT } from '../../lib/core/limits.ts';
import { type Api, codeOf, createApi, fieldsOf, jsonOf, ORIGIN } from './api.ts';

describe('tenants', () => {
  let api: Api;
  beforeAll(async () => {
    api = await createApi();
  });
  afterAll(() => api.close());

  it('come with a key that works at once, and with defaults for what was not said', async () => {
    const response = await api.asOperator('POST', '/v1/tenants', { id: 'acme', name: 'Acme', limits: { steps: 20 } });
    expect(response.status).toBe(201);
    const { tenant, apiKey } = await jsonOf(response);
    expect(tenant).toMatchObject({ id: 'acme', name: 'Acme', isolation: 'isolate', egress: 'none', suspended: false });
    expect(tenant.limits).toMatchObject({ steps: 20, cpuMs: DEFAULT_CPU_MS });
    expect(tenant.createdAt).toBe('2026-11-20T12:00:00.000Z');
    expect(await jsonOf(await api.call('GET', '/v1/tenants/acme', { key: apiKey }))).toEqual(tenant);
  });

  it('have an id of their own', async () => {
    expect((await api.asOperator('POST', '/v1/tenants', { id: 'twice' })).status).toBe(201);
    const again = await api.asOperator('POST', '/v1/tenants', { id: 'twice' });
    expect(again.status).toBe(409);
    expect(await codeOf(again)).toBe('tenant.already_exists');
  });

  it('are listed page by page', async () => {
    for (const id of ['page-1', 'page-2', 'page-3']) await api.asOperator('POST', '/v1/tenants', { id });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await jsonOf(await api.asOperator('GET', `/v1/tenants?limit=2${from}`));
      expect(page.tenants.length).toBeLessThanOrEqual(2);
      seen.push(...page.tenants.map(({ id }: { id: string }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(expect.arrayContaining(['page-1', 'page-2', 'page-3']));
    expect(new Set(seen).size).toBe(seen.length);
    expect((await api.asOperator('GET', '/v1/tenants?cursor=nonsense')).status).toBe(422);
  });

  it('are changed field by field, and a limit goes back to its default with null', async () => {
    await api.asOperator('POST', '/v1/tenants', { id: 'change', limits: { steps: 20, cpuMs: 1_000 } });
    const egress = { allow: ['api.example.com', '*.example.org', '127.0.0.1:9000', '[::1]:80'] };
    const changed = await api.asOperator('PATCH', '/v1/tenants/change', { egress, limits: { steps: null } });
    expect(changed.status).toBe(200);
    expect(await jsonOf(changed)).toMatchObject({ egress, limits: { steps: DEFAULT_STEP_LIMIT, cpuMs: 1_000 } });
    expect(
      (await jsonOf(await api.asOperator('PATCH', '/v1/tenants/change', { isolation: 'microvm' }))).egress,
    ).toEqual(egress);
  });

  it.each([
    [{ allow: ['http://example.com'] }, 'egress.allow[0]'],
    [{ allow: ['example.com/path'] }, 'egress.allow[0]'],
    [{ allow: ['example.com:0'] }, 'egress.allow[0]'],
    [{ allow: ['example.com:65536'] }, 'egress.allow[0]'],
    [{ allow: ['a', '*'] }, 'egress.allow[1]'],
    [{ gateway: 'ftp://example.com' }, 'egress.gateway'],
    [{ gateway: 'https://user:pass@example.com' }, 'egress.gateway'],
    ['everything', 'egress'],
    [{ allow: [], gateway: 'https://example.com' }, 'egress'],
  ])('refuse the egress policy %j', async (egress, field) => {
    const response = await api.asOperator('POST', '/v1/tenants', { id: 'egress', egress });
    expect(response.status).toBe(422);
    expect((await fieldsOf(response)).join()).toContain(field);
  });

  it('get more keys, and a revoked one is refused at once', async () => {
    const first = await jsonOf(await api.asOperator('POST', '/v1/tenants', { id: 'keys' }));
    const made = await api.asOperator('POST', '/v1/tenants/keys/keys');
    expect(made.status).toBe(201);
    const { keyId, apiKey } = await jsonOf(made);
    expect(apiKey).toMatch(/^tk_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/);
    const listed = await api.asOperator('GET', '/v1/tenants/keys/keys');
    expect((await jsonOf(listed)).keys).toHaveLength(2);
    expect(await listed.text()).not.toContain(apiKey.slice(40));

    expect((await api.call('GET', '/v1/tenants/keys', { key: apiKey })).status).toBe(200);
    expect((await api.asOperator('DELETE', `/v1/tenants/keys/keys/${keyId}`)).status).toBe(204);
    expect(await codeOf(await api.call('GET', '/v1/tenants/keys', { key: apiKey }))).toBe('auth.invalid');
    expect((await api.call('GET', '/v1/tenants/keys', { key: first.apiKey })).status).toBe(200);
    expect(await codeOf(await api.asOperator('DELETE', `/v1/tenants/keys/keys/${keyId}`))).toBe('key.not_found');
  });

  it('cannot have a key revoked under another tenant', async () => {
    const { apiKey } = await jsonOf(await api.asOperator('POST', '/v1/tenants', { id: 'key-owner' }));
    await api.asOperator('POST', '/v1/tenants', { id: 'key-other' });
    const keyId = apiKey.split('_')[1];
    expect((await api.asOperator('DELETE', `/v1/tenants/key-other/keys/${keyId}`)).status).toBe(404);
    expect((await api.call('GET', '/v1/tenants/key-owner', { key: apiKey })).status).toBe(200);
  });

  it('hold variables in the open and secrets write-only', async () => {
    const { key } = await api.makeTenant('env');
    const put = (name: string, body: unknown) => api.call('PUT', `/v1/tenants/env/env/${name}`, { key, body });
    expect((await put('GREETING', { value: 'hello' })).status).toBe(200);
    expect((await put('TOKEN', { value: 'hush', secret: true })).status).toBe(200);
    const listed = await api.call('GET', '/v1/tenants/env/env', { key });
    expect(await listed.clone().text()).not.toContain('hush');
    expect((await jsonOf(listed)).env).toEqual([
      { name: 'GREETING', secret: false, value: 'hello' },
      { name: 'TOKEN', secret: true },
    ]);
    const [, token] = await api.deps.tenants.listEnv('env');
    expect(token?.value).not.toContain('hush');
    expect(await api.deps.vault.open(token?.value ?? '', 'env/TOKEN')).toBe('hush');

    expect((await api.call('DELETE', '/v1/tenants/env/env/TOKEN', { key })).status).toBe(204);
    expect(await codeOf(await api.call('DELETE', '/v1/tenants/env/env/TOKEN', { key }))).toBe('env.not_found');
  });

  it('cannot hide a binding behind a variable, nor hold too many or too large ones', async () => {
    const { key, base } = await api.makeTenant('env-limits');
    const put = (name: string, value: string) => api.call('PUT', `${base}/env/${name}`, { key, body: { value } });
    expect(await fieldsOf(await put('WORKFLOWS', 'x'))).toEqual(['NAME']);
    expect(await fieldsOf(await put('1ST', 'x'))).toEqual(['NAME']);
    expect(await fieldsOf(await put('LARGE', 'é'.repeat(16_385)))).toEqual(['value']);
    expect((await put('LARGE', 'é'.repeat(16_384))).status).toBe(200);
    for (let index = 1; index < 128; index++) await put(`V${index}`, 'x');
    const tooMany = await put('ONE_MORE', 'x');
    expect(await codeOf(tooMany)).toBe('quota.exceeded');
    expect(tooMany.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect((await put('LARGE', 'again')).status).toBe(200);
  });

  it('read but start nothing while they are suspended', async () => {
    const { key, base } = await api.makeTenant('suspend');
    const instances = `${base}/workflows/Hello/instances`;
    const body = { id: 'before' };
    expect((await api.call('POST', instances, { key, body })).status).toBe(201);
    await api.asOperator('PATCH', base, { suspended: true });
    const refused: [string, string, unknown][] = [
      ['POST', instances, {}],
      ['POST', `${instances}/batch`, { count: 1 }],
      ['POST', `${instances}/before/events/go`, 1],
      ['PATCH', `${instances}/before/status`, { status: 'restart' }],
      ['POST', `${base}/bundles`, { size: 1, sha256: 'a'.repeat(64), contentType: 'text/typescript' }],
      ['POST', `${base}/versions/${'a'.repeat(32)}/activate`, {}],
      ['GET', '/t/suspend/x', undefined],
    ];
    for (const [method, path, sent] of refused) {
      const response = await api.call(method, path, { key, body: sent });
      expect([method, path, response.status, await codeOf(response)]).toEqual([method, path, 403, 'tenant.suspended']);
    }
    expect((await api.call('GET', base, { key })).status).toBe(200);
    expect((await api.call('GET', `${instances}/before`, { key })).status).toBe(200);
    expect((await api.asOperator('GET', `${instances}/before`)).status).toBe(200);
    expect((await api.asOperator('PATCH', `${instances}/before/status`, { status: 'terminate' })).status).toBe(200);
    await api.asOperator('PATCH', base, { suspended: false });
    expect((await api.call('POST', instances, { key, body: {} })).status).toBe(201);
  });

  it('are deleted with all they have, and leave their name free', async () => {
    const { key, base } = await api.makeTenant('gone');
    await api.makeTenant('stays');
    const params = { text: 'x'.repeat(400_000) };
    await api.call('POST', `${base}/workflows/Hello/instances`, { key, body: { id: 'one', params } });
    await api.call('PUT', `${base}/env/A`, { key, body: { value: '1' } });
    const deleted = await api.asOperator('DELETE', base);
    expect(deleted.status).toBe(202);
    expect(await codeOf(await api.call('GET', base, { key }))).toBe('auth.invalid');
    expect(await codeOf(await api.asOperator('GET', base))).toBe('tenant.not_found');

    const again = await api.makeTenant('gone');
    expect(again.key).not.toBe(key);
    expect((await jsonOf(await api.call('GET', `${base}/env`, { key: again.key }))).env).toEqual([]);
    const found = await api.call('GET', `${base}/workflows/Hello/instances/one`, { key: again.key });
    expect(await codeOf(found)).toBe('instance.not_found');
    expect((await jsonOf(await api.asOperator('GET', '/v1/tenants/stays'))).id).toBe('stays');
  });

  it('learn nothing of the inside when something breaks', async () => {
    const broken = await createApi();
    const { key, base } = await broken.makeTenant('broken');
    broken.deps.tenants.listEnv = () => Promise.reject(new Error('SQLITE_CORRUPT at /data/tenon.db'));
    const response = await broken.call('GET', `${base}/env`, { key });
    expect(response.status).toBe(500);
    expect(await codeOf(response)).toBe('internal');
    expect(await response.text()).not.toMatch(/SQLITE|tenon\.db|at /);
    expect(broken.errors).toHaveLength(1);
    broken.close();
  });

  it('are told as problems of the right media type', async () => {
    const response = await api.app.fetch(new Request(`${ORIGIN}/v1/tenants`));
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await jsonOf(response)).toMatchObject({ type: 'urn:tenon:problem:auth.missing', status: 401 });
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
