import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, type Instance, stepOf, type TenantWorld, type World, workflow } from './world.ts';

const MIB = 1_048_576;

/** What the checks' workflows make streams with, and what they know them by again. */
const TOOLS = `
const bytesOf = (length, from = 0) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (from + at) % 251;
  return bytes;
};
/** So many bytes, chunk by chunk; \`end\` is asked for what to do when they have been given. */
const streamOf = (length, chunk = 65536, end = (controller) => controller.close()) => {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      if (at >= length) return end(controller);
      const size = Math.min(chunk, length - at);
      controller.enqueue(bytesOf(size, at));
      at += size;
    },
  });
};
const look = async (stream) => {
  let length = 0;
  let isRight = true;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length && isRight; at += 997) isRight = chunk[at] === (length + at) % 251;
    length += chunk.length;
  }
  return [length, isRight];
};
const ONCE = { retries: { limit: 0, delay: 0 } };
`;

const streaming = (body: string): string => workflow(body, TOOLS);

const outputOf = async (world: World, body: string): Promise<unknown> => {
  const tenant = await world.deployed(streaming(body));
  return (await tenant.create()).completed();
};

/** The link that a step answers with. */
const linkOf = async (tenant: TenantWorld, instance: Instance, name: string): Promise<string> => {
  const { headers } = await tenant.api.expect(302, 'GET', `${instance.path}/step?name=${name}`);
  return headers.get('location') ?? '';
};

const bytesAt = async (link: string): Promise<{ readonly response: Response; readonly bytes: Buffer }> => {
  const response = await fetch(link);
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
};

const isRight = (bytes: Buffer): boolean => bytes.every((byte, at) => byte === at % 251);

behaviour('streams: a step that gives a ReadableStream gives its bytes, as a stream again', async (world) => {
  const body = `const made = streamOf(1000, 7);
    const got = await step.do('make', async () => made);
    return [got === made, got instanceof ReadableStream, ...(await look(got))];`;
  assert.deepEqual(await outputOf(world, body), [false, true, 1000, true]);
});

behaviour('streams: an empty stream, a Response body and a text all come back as they were', async (world) => {
  const body = `const empty = await step.do('empty', async () => streamOf(0));
    const text = await step.do('text', async () => new Response('ünï').body);
    return [await new Response(empty).text(), await new Response(text).text()];`;
  assert.deepEqual(await outputOf(world, body), ['', 'ünï']);
});

behaviour('streams: 20 MB cross a step, though a value may have 1 MiB', async (world) => {
  const body = `const got = await step.do('make', async () => streamOf(20000000, 300000));
    return step.do('look', () => look(got));`;
  assert.deepEqual(await outputOf(world, body), [20_000_000, true]);
});

behaviour('streams: each replay gives a fresh one, whoever has read it before', async (world) => {
  const tenant = await world.deployed(
    streaming(`const got = await step.do('make', async () => { await note('made'); return streamOf(3 * ${MIB} + 1); });
    const inRun = await look(got);
    await step.waitForEvent('first', { type: 'first' });
    await step.waitForEvent('second', { type: 'second' });
    return inRun;`),
  );
  const instance = await tenant.create();
  await instance.waiting('first');
  await instance.send('first');
  await instance.waiting('second');
  await instance.send('second');
  assert.deepEqual(await instance.completed(), [3 * MIB + 1, true]);
  assert.equal(tenant.count('made'), 1);
});

behaviour('streams: a later step reads one after a sleep, and in its own attempts', async (world) => {
  const body = `const got = await step.do('make', async () => streamOf(2 * ${MIB}));
    await step.sleep('rest', 1500);
    return step.do('look', () => look(got));`;
  assert.deepEqual(await outputOf(world, body), [2 * MIB, true]);
});

behaviour('streams: a step that fails while it reads one finds a fresh one at its next try', async (world) => {
  const body = `const got = await step.do('make', async () => streamOf(2 * ${MIB}));
    return step.do('look', { retries: { limit: 1, delay: 10, backoff: 'constant' } }, async ({ attempt }) => {
      if (attempt === 1) { await got.getReader().read(); throw new Error('torn off'); }
      return look(got);
    });`;
  assert.deepEqual(await outputOf(world, body), [2 * MIB, true]);
});

