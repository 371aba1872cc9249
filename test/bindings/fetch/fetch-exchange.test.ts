import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { FetchGatewayOptions } from '../../../lib/bindings/fetch/fetch-gateway.ts';
import { type FetchOptions, headerOf, LocalServer, makeFetch, textOf } from './local-server.ts';

let closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
});

const serve = async (listener: RequestListener): Promise<LocalServer> => {
  const server = await new LocalServer(listener).start();
  closers.push(() => server.stop());
  return server;
};

/** `fetch` of a tenant that may reach exactly these servers. */
const reaching = (servers: readonly LocalServer[], options: FetchGatewayOptions = {}) => {
  const { fetch, close } = makeFetch({ allowPrivateEgress: true, ...options });
  closers.push(close);
  const allow = servers.map(({ host }) => host);
  return (url: string, more?: FetchOptions) => fetch({ allow }, url, more);
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a request', () => {
  it('carries method, headers and body, and nothing of the connection', async () => {
    const server = await serve((_, response) => response.end());
    const headers = [
      ['X-One', 'a'],
      ['x-one', 'b'],
      ['Cookie', 'c=1'],
      ['cookie', 'd=2'],
      ['Content-Length', '999'],
      ['Transfer-Encoding', 'chunked'],
      ['Connection', 'close'],
      ['Upgrade', 'websocket'],
      ['Proxy-Authorization', 'x'],
    ] as const;
    await reaching([server])(`http://${server.host}/`, { method: 'PATCH', headers, body: bytes('hé') });
    const [received] = server.received;
    expect(received).toMatchObject({ method: 'PATCH', body: 'hé' });
    expect(received?.headers).toMatchObject({ 'x-one': 'a, b', cookie: 'c=1; d=2', 'content-length': '3' });
    for (const name of ['transfer-encoding', 'upgrade', 'proxy-authorization']) {
      expect(received?.headers).not.toHaveProperty(name);
    }
  });

  it('says what it accepts where the code does not', async () => {
    const server = await serve((_, response) => response.end());
    const fetch = reaching([server]);
    await fetch(`http://${server.host}/`);
    await fetch(`http://${server.host}/`, {
      headers: [
        ['User-Agent', 'mine'],
        ['Accept', 'text/plain'],
      ],
    });
    expect(server.received[0]?.headers).toMatchObject({ accept: '*/*', 'user-agent': 'tenon' });
    expect(server.received[1]?.headers).toMatchObject({ accept: 'text/plain', 'user-agent': 'mine' });
  });

  it.each([
    ['a header with a line break', { headers: [['x', 'a\r\nhost: b']] as const }],
    ['a header with a name that is none', { headers: [['x y', 'a']] as const }],
    ['a header that is no text', { headers: [['x', 5]] as const }],
    ['a method that is none', { method: 'GET /' }],
    ['a method that opens a tunnel', { method: 'connect' }],
    ['a body where none may be', { body: new Uint8Array(1) }],
    ['a body that is no bytes', { method: 'POST', body: 'text' }],
    ['a body above 10 MB', { method: 'POST', body: new Uint8Array(10_000_001) }],
    ['a redirect mode that is none', { redirect: 'sometimes' }],
  ])('is refused with %s', async (_, more: FetchOptions) => {
    const server = await serve((_request, response) => response.end());
    await expect(reaching([server])(`http://${server.host}/`, more)).rejects.toThrow(TypeError);
    expect(server.received).toEqual([]);
  });
});

