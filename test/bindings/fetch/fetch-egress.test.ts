import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostResolver } from '../../../lib/bindings/fetch/host-resolver.ts';
import { LocalServer, makeFetch, textOf } from './local-server.ts';

let server: LocalServer;
let closers: (() => Promise<void>)[] = [];

/** Names of this test's own; `at` may be changed between two calls. */
class NameTable implements HostResolver {
  readonly asked: string[] = [];
  readonly at: Record<string, readonly string[]>;
  constructor(at: Record<string, readonly string[]>) {
    this.at = at;
  }
  async resolve(host: string): Promise<readonly string[]> {
    this.asked.push(host);
    return this.at[host] ?? [];
  }
}

const makeGuarded = (...options: Parameters<typeof makeFetch>) => {
  const { fetch, close } = makeFetch(...options);
  closers.push(close);
  return fetch;
};

beforeEach(async () => {
  server = await new LocalServer((_, response) => response.end('hello')).start();
  closers = [() => server.stop()];
});
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
});

describe('egress', () => {
  it('reaches a loopback address that is named where private egress is allowed', async () => {
    const fetch = makeGuarded({ allowPrivateEgress: true });
    const response = await fetch({ allow: [server.host] }, `http://${server.host}/path?a=1`);
    expect([response.status, textOf(response)]).toEqual([200, 'hello']);
    expect(server.received[0]).toMatchObject({ url: '/path?a=1', headers: { host: server.host } });
  });

  it('does not reach it without that flag, and says what the operator has to do', async () => {
    const fetch = makeGuarded();
    await expect(fetch({ allow: [server.host] }, `http://${server.host}/`)).rejects.toThrow(
      `fetch to 127.0.0.1 is refused: it leads into a private network. The operator must name the host itself in the tenant's egress policy and run the service with --allow-private-egress.`,
    );
    expect(server.received).toEqual([]);
  });

  it('connects to the address that was checked, and asks there for the host that was meant', async () => {
    const names = new NameTable({ 'app.test': ['127.0.0.1'] });
    const fetch = makeGuarded({ allowPrivateEgress: true, resolver: names });
    const host = `app.test:${server.port}`;
    expect((await fetch({ allow: [host] }, `http://${host}/`)).status).toBe(200);
    expect(server.received[0]?.headers.host).toBe(host);
    expect(names.asked).toEqual(['app.test']);
  });

  it.each([
    ['127.0.0.1'],
    ['10.0.0.7'],
    ['192.168.0.1'],
    ['100.64.0.1'],
    ['::1'],
    ['fd12::1'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::7f00:1'],
  ])('refuses a public name that leads to %s, and does not tell the address', async (address) => {
    const names = new NameTable({ 'public.test': [address] });
    const fetch = makeGuarded({ allowPrivateEgress: true, resolver: names });
    const refused = fetch('public', 'http://public.test/');
    await expect(refused).rejects.toThrow('it leads into a private network');
    await expect(refused).rejects.not.toThrow(address);
  });

  it.each([['169.254.169.254'], ['fd00:ec2::254'], ['169.254.170.2'], ['::ffff:a9fe:a9fe'], ['100.100.100.200']])(
    'never reaches the metadata address %s, named or not',
    async (address) => {
      const names = new NameTable({ 'meta.test': [address] });
      const fetch = makeGuarded({ allowPrivateEgress: true, resolver: names });
      const literal = address.includes(':') ? `[${address}]` : address;
      for (const host of ['meta.test', literal]) {
        await expect(fetch({ allow: [host] }, `http://${host}/latest`)).rejects.toThrow('metadata service');
        await expect(fetch('public', `http://${host}/latest`)).rejects.toThrow('metadata service');
      }
    },
  );

  it.each([['169.254.1.1'], ['fe80::1'], ['224.0.0.1'], ['0.0.0.0'], ['::'], ['2002:7f00:1::'], ['255.255.255.255']])(
    'never reaches %s, named or not',
    async (address) => {
      const names = new NameTable({ 'odd.test': [address] });
      const fetch = makeGuarded({ allowPrivateEgress: true, resolver: names });
      await expect(fetch({ allow: ['odd.test'] }, 'http://odd.test/')).rejects.toThrow('which no policy opens');
    },
  );

  it.each([
    ['2130706433'],
    ['0x7f000001'],
    ['0177.0.0.1'],
    ['127.1'],
    ['[::1]'],
    ['[::ffff:127.0.0.1]'],
    ['localhost'],
    ['127.0.0.1.'],
  ])('refuses this machine as %s', async (host) => {
    const names = new NameTable({ localhost: ['127.0.0.1', '::1'] });
    const fetch = makeGuarded({ allowPrivateEgress: true, resolver: names });
    await expect(fetch('public', `http://${host}/`)).rejects.toThrow('private network');
  });

  it('refuses a name of which one address is public and another is not', async () => {
    const names = new NameTable({ 'mixed.test': ['93.184.215.14', '127.0.0.1'] });
    const fetch = makeGuarded({ allowPrivateEgress: true, resolver: names });
    await expect(fetch('public', 'http://mixed.test/')).rejects.toThrow('private network');
  });

  it('refuses a private address behind a wildcard, which names nobody', async () => {
    const names = new NameTable({ 'a.corp.test': ['127.0.0.1'] });
    const fetch = makeGuarded({ allowPrivateEgress: true, resolver: names });
    const host = `a.corp.test:${server.port}`;
    await expect(fetch({ allow: [`*.corp.test:${server.port}`] }, `http://${host}/`)).rejects.toThrow(
      'name the host itself',
    );
    expect((await fetch({ allow: [host] }, `http://${host}/`)).status).toBe(200);
  });

  it('does not ask for the name of a host that the policy refuses', async () => {
    const names = new NameTable({});
    const fetch = makeGuarded({ resolver: names });
    await expect(fetch('none', 'http://secret-in-a-name.test/')).rejects.toThrow('"none"');
    await expect(fetch({ allow: ['a.test'] }, 'http://b.test/')).rejects.toThrow('allow-list');
    expect(names.asked).toEqual([]);
  });

  it('checks a name anew at each request: one that leads elsewhere by now is refused', async () => {
    const names = new NameTable({ 'flip.test': ['127.0.0.1'] });
    const fetch = makeGuarded({ allowPrivateEgress: true, resolver: names });
    const host = `flip.test:${server.port}`;
    await fetch({ allow: [host] }, `http://${host}/`);
    names.at['flip.test'] = ['169.254.169.254'];
    await expect(fetch({ allow: [host] }, `http://${host}/`)).rejects.toThrow('metadata service');
    expect(server.received).toHaveLength(1);
  });

  it('uses a connection again for the same tenant, and never for another', async () => {
    const fetch = makeGuarded({ allowPrivateEgress: true });
    const get = (tenant: string) => fetch({ allow: [server.host] }, `http://${server.host}/`, { tenant });
    for (let count = 0; count < 5; count++) await get('ada');
    const ports = new Set(server.received.map(({ remotePort }) => remotePort));
    expect(ports.size).toBeLessThan(5);
    await get('bob');
    expect(ports).not.toContain(server.received[5]?.remotePort);
  });

  it('does not follow a Host header to anywhere', async () => {
    const fetch = makeGuarded({ allowPrivateEgress: true });
    await fetch({ allow: [server.host] }, `http://${server.host}/`, { headers: [['Host', 'internal.test']] });
    expect(server.received[0]?.headers.host).toBe(server.host);
  });

  it.each([
    ['file:///etc/passwd'],
    ['ftp://example.com/'],
    ['data:text/plain,hi'],
    ['//example.com/'],
    ['http://user:pw@example.com/'],
    [5],
  ])('refuses %s, which is no URL of http or https', async (url) => {
    await expect(makeGuarded()('public', url)).rejects.toThrow(TypeError);
  });
});

describe('an egress gateway', () => {
  it("gets the tenant's request as it is, and in headers where it was to go and on whose behalf", async () => {
    const fetch = makeGuarded({ allowPrivateEgress: true });
    const headers = [
      ['authorization', 'Bearer x'],
      ['Tenon-Tenant', 'eve'],
      ['tenon-anything', 'forged'],
    ] as const;
    const body = new TextEncoder().encode('payload');
    const gateway = `http://${server.host}/out?by=tenon`;
    const response = await fetch({ gateway }, 'https://api.test:8443/v1?a=1#part', { method: 'PUT', headers, body });
    expect(textOf(response)).toBe('hello');
    expect(response.url).toBe('https://api.test:8443/v1?a=1');
    expect(server.received[0]).toMatchObject({
      method: 'PUT',
      url: '/out?by=tenon',
      body: 'payload',
      headers: {
        host: server.host,
        authorization: 'Bearer x',
        'tenon-target-url': 'https://api.test:8443/v1?a=1',
        'tenon-tenant': 'ada',
        'tenon-version': 'v1',
        'tenon-workflow': 'Orders',
        'tenon-instance': 'order-1',
      },
    });
    expect(server.received[0]?.headers).not.toHaveProperty('tenon-anything');
  });

  it('needs the flag where it stands in a private network, and is not named to the tenant', async () => {
    const refused = makeGuarded()({ gateway: `http://${server.host}/` }, 'https://api.test/');
    await expect(refused).rejects.toThrow('fetch to the egress gateway is refused');
    await expect(refused).rejects.not.toThrow('127.0.0.1');
  });

  it('sees each redirect as a request of its own', async () => {
    const redirecting = await new LocalServer((request, response) => {
      const isFirst = request.headers['tenon-target-url'] === 'https://api.test/a';
      response.writeHead(isFirst ? 302 : 200, isFirst ? { location: '/b' } : {}).end();
    }).start();
    closers.push(() => redirecting.stop());
    const fetch = makeGuarded({ allowPrivateEgress: true });
    const response = await fetch({ gateway: `http://${redirecting.host}/` }, 'https://api.test/a');
    expect(response).toMatchObject({ status: 200, url: 'https://api.test/b', redirected: true });
    expect(redirecting.received.map(({ headers }) => headers['tenon-target-url'])).toEqual([
      'https://api.test/a',
      'https://api.test/b',
    ]);
  });
});
