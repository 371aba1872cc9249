import assert from 'node:assert/strict';
import { call, callingBinding } from './binding-calls.ts';
import { behaviour } from './registry.ts';
import { pause, type TenantWorld, type World, workflow } from './world.ts';

const calling = (world: World, cases: Readonly<Record<string, string>>): Promise<TenantWorld> =>
  callingBinding(world, 'BUCKET', cases);

behaviour('env.BUCKET: what a step puts another instance gets, bytes as bytes and text as UTF-8', async (world) => {
  const tenant = await world.deployed(
    workflow(`const { BUCKET } = this.env;
      if (event.payload.reads) {
        const all = await step.do('get', () => BUCKET.get('all'));
        const { bytes, contentType } = await step.do('text', () => BUCKET.get('text'));
        return [all.bytes.length, all.bytes.every((byte, at) => byte === at), all.contentType, new TextDecoder().decode(bytes), contentType];
      }
      return step.do('put', async () => {
        const { size } = await BUCKET.put('all', Uint8Array.from({ length: 300 }, (_, at) => at).subarray(0, 256));
        await BUCKET.put('text', 'é', { contentType: 'text/plain' });
        return size;
      });`),
  );
  assert.equal(await (await tenant.create({})).completed(), 256);
  const found = await (await tenant.create({ reads: true })).completed();
  assert.deepEqual(found, [256, true, 'application/octet-stream', 'é', 'text/plain']);
});

behaviour('env.BUCKET: a put takes the place of what was there, and a delete leaves nothing', async (world) => {
  const tenant = await calling(world, {
    act: `const first = await binding.put('k', 'one');
      const second = await binding.put('k', 'second');
      const head = await binding.head('k');
      const text = new TextDecoder().decode((await binding.get('k')).bytes);
      const deleted = [await binding.delete('k'), await binding.delete('k')];
      return [first.etag !== second.etag, head.etag === second.etag, head.size, 'bytes' in head, text, deleted, (await binding.get('k')) === undefined];`,
  });
  assert.deepEqual(await call(tenant, 'act'), [true, true, 6, false, 'second', [true, false], true]);
});

behaviour('env.BUCKET: an object of 5 MiB fits, and one byte more is refused', async (world) => {
  const tenant = await calling(world, {
    fits: "await binding.put('k', new Uint8Array(5_242_880)); return (await binding.get('k')).bytes.length;",
    more: "await binding.put('k', new Uint8Array(5_242_881));",
  });
  assert.equal(await call(tenant, 'fits'), 5_242_880);
  assert.match((await call(tenant, 'more')) as string, /^BUCKET\.put: an object has at most 5242880 bytes/);
});

behaviour('env.BUCKET: list gives heads in the order of keys, by prefix, page after page', async (world) => {
  const tenant = await calling(world, {
    fill: "for (const key of ['b', 'a/2', 'a/1', '../a', 'a/3']) await binding.put(key, key); return 'filled';",
    pages: `const pages = []; let cursor;
      do { const page = await binding.list({ prefix: 'a/', limit: 2, cursor }); pages.push(page.items.map(({ key, size }) => [key, size])); cursor = page.cursor; } while (cursor);
      return pages.flat();`,
    all: 'return (await binding.list()).items.map(({ key }) => key);',
  });
  await call(tenant, 'fill');
  assert.deepEqual(await call(tenant, 'pages'), [
    ['a/1', 3],
    ['a/2', 3],
    ['a/3', 3],
  ]);
  assert.deepEqual(await call(tenant, 'all'), ['../a', 'a/1', 'a/2', 'a/3', 'b']);
});

behaviour('env.BUCKET: a link downloads the object without a key, as a file that no browser runs', async (world) => {
  const tenant = await calling(world, {
    link: "await binding.put('pages/über us.html', '<script>1</script>', { contentType: 'text/html' }); return binding.link('pages/über us.html');",
    none: "return binding.link('none');",
  });
  const link = (await call(tenant, 'link')) as string;
  const { status, text, headers } = await tenant.api.call('GET', link, { key: null });
  assert.equal(status, 200, text);
  assert.equal(text, '<script>1</script>');
  assert.equal(headers.get('content-type'), 'application/octet-stream');
  assert.equal(headers.get('content-disposition'), 'attachment; filename="_ber_us.html"');
  assert.ok((await tenant.api.call('GET', altered(link), { key: null })).status >= 400);
  assert.match((await call(tenant, 'none')) as string, /^BUCKET\.link: there is no object "none"/);
});