describe('an answer', () => {
  it('comes with status, headers one by one, and bytes', async () => {
    const server = await serve((_, response) => {
      response.writeHead(418, 'Short and stout', { 'set-cookie': ['a=1', 'b=2'], 'x-tea': 'yes' });
      response.end(new Uint8Array([0, 255]));
    });
    const response = await reaching([server])(`http://${server.host}/`);
    expect(response).toMatchObject({ status: 418, statusText: 'Short and stout', redirected: false });
    expect(response.body).toEqual(new Uint8Array([0, 255]));
    expect(response.headers.filter(([name]) => name === 'set-cookie')).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(headerOf(response, 'x-tea')).toBe('yes');
  });

  it.each([204, 304])('of status %i has no body', async (status) => {
    const server = await serve((_, response) => response.writeHead(status).end());
    expect((await reaching([server])(`http://${server.host}/`)).body).toBeNull();
  });

  it('to HEAD has no body, and the length that it would have', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-length': '5' }).end());
    const response = await reaching([server])(`http://${server.host}/`, { method: 'HEAD' });
    expect(response.body).toBeNull();
    expect(headerOf(response, 'content-length')).toBe('5');
  });

  it.each([
    ['gzip', gzipSync('hello')],
    ['br', brotliCompressSync('hello')],
    ['deflate', deflateSync('hello')],
    ['deflate, gzip', gzipSync(deflateSync('hello'))],
  ])('in %s is unpacked, and does not say so any more', async (encoding, packed) => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': packed.length }).end(packed),
    );
    const response = await reaching([server])(`http://${server.host}/`);
    expect(textOf(response)).toBe('hello');
    expect(headerOf(response, 'content-encoding')).toBeUndefined();
    expect(headerOf(response, 'content-length')).toBeUndefined();
  });

  it('in an encoding that we do not know stays as it is', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'own' }).end('hello'));
    const response = await reaching([server])(`http://${server.host}/`);
    expect([textOf(response), headerOf(response, 'content-encoding')]).toEqual(['hello', 'own']);
  });

  it('that cannot be unpacked fails and says so', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'));
    await expect(reaching([server])(`http://${server.host}/`)).rejects.toThrow('could not be unpacked');
  });

  it('of 10 MB arrives, and one byte more does not', async () => {
    const server = await serve((request, response) => response.end(Buffer.alloc(Number(request.url?.slice(1)))));
    const fetch = reaching([server]);
    expect((await fetch(`http://${server.host}/10000000`)).body?.byteLength).toBe(10_000_000);
    await expect(fetch(`http://${server.host}/10000001`)).rejects.toThrow('more than the limit of 10000000 bytes');
  });

  it('that never ends is stopped at the limit', async () => {
    const server = await serve((_, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        while (response.write(chunk));
        response.once('drain', more);
      };
      more();
    });
    await expect(reaching([server])(`http://${server.host}/`)).rejects.toThrow('more than the limit');
  });

  it('that unpacks to more than the limit is stopped on its way', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const server = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    await expect(reaching([server])(`http://${server.host}/`)).rejects.toThrow('more than the limit');
  });
});

describe('a redirect', () => {
  /** Answers `/<status>` with that status and a `location`, and everything else with what it got. */
  const redirecting =
    (location: () => string): RequestListener =>
    (request, response) => {
      const status = Number(request.url?.slice(1));
      if (status > 0) response.writeHead(status, { location: location() }).end('gone');
      else response.end('arrived');
    };

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ])('with %i turns %s into %s', async (status, method, after) => {
    const server = await serve(redirecting(() => '/end'));
    const body = method === 'HEAD' ? undefined : bytes('payload');
    const headers = [
      ['content-type', 'text/plain'],
      ['x-kept', 'yes'],
    ] as const;
    const response = await reaching([server])(`http://${server.host}/${status}`, { method, headers, body });
    expect(response).toMatchObject({ status: 200, redirected: true, url: `http://${server.host}/end` });
    const last = server.received[1];
    expect(last).toMatchObject({ method: after, body: after === method && body ? 'payload' : '' });
    expect(last?.headers['content-type']).toBe(after === method ? 'text/plain' : undefined);
    expect(last?.headers['x-kept']).toBe('yes');
  });

  it('to another origin leaves what is meant for the first one behind', async () => {
    const second = await serve((_, response) => response.end());
    const first = await serve((request, response) =>
      response.writeHead(302, { location: request.url === '/a' ? '/b' : `http://${second.host}/` }).end(),
    );
    const headers = [
      ['authorization', 'Bearer x'],
      ['cookie', 'a=1'],
      ['x-kept', 'yes'],
    ] as const;
    await reaching([first, second])(`http://${first.host}/a`, { headers });
    expect(first.received[1]?.headers).toMatchObject({ authorization: 'Bearer x', cookie: 'a=1' });
    expect(second.received[0]?.headers).not.toHaveProperty('authorization');
    expect(second.received[0]?.headers).not.toHaveProperty('cookie');
    expect(second.received[0]?.headers['x-kept']).toBe('yes');
  });

  it('to a host that the policy refuses is refused there', async () => {
    const secret = await serve((_, response) => response.end('secret'));
    const server = await serve(redirecting(() => `http://${secret.host}/`));
    await expect(reaching([server])(`http://${server.host}/302`)).rejects.toThrow(
      `fetch to ${secret.host} is refused: it is not on the tenant's allow-list`,
    );
    expect(secret.received).toEqual([]);
  });

  it.each(['http://169.254.169.254/', 'file:///etc/passwd', 'http://user:pw@127.0.0.1/', 'http://[', 'javascript:1'])(
    'to %s is refused',
    async (location) => {
      const server = await serve(redirecting(() => location));
      await expect(reaching([server])(`http://${server.host}/302`)).rejects.toThrow(
        /refused|no URL|URLs of|credentials/,
      );
    },
  );

  it('is followed 20 times and no more', async () => {
    const server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('arrived');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const fetch = reaching([server]);
    expect(textOf(await fetch(`http://${server.host}/20`))).toBe('arrived');
    await expect(fetch(`http://${server.host}/21`)).rejects.toThrow('redirected more than 20 times');
  });

  it('is given as it is with "manual", and fails with "error"', async () => {
    const server = await serve(redirecting(() => '/end'));
    const fetch = reaching([server]);
    const response = await fetch(`http://${server.host}/302`, { redirect: 'manual' });
    expect([response.status, headerOf(response, 'location'), textOf(response)]).toEqual([302, '/end', 'gone']);
    await expect(fetch(`http://${server.host}/302`, { redirect: 'error' })).rejects.toThrow(TypeError);
    expect(server.received).toHaveLength(2);
  });

  it('without a place to go is an answer', async () => {
    const server = await serve((_, response) => response.writeHead(302).end('nowhere'));
    const response = await reaching([server])(`http://${server.host}/`);
    expect([response.status, textOf(response), response.redirected]).toEqual([302, 'nowhere', false]);
  });
});

