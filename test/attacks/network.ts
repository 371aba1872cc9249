import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TenantWorld, World } from '../conformance/world.ts';
import { workflow } from '../conformance/world.ts';
import { assertSaysNothingOfTheHost, ended } from './hostile-turns.ts';
import { attack } from './registry.ts';

const ASKS = workflow(`return step.do('ask', { retries: { limit: 0, delay: 0 } }, async () => {
  try {
    const response = await fetch(event.payload, { redirect: 'follow' });
    return 'answered ' + response.status + ' ' + (await response.text()).slice(0, 20);
  } catch (error) {
    return 'refused: ' + error.message;
  }
});`);

const ask = async (tenant: TenantWorld, url: string): Promise<string> => {
  const instance = await tenant.create(url);
  const { output } = await ended(tenant, instance.id);
  assertSaysNothingOfTheHost(output);
  return output;
};

const refused = async (world: World, egress: unknown, urls: readonly string[]): Promise<string> => {
  const tenant = await world.deployed(ASKS, { egress });
  for (const url of urls) assert.match(await ask(tenant, url), /^refused: /, url);
  return `${urls.length} of ${urls.length} refused`;
};

const FORMS: readonly (readonly [what: string, hosts: readonly string[]])[] = [
  ['loopback', ['127.0.0.1', '127.1', '2130706433', '0177.0.0.1', '0x7f.0.0.1', '0x7f000001', 'localhost', '[::1]']],
  ['loopback within IPv6', ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[::127.0.0.1]']],
  ['private networks', ['10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '[fc00::1]', '[fe80::1]']],
  [
    'the metadata address',
    [
      '169.254.169.254',
      '2852039166',
      '0xa9fea9fe',
      '0251.0376.0251.0376',
      '[::ffff:169.254.169.254]',
      '[fd00:ec2::254]',
    ],
  ],
  ['no address', ['0.0.0.0', '0', '[::]', '255.255.255.255', '224.0.0.1']],
];
for (const [what, hosts] of FORMS) {
  attack('network', `${what}, in each way of writing it`, (world) =>
    refused(
      world,
      'public',
      hosts.map((host) => `http://${host}/latest/meta-data/`),
    ),
  );
}

attack('network', 'the runtime API of a Lambda', (world) =>
  refused(world, 'public', ['http://127.0.0.1:9001/2018-06-01/runtime/invocation/next', 'http://localhost:9001/']),
);
attack('network', 'the metadata address, where an allow-list names it', (world) =>
  refused(world, { allow: ['169.254.169.254', '[fd00:ec2::254]'] }, [
    'http://169.254.169.254/',
    'http://[fd00:ec2::254]/',
  ]),
);
attack('network', 'anything at all, for a tenant that may reach nothing', (world) =>
  refused(world, 'none', ['http://example.com/', 'https://1.1.1.1/', 'http://127.0.0.1/']),
);
attack('network', 'ports that no entry names, and what is no web at all', (world) =>
  refused(world, 'public', [
    'http://example.com:22/',
    'http://example.com:6379/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
  ]),
);

attack('network', 'redirects to where it may not go', async (world) => {
  const secret = createServer((_, response) => response.end('the secret'));
  const other = await listen(secret);
  const redirecting = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://x').searchParams.get('to') ?? '/';
    response.writeHead(302, { location: to }).end();
  });
  const port = await listen(redirecting);
  try {
    const targets = [
      `http://127.0.0.1:${other}/`,
      `http://localhost:${other}/`,
      'http://169.254.169.254/',
      'file:///etc/passwd',
    ];
    return await refused(
      world,
      { allow: [`127.0.0.1:${port}`] },
      targets.map((to) => `http://127.0.0.1:${port}/?to=${encodeURIComponent(to)}`),
    );
  } finally {
    for (const server of [secret, redirecting]) {
      server.closeAllConnections();
      server.close();
    }
  }
});

attack('network', 'an answer without end', async (world) => {
  const server = createServer((_, response) => {
    const more = (): void => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more);
    };
    more();
  });
  const port = await listen(server);
  try {
    const tenant = await world.deployed(ASKS, { egress: { allow: [`127.0.0.1:${port}`] } });
    const end = await ask(tenant, `http://127.0.0.1:${port}/`);
    assert.match(end, /^refused: /);
    return end.slice(0, 80);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

const listen = async (server: ReturnType<typeof createServer>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
