import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import type { Api } from '../conformance/api.ts';
import { type Detail, workflow } from '../conformance/world.ts';
import { assertSaysNothingOfTheHost } from './hostile-turns.ts';
import { attack } from './registry.ts';

const PLAIN = workflow('return 1;');

/** Every call of the OpenAPI document that asks for a key, with `{tenant}` filled in. */
const callsOf = async (api: Api, tenant: string): Promise<readonly (readonly [method: string, path: string])[]> => {
  const { body } = await api.expect(200, 'GET', '/v1/openapi.json');
  return Object.entries(body.paths as Record<string, Record<string, { security?: unknown[] }>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods)
        .filter(([, { security }]) => security === undefined || security.length > 0)
        .map(
          ([method]) => [method.toUpperCase(), path.replace('{tenant}', tenant).replaceAll(/\{[^}]+\}/g, 'W')] as const,
        ),
  );
};

attack('api', 'every call without a key, with a bad one, and with that of another tenant', async (world) => {
  const victim = await world.deployed(PLAIN);
  const other = await world.tenant();
  const calls = await callsOf(world.operator, victim.id);
  let refused = 0;
  for (const [method, path] of calls) {
    for (const key of [null, 'tk_nonsense', `${victim.id}`]) {
      const { status, text } = await world.operator.call(method, path, { key });
      // So many of them may be told to wait.
      const told = `${method} ${path} with ${key === null ? 'no key' : 'a bad key'}: ${status}`;
      assert.ok(status === 401 || status === 429, told);
      assertSaysNothingOfTheHost(text);
      refused += 1;
    }
    const { status } = await other.api.call(method, path);
    assert.ok([403, 404].includes(status), `${method} ${path} by another tenant: ${status}`);
    refused += 1;
  }
  assert.ok(calls.length > 30);
  return `${refused} of ${refused} refused`;
});

attack('api', 'ids with slashes, dots, nulls and bytes that are no text', async (world) => {
  const tenant = await world.deployed(PLAIN);
  const ids = [
    '..%2f..%2fother',
    '%2e%2e',
    '%00',
    'a%2fb',
    '%ff%fe',
    'W;x=1',
    '%F0%9F%92%A9',
    'x'.repeat(5_000),
    '__proto__',
    'constructor',
  ];
  for (const id of ids) {
    for (const path of [
      `${tenant.instances()}/${id}`,
      `${tenant.path}/workflows/${id}`,
      `${tenant.path}/versions/${id}`,
      `/v1/tenants/${id}`,
    ]) {
      const { status, text } = await world.operator.call('GET', path);
      assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
      assertSaysNothingOfTheHost(text);
    }
  }
  return `${ids.length * 4} answered with 4xx`;
});

attack('api', 'bodies of 10 MB, of wrong types, and nested without end', async (world) => {
  const tenant = await world.deployed(PLAIN);
  const bodies = [
    `{"params":"${'x'.repeat(10_000_000)}"}`,
    `{"params":${'['.repeat(100_000)}`,
    '[]',
    '"text"',
    'null',
    '{"id":5}',
    '{"params":1,"params2":2}',
    '\u0000',
  ];
  for (const body of bodies) {
    const { status, text } = await tenant.api.call('POST', tenant.instances(), {
      raw: new TextEncoder().encode(body),
      headers: { 'content-type': 'application/json' },
    });
    assert.ok(status >= 400 && status < 500, `${body.slice(0, 20)}: ${status}`);
    assertSaysNothingOfTheHost(text);
  }
  return `${bodies.length} answered with 4xx`;
});

