import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RequestLogEntry } from '../../lib/ports/request-log.ts';
import { createApi, fieldsOf, jsonOf, OPERATOR_KEY } from './api.ts';

let api: Awaited<ReturnType<typeof createApi>>;
let written = 0;

beforeEach(async () => {
  api = await createApi();
  written = 0;
  await api.asOperator('POST', '/v1/tenants', { id: 'acme' });
});
afterEach(() => api.close());

const LOGS = '/v1/tenants/acme/logs';

/** A request to that path is over now, and a moment has gone by. */
const answer = async (path: string, more: Partial<RequestLogEntry> = {}): Promise<void> => {
  const at = api.clock.at;
  const id = String(++written).padStart(32, '0');
  const entry = { id, at: at - 12, endedAt: at, version: 'v1', method: 'GET', path, status: 200, lines: [] };
  await api.deps.requestLog.write('acme', { ...entry, ...more });
  api.clock.at += 1_000;
};

const read = async (query: string) => {
  const { requests, cursor } = await jsonOf(await api.asOperator('GET', `${LOGS}${query}`));
  return { paths: requests.map(({ path }: { path: string }) => path), requests, cursor };
};

it('follows what comes from now on, oldest first, each request once', async () => {
  await answer('/before');
  const begun = await read('?wait=0');
  expect(begun.paths).toEqual([]);
  for (const path of ['/a', '/b', '/c']) await answer(path);
  const first = await read(`?wait=0&after=${begun.cursor}&limit=2`);
  expect(first.paths).toEqual(['/a', '/b']);
  expect(first.requests[0].durationMs).toBe(12);
  const second = await read(`?after=${first.cursor}`);
  expect(second.paths).toEqual(['/c']);
  expect((await read(`?wait=0&after=${second.cursor}`)).cursor).toBe(second.cursor);
});

it('follows from a time on', async () => {
  await answer('/before');
  const from = new Date(api.clock.at).toISOString();
  await answer('/a');
  expect((await read(`?wait=0&from=${from}`)).paths).toEqual(['/a']);
});

it('waits for a request that comes while it looks', async () => {
  const coming = read('?wait=20');
  await answer('/late');
  expect((await coming).paths).toEqual(['/late']);
});

it('leaves out what is not settled: another may come to stand before it', async () => {
  const { cursor } = await read('?wait=0');
  await answer('/b', { id: 'f'.repeat(32) });
  api.clock.at -= 1_000;
  expect((await read(`?wait=0&after=${cursor}`)).paths).toEqual([]);
  await answer('/a');
  expect((await read(`?wait=0&after=${cursor}`)).paths).toEqual(['/a', '/b']);
});

it('keeps an answer below a megabyte, and goes on behind it', async () => {
  const { cursor } = await read('?wait=0');
  const lines = [{ at: api.clock.at, level: 'log' as const, message: 'x'.repeat(400_000) }];
  for (const path of ['/a', '/b', '/c']) await answer(path, { lines });
  const first = await read(`?wait=0&after=${cursor}`);
  expect(first.paths).toEqual(['/a', '/b']);
  expect((await read(`?wait=0&after=${first.cursor}`)).paths).toEqual(['/c']);
});

it('shows nothing of a tenant that had the same id before', async () => {
  await answer('/of the other');
  await api.deps.tenants.removeTenant('acme');
  await api.asOperator('POST', '/v1/tenants', { id: 'acme' });
  api.clock.at += 1_000;
  expect((await read('?wait=0&after=0')).paths).toEqual([]);
});

it('refuses to go both ways, and a place that no answer gave', async () => {
  const refused = async (query: string) => fieldsOf(await api.asOperator('GET', `${LOGS}${query}`));
  expect(await refused('?wait=0&cursor=x')).toEqual(['cursor']);
  expect(await refused('?after=0&to=2026-01-31T12:00:00Z')).toEqual(['to']);
  expect(await refused('?after=nonsense')).toEqual(['after']);
  expect(await refused('?wait=21')).toEqual(['wait']);
});

it('is a stream that goes on, and from where a client was cut off', async () => {
  const { cursor } = await read('?wait=0');
  await answer('/a');
  const listen = async (lastEventId: string) => {
    const headers = { authorization: `Bearer ${OPERATOR_KEY}`, accept: 'text/event-stream' };
    const request = new Request(`http://127.0.0.1:8787${LOGS}`, {
      headers: { ...headers, 'last-event-id': lastEventId },
    });
    const response = await api.app.fetch(request);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await next()).toBe('retry: 250\n\n');
    return { next, leave: () => reader.cancel() };
  };
  const stream = await listen(cursor);
  const [, id] = /^id: (\S+)\nevent: request\ndata: \{.*"path":"\/a".*\}\n\n$/.exec(await stream.next()) ?? [];
  const coming = stream.next();
  await answer('/b');
  expect(await coming).toContain('"path":"/b"');
  await stream.leave();
  const again = await listen(id ?? '');
  expect(await again.next()).toContain('"path":"/b"');
  await again.leave();
});
