import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiRoute } from '../../lib/http/openapi.ts';
import type { Route } from '../../lib/http/route.ts';
import { ROUTES } from '../../lib/http/routes.ts';
import { type Api, codeOf, createApi, OPERATOR_KEY } from './api.ts';

const ALL: readonly Route[] = [...ROUTES, openApiRoute(ROUTES)];
const CLOSED = ALL.filter(({ access }) => access !== 'public');
const OF_TENANT = CLOSED.filter(({ path }) => path.startsWith('/v1/tenants/{tenant}'));

const SAMPLES: Readonly<Record<string, string>> = { workflow: 'Hello', type: 'approved', NAME: 'GREETING' };

const pathOf = ({ path }: Route, tenant: string): string =>
  path
    .replace('{tenant}', tenant)
    .replace(/\{([A-Za-z]+)\}/g, (_, name: string) => SAMPLES[name] ?? 'some-id')
    .replace(/\*$/, 'x');

const titleOf = ({ method, path }: Route): string => `${method} ${path}`;

/** All but the trace, which is another one for each call. */
const headersOf = ({ headers }: Response) =>
  [...headers].filter(([name]) => name !== 'x-trace-id' && name !== 'traceparent');

describe('who may call', () => {
  let api: Api;
  let key: string;

  beforeAll(async () => {
    api = await createApi();
    key = (await api.makeTenant('ours')).key;
    await api.makeTenant('theirs');
  });
  afterAll(() => api.close());

  it('leaves nothing public but the page, the health check, the document, the front door, and what a link or a token opens', () => {
    expect(ALL.filter(({ access }) => access === 'public').map(titleOf)).toEqual([
      'GET /',
      'GET /assets/{file}',
      'GET /healthz',
      'ANY /t/{tenant}/*',
      'PUT /v1/uploads/{token}',
      'GET /v1/downloads/{token}',
      'POST /v1/deferred/{token}',
      'GET /v1/openapi.json',
    ]);
  });

  it('lets tenant keys only into routes below a tenant', () => {
    const strays = CLOSED.filter((route) => route.access === 'tenant' && !OF_TENANT.includes(route));
    expect(strays.map(titleOf)).toEqual([]);
  });

  it.each(CLOSED.map((route) => [titleOf(route), route] as const))('%s asks for a key', async (_, route) => {
    const response = await api.call(route.method, pathOf(route, 'ours'));
    expect(response.status).toBe(401);
    expect(await codeOf(response)).toBe('auth.missing');
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each(CLOSED.map((route) => [titleOf(route), route] as const))('%s refuses an unknown key', async (_, route) => {
    for (const bad of [`${key}x`, key.slice(0, -1), key.toUpperCase(), 'x']) {
      const response = await api.call(route.method, pathOf(route, 'ours'), { key: bad });
      expect(response.status).toBe(401);
      expect(await codeOf(response)).toBe('auth.invalid');
    }
  });

  it.each(OF_TENANT.map((route) => [titleOf(route), route] as const))(
    "%s answers another tenant's key as if the tenant did not exist",
    async (_, route) => {
      const theirs = await api.call(route.method, pathOf(route, 'theirs'), { key });
      const nobody = await api.call(route.method, pathOf(route, 'nobody'), { key });
      const ill = await api.call(route.method, pathOf(route, 'Not%20a-name'), { key });
      expect(theirs.status).toBe(404);
      expect(await codeOf(theirs)).toBe('tenant.not_found');
      for (const other of [nobody, ill]) {
        expect(other.status).toBe(404);
        expect(headersOf(other)).toEqual(headersOf(theirs));
        expect(Buffer.from(await other.clone().arrayBuffer())).toEqual(Buffer.from(await theirs.clone().arrayBuffer()));
      }
      const operator = await api.call(route.method, pathOf(route, 'nobody'), { key: OPERATOR_KEY });
      expect(await operator.text()).toBe(await theirs.text());
    },
  );

  it.each(CLOSED.filter(({ access }) => access === 'operator').map((route) => [titleOf(route), route] as const))(
    "%s is not for a tenant's key",
    async (_, route) => {
      const response = await api.call(route.method, pathOf(route, 'ours'), { key });
      expect(response.status).toBe(403);
      expect(await codeOf(response)).toBe('auth.forbidden');
    },
  );

  it.each(OF_TENANT.filter(({ access }) => access === 'tenant').map((route) => [titleOf(route), route] as const))(
    '%s lets in the tenant itself and the operator',
    async (_, route) => {
      for (const good of [key, OPERATOR_KEY]) {
        const response = await api.call(route.method, pathOf(route, 'ours'), { key: good });
        expect([401, 403]).not.toContain(response.status);
        if (response.status === 404) expect(await codeOf(response)).not.toBe('tenant.not_found');
      }
    },
  );

  it('keeps every call of the operator from tenants but reading themselves and their env', () => {
    const allowed = CLOSED.filter(({ access, tag }) => access === 'tenant' && ['tenants', 'keys', 'env'].includes(tag));
    expect(allowed.map(titleOf)).toEqual([
      'GET /v1/tenants/{tenant}',
      'GET /v1/tenants/{tenant}/env',
      'PUT /v1/tenants/{tenant}/env/{NAME}',
      'DELETE /v1/tenants/{tenant}/env/{NAME}',
    ]);
  });

  it('looks at the route and the method before the key, and at the key before the address is read', async () => {
    expect(await codeOf(await api.call('GET', '/v1/nothing'))).toBe('route.not_found');
    const wrongMethod = await api.call('PUT', '/v1/tenants');
    expect(await codeOf(wrongMethod)).toBe('request.method_not_allowed');
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(await codeOf(await api.call('GET', '/v1/tenants/%ff'))).toBe('auth.missing');
    expect(await codeOf(await api.call('GET', '/v1/tenants/%ff', { key: 'x' }))).toBe('auth.invalid');
    for (const good of [key, OPERATOR_KEY]) {
      const malformed = await api.call('GET', '/v1/tenants/%ff', { key: good });
      expect(malformed.status).toBe(400);
      expect(await codeOf(malformed)).toBe('request.malformed');
    }
  });

  it('takes the scheme in any case and no other scheme', async () => {
    const withHeader = (authorization: string) => api.call('GET', '/v1/tenants/ours', { headers: { authorization } });
    expect((await withHeader(`bearer ${key}`)).status).toBe(200);
    expect((await withHeader(`BEARER  ${key}`)).status).toBe(200);
    for (const bad of [key, `Basic ${key}`, `Bearer ${key} ${key}`, `Bearer ${key}, Bearer ${key}`, 'Bearer']) {
      expect(await codeOf(await withHeader(bad))).toBe('auth.invalid');
    }
  });

  it('answers HEAD as GET without a body', async () => {
    const response = await api.call('HEAD', '/v1/tenants/ours', { key });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect((await api.call('HEAD', '/v1/tenants/ours')).status).toBe(401);
  });
});