attack('api', 'upload links that are altered, used twice, or get something else', async (world) => {
  const tenant = await world.tenant();
  const bytes = new TextEncoder().encode(PLAIN);
  const { body } = await tenant.link(bytes);
  const put = (url: string, raw: Uint8Array): Promise<Detail> =>
    tenant.api.call('PUT', url, { raw, headers: body.upload.headers, key: null });
  const { url } = body.upload;
  const wrong = [
    await put(
      url.replace(/.$/, (last: string) => (last === 'A' ? 'B' : 'A')),
      bytes,
    ),
    await put(url, new TextEncoder().encode(`${PLAIN}// more`)),
    await put(url, new TextEncoder().encode(PLAIN.replace('1', '2'))),
  ];
  for (const { status } of wrong) assert.ok(status >= 400 && status < 500, String(status));
  assert.ok((await put(url, bytes)).status < 300);
  const again = await put(url, bytes);
  assert.ok(again.status >= 400 && again.status < 500, String(again.status));
  return `${wrong.length + 1} refused`;
});

attack('api', 'a bomb of zeros in a zip', async (world) => {
  const tenant = await world.tenant();
  const bundle = await tenant.upload(zipOf('index.ts', 2_000_000_000), { contentType: 'application/zip' });
  assert.equal(bundle.status, 'rejected');
  assertSaysNothingOfTheHost(bundle.problems);
  return `rejected: ${bundle.problems[0].code}`;
});

for (const [what, name] of [
  ['climbs out of its folder', '../../index.ts'],
  ['names a place of the host', '/etc/index.ts'],
] as const) {
  attack('api', `a zip that ${what}`, async (world) => {
    const tenant = await world.tenant();
    const bundle = await tenant.upload(zipOf(name, 10), { contentType: 'application/zip' });
    assert.equal(bundle.status, 'rejected');
    return `rejected: ${bundle.problems[0].code}`;
  });
}

attack('api', 'two thousand guesses at a key', async (world) => {
  const tenant = await world.tenant();
  let waits = 0;
  for (let round = 0; round < 40; round += 1) {
    const guesses = Array.from({ length: 50 }, () => world.operator.call('GET', tenant.path, { key: `tk_${round}` }));
    for (const { status } of await Promise.all(guesses)) {
      assert.ok(status === 401 || status === 429, String(status));
      if (status === 429) waits += 1;
    }
    await tenant.api.expect(200, 'GET', tenant.path);
  }
  return `all refused, ${waits} of them told to wait; a good key was let in all along`;
});

attack('api', 'two hundred connections that say nothing more', async (world) => {
  const { hostname, port } = new URL(world.operator.url);
  const sockets = Array.from({ length: 200 }, () => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.write('POST /v1/tenants HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n');
    return socket;
  });
  try {
    const began = Date.now();
    await world.operator.expect(200, 'GET', '/v1/tenants');
    assert.ok(Date.now() - began < 2_000);
    return `others were answered within ${Date.now() - began} ms`;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

attack('api', 'headers of a megabyte', async (world) => {
  const { hostname, port } = new URL(world.operator.url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
    socket.setTimeout(20_000, () => reject(new Error('no answer')));
    socket.write('GET /v1/tenants HTTP/1.1\r\nHost: x\r\n');
    for (let index = 0; index < 1_000; index++) socket.write(`X-${index}: ${'x'.repeat(1_000)}\r\n`);
    socket.write('\r\n');
  });
  assert.match(answer, /^(?:HTTP\/1.1 431|$)/);
  return answer === '' ? 'the connection was closed' : '431';
});

/** A zip with one file of so many zeros, made by hand: no tool makes names like these. */
const zipOf = (name: string, size: number): Uint8Array => {
  const packed = deflateRawSync(Buffer.alloc(Math.min(size, 50_000_000)), { level: 9 });
  const bytes = Buffer.from(name);
  const entry = Buffer.alloc(30);
  entry.writeUInt32LE(0x04034b50, 0);
  entry.writeUInt16LE(20, 4);
  entry.writeUInt16LE(8, 8);
  entry.writeUInt32LE(packed.length, 18);
  entry.writeUInt32LE(size, 22);
  entry.writeUInt16LE(bytes.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(20, 4);
  central.writeUInt16LE(20, 6);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(size, 24);
  central.writeUInt16LE(bytes.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + bytes.length, 12);
  end.writeUInt32LE(entry.length + bytes.length + packed.length, 16);
  return Buffer.concat([entry, bytes, packed, central, bytes, end]);
};