behaviour('streams: what run() reads comes before the next settlement, live and on replay (E4)', async (world) => {
  const tenant = await world.deployed(
    streaming(`const order = [];
    const got = await step.do('make', async () => streamOf(3 * ${MIB}));
    const rest = step.sleep('rest', 1).then(() => order.push('slept'));
    await look(got);
    order.push('read');
    await rest;
    const before = await step.do('before', async () => order.join());
    await step.waitForEvent('go', { type: 'go' });
    return [before, order.join()];`),
  );
  const instance = await tenant.create();
  await instance.waiting('go');
  await instance.send('go');
  const [before, after] = (await instance.completed()) as [string, string];
  assert.equal(before, after);
});

behaviour('streams: one is passed on to the outside as the body of a request', async (world) => {
  const tenant = await world.deployed(
    streaming(`const got = await step.do('make', async () => streamOf(1000));
    return step.do('send', async () => (await fetch(LEDGER + '/sent', { method: 'POST', body: got, duplex: 'half' })).status);`),
  );
  assert.equal(await (await tenant.create()).completed(), 200);
  assert.equal(tenant.count('sent'), 1);
});

for (const [what, make, says] of [
  ['a stream of texts', "new ReadableStream({ start(c) { c.enqueue('text'); c.close(); } })", /no bytes/],
  ['a stream of objects', 'new ReadableStream({ start(c) { c.enqueue({ a: 1 }); c.close(); } })', /no bytes/],
  ['a locked stream', '(() => { const s = streamOf(10); s.getReader(); return s; })()', /locked/],
  ['a chunk above 16 MiB', 'streamOf(16777217, 16777217)', /16777217 bytes/],
  ['a stream inside a value', '({ deep: streamOf(10) })', /no part of a value/],
] as const) {
  behaviour(`streams: ${what} is a fatal error that names the step`, async (world) => {
    const tenant = await world.deployed(
      streaming(`await step.do('bad result', async () => { await note('ran'); return ${make}; });`),
    );
    const detail = await (await tenant.create()).finished();
    assert.equal(detail.status, 'errored');
    assert.match(detail.error.message, /bad result/);
    assert.match(detail.error.message, says);
    assert.equal(tenant.count('ran'), 1, 'it was retried');
  });
}

behaviour('streams: one that fails midway fails its attempt, and the next try gives all of it', async (world) => {
  const tenant = await world.deployed(
    streaming(`const got = await step.do('make', { retries: { limit: 1, delay: 10, backoff: 'constant' } }, async ({ attempt }) =>
      attempt > 1 ? streamOf(10 * ${MIB}, ${MIB}) : streamOf(9 * ${MIB}, ${MIB}, (c) => c.error(new Error('torn off'))));
    return look(got);`),
  );
  const instance = await tenant.create();
  assert.deepEqual(await instance.completed(), [10 * MIB, true]);
  const { attempts } = stepOf(await instance.detail(), 'make');
  assert.equal(attempts.length, 2);
  assert.match(attempts[0].error.message, /torn off/);
});

behaviour("streams: one that never ends is stopped by its attempt's timeout, and its source is told", async (world) => {
  const body = `let told;
    const endless = new ReadableStream({
      async pull(c) { await new Promise((resolve) => setTimeout(resolve, 20)); c.enqueue(new Uint8Array(10)); },
      cancel(reason) { told = reason.name; },
    });
    try { await step.do('endless', { ...ONCE, timeout: 500 }, async () => endless); }
    catch (error) { return [error.name, told]; }`;
  assert.deepEqual(await outputOf(world, body), ['WorkflowTimeoutError', 'WorkflowTimeoutError']);
});

