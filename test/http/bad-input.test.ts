import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, codeOf, createApi, fieldsOf, jsonOf } from './api.ts';

const INSTANCES = '/v1/tenants/ours/workflows/Hello/instances';
const BUNDLE = { size: 10, sha256: 'a'.repeat(64), contentType: 'text/typescript' };

describe('bad input', () => {
  let api: Api;
  beforeAll(async () => {
    api = await createApi();
    await api.makeTenant('ours');
    await api.asOperator('POST', INSTANCES, { id: 'x' });
  });
  afterAll(() => api.close());

  it.each([
    ['no JSON', '{"id":'],
    ['nothing where fields are needed', undefined],
    ['a word', 'hello'],
    ['a byte order mark', '\ufeff{}'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['half a surrogate pair in UTF-8', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])('%s is malformed', async (_, body) => {
    const response = await api.asOperator('POST', '/v1/tenants', body);
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe('request.malformed');
  });

  it.each<[string, string, unknown, string]>([
    ['POST', '/v1/tenants', {}, 'id'],
    ['POST', '/v1/tenants', [], ''],
    ['POST', '/v1/tenants', { id: 'UPPER' }, 'id'],
    ['POST', '/v1/tenants', { id: '-a' }, 'id'],
    ['POST', '/v1/tenants', { id: 'a'.repeat(64) }, 'id'],
    ['POST', '/v1/tenants', { id: 'a\n' }, 'id'],
    ['POST', '/v1/tenants', { id: 7 }, 'id'],
    ['POST', '/v1/tenants', { id: 'a', plan: 'gold' }, 'plan'],
    ['POST', '/v1/tenants', { id: 'a', limits: { cpu: 1 } }, 'limits.cpu'],
    ['POST', '/v1/tenants', { id: 'a', limits: { steps: 25_001 } }, 'limits.steps'],
    ['POST', '/v1/tenants', { id: 'a', limits: { cpuMs: 1.5 } }, 'limits.cpuMs'],
    ['POST', '/v1/tenants', { id: 'a', isolation: 'none' }, 'isolation'],
    ['POST', '/v1/tenants', '{"id":"a","__proto__":{"x":1}}', '__proto__'],
    ['PATCH', '/v1/tenants/ours', { id: 'b' }, 'id'],
    ['PATCH', '/v1/tenants/ours', { suspended: 'yes' }, 'suspended'],
    ['POST', '/v1/tenants/ours/keys', { name: 'x' }, 'name'],
    ['PUT', '/v1/tenants/ours/env/A', { value: 1 }, 'value'],
    ['PUT', '/v1/tenants/ours/env/A', { secret: true }, 'value'],
    ['PUT', '/v1/tenants/ours/env/a-b', { value: 'x' }, 'NAME'],
    ['POST', '/v1/tenants/ours/bundles', { ...BUNDLE, size: 0 }, 'size'],
    ['POST', '/v1/tenants/ours/bundles', { ...BUNDLE, size: '10' }, 'size'],
    ['POST', '/v1/tenants/ours/bundles', { ...BUNDLE, sha256: 'a' }, 'sha256'],
    ['POST', '/v1/tenants/ours/bundles', { ...BUNDLE, contentType: 'text/plain' }, 'contentType'],
    ['POST', '/v1/tenants/ours/bundles', { ...BUNDLE, name: 'x' }, 'name'],
    ['PATCH', '/v1/tenants/ours/workflows/Hello', { limits: { steps: 25_001 } }, 'limits.steps'],
    ['PATCH', '/v1/tenants/ours/workflows/Hello', { retention: { success: '5 bananas' } }, 'retention.success'],
    ['PATCH', '/v1/tenants/ours/workflows/Hello', { retention: { error: 0 } }, 'retention.error'],
    ['PATCH', '/v1/tenants/ours/workflows/Hello', { determinism: 'maybe' }, 'determinism'],
    ['POST', INSTANCES, { id: '' }, 'id'],
    ['POST', INSTANCES, { id: '-a' }, 'id'],
    ['POST', INSTANCES, { id: 'a/b' }, 'id'],
    ['POST', INSTANCES, { id: 'a.b' }, 'id'],
    ['POST', INSTANCES, { id: 'a\u0000' }, 'id'],
    ['POST', INSTANCES, { id: 'a'.repeat(101) }, 'id'],
    ['POST', INSTANCES, { id: 7 }, 'id'],
    ['POST', INSTANCES, { param: 1 }, 'param'],
    ['POST', INSTANCES, { retention: 'banana' }, 'retention'],
    ['POST', INSTANCES, { retention: -1 }, 'retention'],
    ['POST', INSTANCES, '{"params":{"a":[1,{"__proto__":{}}]}}', 'params.a[1].__proto__'],
    ['POST', INSTANCES, '{"params":{"\\u005f_proto__":1}}', 'params.__proto__'],
    ['POST', `${INSTANCES}/batch`, { instances: [] }, 'instances'],
    ['POST', `${INSTANCES}/batch`, {}, 'instances'],
    ['POST', `${INSTANCES}/batch`, { instances: [{}], count: 1 }, 'instances'],
    ['POST', `${INSTANCES}/batch`, { instances: [{}], params: 1 }, 'params'],
    ['POST', `${INSTANCES}/batch`, { instances: Array.from({ length: 101 }, () => ({})) }, 'instances'],
    ['POST', `${INSTANCES}/batch`, { instances: [{ id: 'ok' }, { id: '.' }] }, 'instances[1].id'],
    ['POST', `${INSTANCES}/batch`, { count: 0 }, 'count'],
    ['POST', `${INSTANCES}/batch`, { count: 101 }, 'count'],
    ['POST', `${INSTANCES}/batch/delete`, { ids: [] }, 'ids'],
    ['POST', `${INSTANCES}/batch/delete`, { ids: [1] }, 'ids[0]'],
    ['POST', `${INSTANCES}/x/events/go`, '[{"__proto__":1}]', '[0].__proto__'],
    ['POST', `${INSTANCES}/x/events/${'a'.repeat(101)}`, 1, 'type'],
  ])('%s %s with %j names the field %j', async (method, path, body, field) => {
    const response = await api.asOperator(method, path, body);
    expect([response.status, await codeOf(response)]).toEqual([422, 'request.invalid']);
    expect(await fieldsOf(response)).toEqual([field]);
  });

  it.each([
    ['?wait=21', 'wait'],
    ['?wait=-1', 'wait'],
    ['?wait=1.5', 'wait'],
    ['?wait=', 'wait'],
    ['?wait=1e1', 'wait'],
    ['?wait=%201', 'wait'],
    ['?wait=ten', 'wait'],
    ['?wait=1&wait=1', 'wait'],
    ['?until=1', 'until'],
    ['?__proto__=1', '__proto__'],
  ])('an instance read with %s names the field', async (query, field) => {
    const response = await api.asOperator('GET', `${INSTANCES}/x${query}`);
    expect([response.status, await fieldsOf(response)]).toEqual([422, [field]]);
    expect((await api.asOperator('POST', `${INSTANCES}${query}`, {})).status).toBe(422);
  });

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=201', 'limit'],
    ['?status=done', 'status'],
    ['?from=yesterday', 'from'],
    ['?from=2026-01-01', 'from'],
    ['?to=2026-13-01T00:00:00Z', 'to'],
    ['?cursor=', 'cursor'],
    ['?cursor=xx', 'cursor'],
    ['?cursor=%00', 'cursor'],
    [`?cursor=${Buffer.from('[1e999,1]').toString('base64url')}`, 'cursor'],
  ])('a list with %s names the field', async (query, field) => {
    const response = await api.asOperator('GET', `${INSTANCES}${query}`);
    expect([response.status, await fieldsOf(response)]).toEqual([422, [field]]);
  });

  it.each(['?wait=%', '?wait=%ff', '?%e0%a4%a=1'])('a query of %s is malformed', async (query) => {
    expect(await codeOf(await api.asOperator('GET', `${INSTANCES}/x${query}`))).toBe('request.malformed');
  });

  it.each([
    ['/v1/tenants/..%2fours', 'tenant.not_found'],
    ['/v1/tenants/ours%00', 'tenant.not_found'],
    ['/v1/tenants/ours/workflows/a%2fb', 'workflow.not_found'],
    ['/v1/tenants/ours/workflows/__proto__', 'workflow.not_found'],
    [`${INSTANCES}/a%2fb`, 'instance.not_found'],
    [`${INSTANCES}/a%00b`, 'instance.not_found'],
    [`${INSTANCES}/..%2f..`, 'instance.not_found'],
    [`${INSTANCES}/${'a'.repeat(5_000)}`, 'instance.not_found'],
    ['/v1/tenants/ours/bundles/..%2fx', 'bundle.not_found'],
    ['/v1/tenants/', 'route.not_found'],
    ['/v1/tenants/ours/', 'route.not_found'],
    ['/v1//tenants', 'route.not_found'],
    ['/V1/tenants', 'route.not_found'],
    ['/', 'route.not_found'],
  ])('GET %s is %s', async (path, code) => {
    const response = await api.asOperator('GET', path);
    expect([response.status, await codeOf(response)]).toEqual([404, code]);
  });

  it('a body above 5 MB is refused, declared or not', async () => {
    const large = new Uint8Array(5_000_001).fill(0x20);
    const declared = await api.call('POST', INSTANCES, {
      key: 'operator-key-of-the-tests',
      body: '{}',
      headers: { 'content-length': '5000001' },
    });
    const streamed = await api.asOperator('POST', INSTANCES, large);
    for (const response of [declared, streamed]) {
      expect([response.status, await codeOf(response)]).toEqual([413, 'payload.too_large']);
    }
    const fits = new Uint8Array(5_000_000).fill(0x20);
    fits.set(Buffer.from('{}'));
    expect((await api.asOperator('POST', INSTANCES, fits)).status).toBe(201);
  });

  it('a body that never ends is let go at the limit', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 100_000;
        controller.enqueue(new Uint8Array(100_000).fill(0x20));
      },
    });
    const request = new Request(`http://127.0.0.1:8787${INSTANCES}`, {
      method: 'POST',
      headers: { authorization: 'Bearer operator-key-of-the-tests' },
      body,
      duplex: 'half',
    });
    expect((await api.app.fetch(request)).status).toBe(413);
    expect(sent).toBeLessThan(6_000_000);
  });

  it('a body that breaks off is malformed', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('ECONNRESET')),
    });
    const request = new Request(`http://127.0.0.1:8787${INSTANCES}`, {
      method: 'POST',
      headers: { authorization: 'Bearer operator-key-of-the-tests' },
      body,
      duplex: 'half',
    });
    const response = await api.app.fetch(request);
    expect([response.status, await codeOf(response)]).toEqual([400, 'request.malformed']);
  });

  it('the size of a body is looked at before its JSON, and that before its fields', async () => {
    const large = `{"nope":${' '.repeat(5_000_000)}`;
    expect(await codeOf(await api.asOperator('POST', INSTANCES, large))).toBe('payload.too_large');
    expect(await codeOf(await api.asOperator('POST', INSTANCES, '{"nope":'))).toBe('request.malformed');
  });

  it.each([499, 500, 100_000])('params %i levels deep do not break anything', async (depth) => {
    const params = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const response = await api.asOperator('POST', INSTANCES, `{"params":${params}}`);
    expect(response.status).toBe(depth < 500 ? 201 : 422);
  });

  it('settings of which one is wrong are refused whole', async () => {
    for (const body of [
      { concurrency: { limit: 0 } },
      { schedules: [{ cron: '* * * * *' }], concurrency: { limit: 1_001 } },
    ]) {
      const response = await api.asOperator('PATCH', '/v1/tenants/ours/workflows/Hello', body);
      expect([response.status, await codeOf(response)]).toEqual([422, 'request.invalid']);
    }
    const { schedules } = await jsonOf(await api.asOperator('GET', '/v1/tenants/ours/workflows/Hello'));
    expect(schedules).toEqual([]);
  });

  it('nothing was left behind or reported as our own fault', async () => {
    const { tenants } = await jsonOf(await api.asOperator('GET', '/v1/tenants'));
    expect(tenants.map(({ id }: { id: string }) => id)).toEqual(['ours']);
    expect((await jsonOf(await api.asOperator('GET', '/v1/tenants/ours/env'))).env).toEqual([]);
    expect(api.errors).toEqual([]);
  });
});
