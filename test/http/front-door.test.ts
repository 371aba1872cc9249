import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TenonError } from '../../lib/core/errors.ts';
import { type Api, codeOf, createApi, jsonOf, OPERATOR_KEY, ORIGIN } from './api.ts';

interface Seen {
  readonly tenant: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
}

describe('the front door', () => {
  let api: Api;
  let key: string;
  let seen: Seen[] = [];
  let answer: () => Response = () => new Response('ok');

  beforeAll(async () => {
    api = await createApi({
      handleTenantRequest: async ({ tenant, request, path }) => {
        const { method, headers } = request;
        seen.push({ tenant, path, method, headers, body: await request.text() });
        return answer();
      },
    });
    key = (await api.makeTenant('shop')).key;
  });
  beforeEach(() => {
    seen = [];
    answer = () => new Response('ok');
  });
  afterAll(() => api.close());

  it.each([
    ['/t/shop', '/'],
    ['/t/shop/', '/'],
    ['/t/shop?a=1', '/?a=1'],
    ['/t/shop/a/b?x=%2f&y', '/a/b?x=%2f&y'],
    ['/t/shop//a%20b', '//a%20b'],
    ['/t/shop/%ff', '/%ff'],
  ])('passes %s on as %s', async (path, passed) => {
    expect((await api.call('GET', path)).status).toBe(200);
    expect(seen).toMatchObject([{ tenant: 'shop', path: passed }]);
  });

  it('passes every method and its body on', async () => {
    for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']) {
      const body = method === 'GET' || method === 'HEAD' ? undefined : `body of ${method}`;
      await api.call(method, '/t/shop/x', { body });
      expect(seen.at(-1)).toMatchObject({ method, body: body ?? '' });
    }
  });

  it("keeps Tenon's keys from the tenant and leaves other credentials alone", async () => {
    const passed = async (authorization: string): Promise<string | null> => {
      await api.call('GET', '/t/shop/x', { headers: { authorization } });
      return seen.at(-1)?.headers.get('authorization') ?? null;
    };
    for (const secret of [
      `Bearer ${key}`,
      `bearer  ${key}`,
      key,
      `Token ${key}`,
      `Bearer other, Bearer ${key}`,
      `Bearer ${OPERATOR_KEY}`,
      `Basic x, Bearer ${OPERATOR_KEY}`,
    ]) {
      expect(await passed(secret)).toBeNull();
    }
    for (const own of ['Bearer sk_live_1', 'Basic YTpi']) expect(await passed(own)).toBe(own);
  });

  it('takes out what would let a tenant act for the whole origin', async () => {
    answer = () =>
      new Response('page', {
        status: 203,
        headers: [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
          ['clear-site-data', '"*"'],
          ['service-worker-allowed', '/'],
          ['access-control-allow-credentials', 'true'],
          ['access-control-allow-origin', '*'],
          ['strict-transport-security', 'max-age=1'],
          ['alt-svc', 'h2=":1"'],
          ['content-type', 'text/html'],
          ['x-own', 'kept'],
        ],
      });
    const response = await api.call('GET', '/t/shop/x');
    expect(response.status).toBe(203);
    expect(await response.text()).toBe('page');
    expect(Object.fromEntries(response.headers)).toEqual({
      'access-control-allow-origin': '*',
      'content-type': 'text/html',
      'x-own': 'kept',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
      'x-trace-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it("keeps its sandbox beside a policy of the tenant's", async () => {
    answer = () => new Response('', { headers: { 'content-security-policy': 'sandbox allow-same-origin' } });
    const response = await api.call('GET', '/t/shop/x');
    expect(response.headers.get('content-security-policy')).toBe('sandbox, sandbox allow-same-origin');
  });

  it('passes answers without a body on', async () => {
    answer = () => new Response(null, { status: 304, headers: { etag: '"1"' } });
    const response = await api.call('GET', '/t/shop/x');
    expect([response.status, response.headers.get('etag')]).toEqual([304, '"1"']);
  });

  it('tells of a tenant that is not there, or answers no requests', async () => {
    for (const path of ['/t/nobody/x', '/t/Not-a-name/x', '/t/%2e%2e%2fshop/x']) {
      expect(await codeOf(await api.call('GET', path))).toBe('tenant.not_found');
    }
    expect(await codeOf(await api.call('GET', '/t/'))).toBe('route.not_found');
    answer = () => {
      throw new TenonError('fetch.not_exported', 'The active version exports no default.fetch.');
    };
    expect(await codeOf(await api.call('GET', '/t/shop/x'))).toBe('fetch.not_exported');
  });

  it('refuses a body above 5 MB before the tenant sees any of it', async () => {
    const response = await api.call('POST', '/t/shop/x', { body: new Uint8Array(5_000_001) });
    expect([response.status, await codeOf(response)]).toEqual([413, 'payload.too_large']);
    expect(seen).toEqual([]);
  });

  it('answers the health check without a key', async () => {
    expect(await jsonOf(await api.call('GET', '/healthz'))).toEqual({ status: 'ok' });
    expect((await api.app.fetch(new Request(`${ORIGIN}/healthz?probe=1`))).status).toBe(200);
  });
});
