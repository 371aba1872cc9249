import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, createApi, jsonOf } from './api.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const NEW = /^[0-9a-f]{32}$/;

describe('the trace id', () => {
  let api: Api;
  let key: string;
  const traceOf = async (traceparent?: string): Promise<string> => {
    const headers = traceparent === undefined ? {} : { traceparent };
    return (await api.call('GET', '/healthz', { headers })).headers.get('x-trace-id') ?? '';
  };

  beforeAll(async () => {
    api = await createApi();
    key = (await api.makeTenant('ours')).key;
  });
  afterAll(() => api.close());

  it.each([`00-${TRACE}-${PARENT}-01`, `00-${TRACE}-${PARENT}-00`, `cc-${TRACE}-${PARENT}-01-more`])(
    "is the caller's: %s",
    async (traceparent) => {
      expect(await traceOf(traceparent)).toBe(TRACE);
    },
  );

  it.each([
    undefined,
    'nonsense',
    `ff-${TRACE}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
  ])('is a new one where the caller tells of none: %s', async (traceparent) => {
    const [one, other] = [await traceOf(traceparent), await traceOf(traceparent)];
    expect(one).toMatch(NEW);
    expect(one.toLowerCase()).not.toBe(TRACE);
    expect(other).not.toBe(one);
  });

  it('stands on refusals too', async () => {
    const response = await api.call('GET', '/v1/tenants', { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } });
    expect([response.status, response.headers.get('x-trace-id')]).toEqual([401, TRACE]);
  });

  it('stands in traceparent, too, with another id for each request', async () => {
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
    const ids = await Promise.all(
      [1, 2].map(async () => (await api.call('GET', '/healthz', { headers })).headers.get('traceparent')),
    );
    // Nobody is told of these requests.
    for (const id of ids) expect(id).toMatch(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-00$`));
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('is told by the document for each answer', async () => {
    const document = await jsonOf(await api.call('GET', '/v1/openapi.json'));
    const answers = Object.values<Record<string, { responses: Record<string, { headers?: object }> }>>(
      document.paths,
    ).flatMap((operations) => Object.values(operations).flatMap(({ responses }) => Object.values(responses)));
    expect(answers.length).toBeGreaterThan(0);
    for (const { headers = {} } of answers) {
      expect(Object.keys(headers).sort()).toEqual(Object.keys(document.components.headers).sort());
    }
    expect(Object.keys(document.components.headers).sort()).toEqual(['traceparent', 'x-trace-id']);
  });

  it('stays with the instances that the call creates', async () => {
    const path = '/v1/tenants/ours/workflows/Hello/instances';
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
    await api.call('POST', path, { key, headers, body: { id: 'one' } });
    await api.call('POST', `${path}/batch`, { key, headers, body: { instances: [{ id: 'two' }] } });
    for (const id of ['one', 'two']) {
      const { metadata } = await jsonOf(await api.call('GET', `${path}/${id}`, { key }));
      expect(metadata.traceId).toBe(TRACE);
    }
  });
});
