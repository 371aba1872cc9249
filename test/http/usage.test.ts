import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi, OPERATOR_KEY } from './api.ts';

let api: Awaited<ReturnType<typeof createApi>>;

beforeEach(async () => {
  api = await createApi();
  await api.call('POST', '/v1/tenants', { key: OPERATOR_KEY, body: { id: 'acme' } });
});
afterEach(() => api.close());

interface Report {
  readonly total: { readonly units: object; readonly price: number };
  readonly days: readonly object[];
  readonly currency: string;
}

const read = (query = '') => api.call('GET', `/v1/tenants/acme/usage${query}`, { key: OPERATOR_KEY });

describe('GET usage', () => {
  it('counts the requests in the name of the tenant, this one among them once it is written down', async () => {
    await read();
    await read();
    await api.deps.usage.flush(api.deps.usageStore, 0);
    const { total, days, currency } = (await (await read()).json()) as Report;
    expect(total.units).toEqual({ instances: 0, steps: 0, cpuMs: 0, bytes: 0, requests: 2 });
    expect(total.price).toBeGreaterThan(0);
    expect(days).toEqual([{ day: '2026-11-20', ...total }]);
    expect(currency).toBe('USD');
  });

  it('is of the last thirty days where nothing is said', async () => {
    expect(await (await read()).json()).toMatchObject({
      from: '2026-10-22',
      to: '2026-11-20',
      workflows: [],
      days: [],
    });
  });

  it.each([
    ['?from=yesterday', 'from'],
    ['?to=2026-13-01T00:00:00Z', 'to'],
    ['?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['?since=2026-01-01T00:00:00Z', 'since'],
  ])('refuses %s', async (query, path) => {
    const response = await read(query);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'request.invalid', errors: [{ path }] });
  });
});