behaviour('streams: the API shows how long one is, and a link to its bytes', async (world) => {
  const tenant = await world.deployed(streaming(`await step.do('make', async () => streamOf(9 * ${MIB}, ${MIB}));`));
  const instance = await tenant.create();
  await instance.completed();
  const shown = (detail: Detail): unknown => stepOf(detail, 'make').output;
  const marker = { $type: 'Stream', value: { bytes: 9 * MIB } };
  assert.deepEqual(shown(await instance.detail()), marker);
  assert.deepEqual(shown((await tenant.api.expect(200, 'GET', `${instance.path}/steps`)).body), marker);

  const { response, bytes } = await bytesAt(await linkOf(tenant, instance, 'make'));
  assert.equal(response.status, 200);
  assert.equal(bytes.length, 9 * MIB);
  assert.ok(isRight(bytes));
  assert.match(response.headers.get('content-disposition') ?? '', /^attachment/);
  assert.equal(response.headers.get('content-type'), 'application/octet-stream');
});

behaviour('streams: a link that was altered or made up opens nothing', async (world) => {
  const tenant = await world.deployed(streaming("await step.do('make', async () => streamOf(10));"));
  const instance = await tenant.create();
  await instance.completed();
  const link = await linkOf(tenant, instance, 'make');
  const end = link.length - 5;
  const altered = `${link.slice(0, end)}${link[end] === '0' ? '1' : '0'}${link.slice(end + 1)}`;
  for (const url of [altered, link.slice(0, -1), `${link}0`]) {
    const { response, bytes } = await bytesAt(url);
    assert.ok(response.status >= 400 && response.status < 500, `${response.status}`);
    assert.ok(!bytes.equals(Buffer.from(Array.from({ length: 10 }, (_, at) => at))));
  }
  await tenant.api.refused(404, 'download.not_found', 'GET', '/v1/downloads/made.up', { key: null });
});

behaviour("streams: another tenant's key gets no link", async (world) => {
  const tenant = await world.deployed(streaming("await step.do('make', async () => streamOf(10));"));
  const instance = await tenant.create();
  await instance.completed();
  const other = await world.tenant();
  await other.api.refused(404, 'tenant.not_found', 'GET', `${instance.path}/step?name=make`);
});

behaviour('streams: a sensitive one has no link and no length', async (world) => {
  const tenant = await world.deployed(
    streaming(`const got = await step.do('make', { sensitive: 'output' }, async () => streamOf(1234));
    return look(got);`),
  );
  const instance = await tenant.create();
  assert.deepEqual(await instance.completed(), [1_234, true]);
  const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/step?name=make`);
  assert.equal(body.output, '[REDACTED]');
  assert.doesNotMatch(JSON.stringify(stepOf(await instance.detail(), 'make')), /1234|Stream/);
});

behaviour('streams: a restart removes what the life before it has given', async (world) => {
  const tenant = await world.deployed(
    streaming(`await step.do('make', async () => streamOf(10));
    await step.waitForEvent('go', { type: 'go' });`),
  );
  const instance = await tenant.create();
  await instance.waiting('go');
  const link = await linkOf(tenant, instance, 'make');
  assert.equal((await bytesAt(link)).response.status, 200);
  await instance.control('restart');
  assert.equal((await bytesAt(link)).response.status, 404);
  await instance.waiting('go');
  const again = await linkOf(tenant, instance, 'make');
  assert.equal((await bytesAt(again)).bytes.length, 10);
  await instance.control('restart', { from: { name: 'go', type: 'waitForEvent' } });
  await instance.waiting('go');
  assert.equal((await bytesAt(await linkOf(tenant, instance, 'make'))).bytes.length, 10);
  await instance.send('go');
  await instance.completed();
});

behaviour('streams: a deleted instance leaves nothing of them', async (world) => {
  const tenant = await world.deployed(streaming("await step.do('make', async () => streamOf(10));"));
  const instance = await tenant.create();
  await instance.completed();
  const link = await linkOf(tenant, instance, 'make');
  await tenant.api.expect(204, 'DELETE', instance.path);
  assert.equal((await bytesAt(link)).response.status, 404);
});
