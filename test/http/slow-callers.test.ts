import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectionLimits, type HttpServer, serveHttp } from '../../lib/adapters/embedded/http-server.ts';

const SOON: Partial<ConnectionLimits> = { headersMs: 300, requestMs: 600 };

/** Real connections to a real server: what it gives to those who take their time. */
describe('a caller that', () => {
  const servers: HttpServer[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) await server.close();
  });

  const serve = async (limits: Partial<ConnectionLimits>, fetch = echo): Promise<HttpServer> => {
    const server = await serveHttp({ fetch, port: 0, host: '127.0.0.1', limits });
    servers.push(server);
    return server;
  };
  const echo = async (request: Request): Promise<Response> => new Response(await request.text());

  const open = async ({ url }: HttpServer, text = ''): Promise<Socket> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    // How the server lets go does not matter.
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    if (text !== '') socket.write(text);
    return socket;
  };
  /** All that comes until the connection ends. */
  const heard = async (socket: Socket): Promise<string> => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    await once(socket, 'close');
    return text;
  };

  it('never ends its headers is cut off, and so is one that says nothing', async () => {
    const server = await serve(SOON);
    const slow = heard(await open(server, 'GET / HTTP/1.1\r\nhost: x\r\nx-a: '));
    const silent = heard(await open(server));
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
    await silent;
  });

  it('sends one header after the other for ever has no more time than others', async () => {
    const server = await serve(SOON);
    const socket = await open(server, 'GET / HTTP/1.1\r\nhost: x\r\n');
    const dripping = setInterval(() => socket.write('x-a: b\r\n'), 20);
    const answer = await heard(socket);
    clearInterval(dripping);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('drips its body is cut off', async () => {
    const server = await serve(SOON);
    const socket = await open(server, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n');
    const dripping = setInterval(() => socket.write('x'), 20);
    await heard(socket);
    clearInterval(dripping);
  });

  it('keeps many connections waiting holds up nobody', async () => {
    const server = await serve({ headersMs: 60_000 });
    await Promise.all(Array.from({ length: 200 }, () => open(server, 'GET / HTTP/1.1\r\nhost: x\r\nx-a: ')));
    const answer = await fetch(server.url, { method: 'POST', body: 'hello' });
    expect(await answer.text()).toBe('hello');
  });

  it('never takes its answer is cut off, and what was there for it is let go', async () => {
    const gone = Promise.withResolvers<void>();
    const endless = async (): Promise<Response> =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)),
          cancel: () => gone.resolve(),
        }),
      );
    const server = await serve({ silenceMs: 200 }, endless);
    const socket = await open(server, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    socket.pause();
    await gone.promise;
  });

  it('sends too many headers is refused', async () => {
    const server = await serve({});
    const flood = Array.from({ length: 1_000 }, (_, index) => `x-header-${index}: value\r\n`).join('');
    const answer = await heard(await open(server, `GET / HTTP/1.1\r\nhost: x\r\n${flood}\r\n`));
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).not.toMatch(/node|\.ts|at /);
  });

  it('opens more connections than there may be is closed at once, and others go on', async () => {
    const server = await serve({ connections: 2 });
    const [first] = [await open(server), await open(server)];
    expect(await heard(await open(server))).toBe('');
    first.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await heard(first)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('calls is told of by its address', async () => {
    const addresses: (string | undefined)[] = [];
    const server = await serveHttp({
      fetch: async (_, { address }) => {
        addresses.push(address);
        return new Response();
      },
      port: 0,
      host: '127.0.0.1',
    });
    servers.push(server);
    await fetch(server.url);
    expect(addresses).toEqual(['127.0.0.1']);
  });
});
