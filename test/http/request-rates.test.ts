import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SECOND_MS } from '../../lib/core/limits.ts';
import { DEFAULT_RATES, networkOf } from '../../lib/http/request-rates.ts';
import { type Api, codeOf, createApi, OPERATOR_KEY } from './api.ts';

const ADDRESS = '192.0.2.1';

describe('requests without a good key', () => {
  let api: Api;
  let key: string;
  beforeEach(async () => {
    api = await createApi({ rates: { ...DEFAULT_RATES, withoutKey: { perSecond: 0.5, atOnce: 3 } } });
    ({ key } = await api.makeTenant('ours'));
  });
  afterEach(() => api.close());

  const guess = (address = ADDRESS, path = '/v1/tenants/ours') => api.call('GET', path, { key: 'a-guess', address });

  it('are told to wait from a number at once on, and from then on as fast as the rate allows', async () => {
    for (const _ of [1, 2, 3]) expect(await codeOf(await guess())).toBe('auth.invalid');
    const refused = await guess();
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'rate.limited']);
    expect(refused.headers.get('retry-after')).toBe('2');
    api.clock.at += SECOND_MS;
    expect((await guess()).status).toBe(429);
    api.clock.at += SECOND_MS;
    expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
  });

  it('count with none at all and with one that nobody could have, wherever they go', async () => {
    await api.call('GET', '/v1/tenants', { address: ADDRESS });
    await api.call('DELETE', '/v1/tenants/nobody', { address: ADDRESS, headers: { authorization: 'Basic x' } });
    await guess(ADDRESS, '/v1/audit');
    expect((await api.call('GET', '/v1/tenants', { address: ADDRESS })).status).toBe(429);
  });

  it('shut out no other address, and nobody at that address who has a good key', async () => {
    for (const _ of [1, 2, 3, 4]) await guess();
    expect((await guess('192.0.2.2')).status).toBe(401);
    for (const good of [key, OPERATOR_KEY]) {
      expect((await api.call('GET', '/v1/tenants/ours', { key: good, address: ADDRESS })).status).toBe(200);
    }
  });

  it('are counted by the network of an IPv6 address, and are not where no address is known', async () => {
    for (const end of ['1', 'ffff', '1:2:3:4']) await guess(`2001:db8::${end}`);
    expect((await guess('2001:db8:0:0:9:9:9:9')).status).toBe(429);
    expect((await guess('2001:db8:0:1::1')).status).toBe(401);
    for (const _ of [1, 2, 3, 4]) expect((await api.call('GET', '/v1/tenants')).status).toBe(401);
  });
});

describe('requests of a tenant', () => {
  let api: Api;
  let key: string;
  let base: string;
  beforeEach(async () => {
    api = await createApi({
      rates: { ...DEFAULT_RATES, ofTenant: { perSecond: 2, atOnce: 2 } },
      handleTenantRequest: async () => new Response('a page'),
    });
    ({ key, base } = await api.makeTenant('ours'));
  });
  afterEach(() => api.close());

  it('are refused above its rate, its keys and its front door together, and go on after a while', async () => {
    expect((await api.call('GET', base, { key })).status).toBe(200);
    expect((await api.call('GET', '/t/ours/')).status).toBe(200);
    const refused = await api.call('GET', `${base}/env`, { key });
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'rate.limited']);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await api.call('GET', '/t/ours/')).status).toBe(429);
    api.clock.at += SECOND_MS;
    expect((await api.call('GET', base, { key })).status).toBe(200);
  });

  it('are not those of another tenant or of the operator', async () => {
    const theirs = await api.makeTenant('theirs');
    for (const _ of [1, 2, 3]) await api.call('GET', base, { key });
    expect((await api.call('GET', theirs.base, { key: theirs.key })).status).toBe(200);
    for (const _ of [1, 2, 3]) expect((await api.asOperator('GET', base)).status).toBe(200);
  });

  it('that are refused cost it nothing', async () => {
    for (const _ of [1, 2, 3, 4]) await api.call('GET', base, { key });
    await api.deps.usage.flush(api.deps.usageStore, 0);
    const day = new Date(api.clock.at).toISOString().slice(0, 10);
    const [row] = await api.deps.usageStore.read({ tenant: 'ours', fromDay: day, toDay: day });
    expect(row?.units.requests).toBe(2);
  });
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::', 'fe80:0:0:0'],
])('%s belongs to %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
