import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { workflow } from './world.ts';

const answering = (code: string) => `${workflow('return 1;').replaceAll('LEDGER', '""')}
export default { async fetch(request, env) { ${code} } };`;

behaviour(
  'front door: the path after /t/{tenant}, query, method, headers and body reach default.fetch',
  async (world) => {
    const tenant = await world.deployed(
      answering(`const url = new URL(request.url);
    return Response.json({ method: request.method, path: url.pathname, query: url.search, header: request.headers.get('x-mine'), body: await request.text() });`),
    );
    const { status, body } = await tenant.fetch('POST', '/some/where?a=1&b=%20', {
      raw: 'the body',
      headers: { 'x-mine': 'yes' },
    });
    assert.equal(status, 200);
    assert.deepEqual(body, {
      method: 'POST',
      path: '/some/where',
      query: '?a=1&b=%20',
      header: 'yes',
      body: 'the body',
    });
  },
);

behaviour('front door: status, headers and body of the response come back', async (world) => {
  const tenant = await world.deployed(
    answering(
      "return new Response('made', { status: 201, headers: { 'x-mine': 'yes', 'content-type': 'text/plain' } });",
    ),
  );
  const answer = await tenant.fetch('GET', '/');
  assert.equal(answer.status, 201);
  assert.equal(answer.text, 'made');
  assert.equal(answer.headers.get('x-mine'), 'yes');
});

behaviour('front door: bytes cross unchanged in both directions', async (world) => {
  const tenant = await world.deployed(
    answering(
      'const bytes = new Uint8Array(await request.arrayBuffer()); return new Response(String(bytes.reduce((sum, byte) => sum + byte, 0)));',
    ),
  );
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  assert.equal((await tenant.fetch('POST', '/', { raw: bytes })).text, '32640');
});

behaviour('front door: without default.fetch it is 404 fetch.not_exported', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await tenant.api.refused(404, 'fetch.not_exported', 'GET', `/t/${tenant.id}/`, { key: null });
});

behaviour('front door: of a tenant that does not exist it is 404', async (world) => {
  const answer = await world.operator.call('GET', '/t/no-such-tenant/', { key: null });
  assert.equal(answer.status, 404);
});

behaviour('front door: cookies and the like are stripped, sandbox and nosniff are added', async (world) => {
  const tenant = await world.deployed(
    answering(`return new Response('<p>hello', { headers: { 'content-type': 'text/html', 'set-cookie': 'a=b', 'clear-site-data': '"*"',
      'service-worker-allowed': '/', 'content-security-policy': "default-src *", 'access-control-allow-credentials': 'true' } });`),
  );
  const { headers } = await tenant.fetch('GET', '/');
  for (const name of ['set-cookie', 'clear-site-data', 'service-worker-allowed', 'access-control-allow-credentials']) {
    assert.equal(headers.get(name), null, name);
  }
  assert.match(headers.get('content-security-policy') ?? '', /sandbox/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
});

behaviour(
  'front door: an Authorization that is a Tenon key never reaches the tenant, another one does',
  async (world) => {
    const tenant = await world.deployed(
      answering("return Response.json({ authorization: request.headers.get('authorization') });"),
    );
    for (const key of [tenant.api.key, world.operator.key]) {
      const { text } = await tenant.fetch('GET', '/', { headers: { authorization: `Bearer ${key}` } });
      assert.ok(!text.includes(key), 'a key reached tenant code');
    }
    const { body } = await tenant.fetch('GET', '/', { headers: { authorization: 'Bearer my-own-users-token' } });
    assert.equal(body.authorization, 'Bearer my-own-users-token');
  },
);

behaviour('front door: a handler that throws is an error of the server, without internals', async (world) => {
  const tenant = await world.deployed(answering("throw new Error('inner secret');"));
  const answer = await tenant.fetch('GET', '/');
  assert.ok(answer.status >= 500, `${answer.status}`);
  assert.doesNotMatch(answer.text, /node_modules|lib\/|node:internal/);
});

behaviour('front door: the active version answers', async (world) => {
  const tenant = await world.deployed(answering("return new Response('old');"));
  assert.equal((await tenant.fetch('GET', '/')).text, 'old');
  await tenant.deploy(answering("return new Response('new');"));
  assert.equal((await tenant.fetch('GET', '/')).text, 'new');
});

behaviour('front door: no module variable survives a request', async (world) => {
  const tenant = await world.deployed(
    `let requests = 0;\n${answering('requests += 1; return new Response(String(requests));')}`,
  );
  assert.deepEqual([(await tenant.fetch('GET', '/')).text, (await tenant.fetch('GET', '/')).text], ['1', '1']);
});

behaviour('front door: a handler that loops for ever hurts only itself', async (world) => {
  const tenant = await world.deployed(
    answering("if (request.url.endsWith('/loop')) for (;;); return new Response('fine');"),
    { limits: { cpuMs: 300 } },
  );
  assert.ok((await tenant.fetch('GET', '/loop')).status >= 500);
  assert.equal((await tenant.fetch('GET', '/')).text, 'fine');
});