/** Another link, by one digit of whatever signs it. */
const altered = (link: string): string => {
  const at = link.includes('X-Amz-Signature=') ? link.indexOf('X-Amz-Signature=') + 16 : link.length - 2;
  return link.slice(0, at) + (link[at] === 'a' ? 'b' : 'a') + link.slice(at + 1);
};

behaviour('env.BUCKET: a link is good for as long as it was asked for', async (world) => {
  const tenant = await calling(world, {
    link: "await binding.put('k', 'v'); return binding.link('k', { expiresIn: '1 second' });",
  });
  const link = (await call(tenant, 'link')) as string;
  await pause(2_100);
  const { status } = await tenant.api.call('GET', link, { key: null });
  assert.ok(status === 403 || status === 404, String(status));
});

behaviour('env.BUCKET: another tenant has another bucket, whatever the key looks like', async (world) => {
  const cases = {
    put: "await binding.put('k', 'mine'); return 'put';",
    reach: `const found = [];
      for (const key of ['k', '../k', '/k', '../../k']) found.push(await binding.head(key));
      return [found.filter(Boolean).length, (await binding.list()).items.length];`,
  };
  await call(await calling(world, cases), 'put');
  assert.deepEqual(await call(await calling(world, cases), 'reach'), [0, 0]);
});

behaviour('env.BUCKET: bad arguments are refused with the name of the call and what to write', async (world) => {
  const tenant = await calling(world, {
    key: "await binding.get('');",
    body: "await binding.put('k', { a: 1 });",
    type: "await binding.put('k', 'v', { contentType: 'a\\nb' });",
    option: "await binding.put('k', 'v', { ttl: 5 });",
    expiry: "await binding.link('k', { expiresIn: '2 hours' });",
  });
  const expected: Readonly<Record<string, RegExp>> = {
    key: /^BUCKET\.get: a key is a text that is not empty/,
    body: /^BUCKET\.put takes a text, an ArrayBuffer or a view/,
    type: /^BUCKET\.put: contentType is a text/,
    option: /^BUCKET\.put has no option "ttl"/,
    expiry: /^BUCKET\.link: expiresIn is from 1 second to 1 hour/,
  };
  for (const [name, text] of Object.entries(expected)) assert.match((await call(tenant, name)) as string, text);
});

behaviour('env.BUCKET: objects have as many bytes together as the operator lets the tenant keep', async (world) => {
  const tenant = await calling(world, {
    put: "const { items } = await binding.list(); await binding.put('k' + items.length, 'x'.repeat(600_000)); return 'put';",
    replace: "await binding.put('k0', 'small'); return 'replaced';",
  });
  await world.operator.expect(200, 'PATCH', tenant.path, { json: { limits: { storageMb: 1 } } });
  assert.equal(await call(tenant, 'put'), 'put');
  assert.match((await call(tenant, 'put')) as string, /^BUCKET is full: .* 1 MiB together\. Delete something first/);
  assert.equal(await call(tenant, 'replace'), 'replaced');
  assert.equal(await call(tenant, 'put'), 'put');
  await world.operator.expect(200, 'PATCH', tenant.path, { json: { limits: { storageMb: null } } });
  assert.equal(await call(tenant, 'put'), 'put');
});

behaviour('env.BUCKET: goes with its tenant, links and all', async (world) => {
  const source = workflow(`return step.do('s', async () => {
    const { BUCKET } = this.env;
    const before = (await BUCKET.list()).items.length;
    await BUCKET.put('k', 'v');
    return [before, await BUCKET.link('k')];
  });`);
  const first = await world.deployed(source);
  const [before, link] = (await (await first.create()).completed()) as [number, string];
  assert.equal(before, 0);
  assert.equal((await first.api.call('GET', link, { key: null })).status, 200);
  await world.operator.expect(202, 'DELETE', first.path);
  assert.ok((await first.api.call('GET', link, { key: null })).status >= 400);
  const again = await world.deployed(source, { id: first.id });
  assert.equal(((await (await again.create()).completed()) as [number, string])[0], 0);
});
