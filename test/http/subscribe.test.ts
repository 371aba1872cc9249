import { afterEach, beforeEach, expect, it } from 'vitest';
import { newInstance } from '../contracts/instance-fixture.ts';
import { createApi, OPERATOR_KEY } from './api.ts';

let api: Awaited<ReturnType<typeof createApi>>;

beforeEach(async () => {
  api = await createApi();
  await api.call('POST', '/v1/tenants', { key: OPERATOR_KEY, body: { id: 'acme' } });
});
afterEach(() => api.close());

const start = async () => {
  const instance = newInstance(api.clock.at);
  await api.deps.instances.create(instance);
  const { tenant, workflow, id } = instance;
  const path = `/v1/tenants/${tenant}/workflows/${workflow}/instances/${id}/subscribe`;
  return { instance, key: { tenant, workflow, id }, path };
};

const listen = async (path: string) => {
  const headers = { authorization: `Bearer ${OPERATOR_KEY}`, accept: 'text/event-stream' };
  const response = await api.app.fetch(new Request(`http://127.0.0.1:8787${path}`, { headers }));
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const next = async (): Promise<string | undefined> => {
    const { done, value } = await reader.read();
    return done ? undefined : new TextDecoder().decode(value);
  };
  return { response, next, leave: () => reader.cancel() };
};

it('a stream goes on with what comes, and ends with the instance', async () => {
  const { instance, key, path } = await start();
  const { response, next } = await listen(path);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(await next()).toBe('retry: 250\n\n');
  expect(await next()).toMatch(/^id: 1\nevent: workflow_queued\ndata: \{.*\}\n\n$/);
  const coming = next();
  const at = api.clock.at;
  await api.deps.instances.append({
    key,
    incarnation: instance.incarnation,
    position: 0,
    records: [
      { kind: 'started', at },
      { kind: 'terminated', at },
    ],
  });
  api.deps.watch.announce(key);
  const text = (await coming) ?? '';
  expect(text.match(/^event: .*$/gm)).toEqual([
    'event: workflow_started',
    'event: workflow_running',
    'event: workflow_terminated',
  ]);
  expect(await next()).toBeUndefined();
});

it('a listener that leaves is listened for no more', async () => {
  const { path } = await start();
  const { next, leave } = await listen(path);
  await next();
  await next();
  const waiting = next();
  await leave();
  expect(await waiting).toBeUndefined();
  await expect.poll(() => api.deps.watch.size, { timeout: 3_000 }).toBe(0);
});
