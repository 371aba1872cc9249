import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, serveHttp } from '../../lib/adapters/embedded/http-server.ts';
import { type Api, codeOf, createApi, jsonOf, OPERATOR_KEY } from './api.ts';

const INSTANCES = '/v1/tenants/ours/workflows/Hello/instances';

/** What a server makes of the wire is not what `new Request` makes: the same layer, through the real one. */
describe('behind a real server', () => {
  let api: Api;
  let server: HttpServer;
  let url: string;

  beforeAll(async () => {
    api = await createApi({
      handleTenantRequest: async ({ request, path }) =>
        Response.json({ path, body: await request.text(), authorization: request.headers.get('authorization') }),
    });
    await api.makeTenant('ours');
    server = await serveHttp({ fetch: api.app.fetch, port: 0, host: '127.0.0.1' });
    url = server.url;
  });
  afterAll(async () => {
    await server.close();
    api.close();
  });

  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${OPERATOR_KEY}`, ...init.headers } });

  /** Writes bytes to the wire as they are and gives the first line of the answer. */
  const raw = async (text: string): Promise<string> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(text);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return chunk.toString('latin1').split('\r\n')[0] ?? '';
  };

  it('reads bodies with a length and in chunks', async () => {
    const whole = await send(INSTANCES, { method: 'POST', body: '{"id":"whole","params":1}' });
    expect(whole.status).toBe(201);
    const body = new Blob(['{"id":"chunked",', '"params":"é"}']).stream();
    const chunked = await send(INSTANCES, { method: 'POST', body, duplex: 'half' });
    expect(chunked.status).toBe(201);
    expect((await jsonOf(await send(`${INSTANCES}/chunked`))).params).toBe('é');
  });

  it('refuses a body above the limit, told or in chunks, and goes on serving', async () => {
    const large = new Uint8Array(5_000_001).fill(0x20);
    const told = await send(INSTANCES, { method: 'POST', body: large }).catch((error: unknown) => error);
    if (told instanceof Response) expect(await codeOf(told)).toBe('payload.too_large');
    const head = `POST ${INSTANCES} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${OPERATOR_KEY}\r\n`;
    expect(await raw(`${head}content-length: 5000001\r\n\r\n`)).toContain('413');
    const chunk = `${(1_000_000).toString(16)}\r\n${' '.repeat(1_000_000)}\r\n`;
    expect(await raw(`${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(6)}`)).toContain('413');
    expect((await send('/healthz')).status).toBe(200);
  });

  it('answers addresses that are no addresses', async () => {
    const head = `HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${OPERATOR_KEY}\r\n\r\n`;
    expect(await raw(`GET /v1/tenants/%zz ${head}`)).toContain('400');
    expect(await raw(`GET /v1/tenants/%00 ${head}`)).toContain('404');
    expect(await raw(`GET /v1/tenants/../tenants/ours ${head}`)).toContain('200');
    expect(await raw(`TRACE /t/ours/x ${head}`)).toContain('405');
  });

  it('answers HEAD with headers alone', async () => {
    const response = await send('/v1/tenants/ours', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('goes on serving when a caller that waited has gone', async () => {
    const gone = new AbortController();
    const waiting = send(`${INSTANCES}/whole?wait=20`, { signal: gone.signal });
    while (api.deps.watch.size === 0) await new Promise(setImmediate);
    gone.abort();
    await expect(waiting).rejects.toThrow();
    expect((await send('/healthz')).status).toBe(200);
  });

  it('passes requests through the front door without our key', async () => {
    const response = await send('/t/ours/a%2fb/?q=1', { method: 'POST', body: 'hello' });
    expect(await response.json()).toEqual({ path: '/a%2fb/?q=1', body: 'hello', authorization: null });
    expect(response.headers.get('content-security-policy')).toBe('sandbox');
  });

  it('tells nothing of ours in any of it', () => {
    expect(api.errors).toEqual([]);
  });
});