describe('a request that does not succeed', () => {
  it('is given up when its attempt ends', async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort());
    await expect(reaching([server])(`http://${server.host}/`, { signal: controller.signal })).rejects.toThrow(
      'fetch was given up: its attempt has ended',
    );
  });

  it('is given up in the middle of an answer too', async () => {
    const controller = new AbortController();
    const server = await serve((_, response) => {
      response.write('first', () => setImmediate(() => controller.abort()));
    });
    await expect(reaching([server])(`http://${server.host}/`, { signal: controller.signal })).rejects.toThrow(
      'given up',
    );
  });

  it('is given up while a name is looked up', async () => {
    const controller = new AbortController();
    const resolver = {
      resolve: () => {
        controller.abort();
        return new Promise<never>(() => {});
      },
    };
    const { fetch, close } = makeFetch({ resolver });
    closers.push(close);
    await expect(fetch('public', 'http://slow.test/', { signal: controller.signal })).rejects.toThrow('given up');
  });

  it('ends at its time limit, whatever the server does', async () => {
    const server = await serve((_, response) => response.write('and then nothing'));
    await expect(reaching([server], { timeoutMs: 100 })(`http://${server.host}/`)).rejects.toThrow(
      `fetch to ${server.host} took longer than the limit of 100 ms`,
    );
  });

  it('says why, and no address', async () => {
    const server = await new LocalServer(() => {}).start();
    const { port, host } = server;
    const names = { resolve: async (name: string) => (name === 'app.test' ? ['127.0.0.1'] : []) };
    const { fetch, close } = makeFetch({ allowPrivateEgress: true, resolver: names });
    closers.push(close);
    await server.stop();
    const url = `http://app.test:${port}/`;
    const refused = fetch({ allow: [`app.test:${port}`] }, url);
    await expect(refused).rejects.toThrow(`fetch to app.test:${port} failed: the connection was refused`);
    await expect(refused).rejects.not.toThrow(host);
    await expect(fetch('public', 'http://gone.test/')).rejects.toThrow('the name could not be resolved');
  });

  it('says so where the other side speaks no HTTP, or no TLS', async () => {
    const talker = createServer((socket) => {
      socket.on('error', () => {}).resume();
      socket.end('220 mail.test ESMTP\r\n');
    });
    await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => talker.close(resolve)));
    const { port } = talker.address() as { port: number };
    const { fetch, close } = makeFetch({ allowPrivateEgress: true });
    closers.push(close);
    const egress = { allow: [`127.0.0.1:${port}`] };
    await expect(fetch(egress, `http://127.0.0.1:${port}/`)).rejects.toThrow('the answer is not valid HTTP');
    await expect(fetch(egress, `https://127.0.0.1:${port}/`)).rejects.toThrow('no secure connection could be made');
  });
});
