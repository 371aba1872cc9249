import assert from 'node:assert/strict';
import { call, callingBinding } from './binding-calls.ts';
import { behaviour } from './registry.ts';
import { pause, type TenantWorld, type World, workflow } from './world.ts';

const calling = (world: World, cases: Readonly<Record<string, string>>): Promise<TenantWorld> =>
  callingBinding(world, 'STORAGE', cases);

behaviour(
  'env.STORAGE: what one instance puts another one gets, with every type that a step may give',
  async (world) => {
    const tenant = await world.deployed(
      workflow(`if (event.payload.reads) {
        const found = await step.do('get', () => this.env.STORAGE.get('shared'));
        return [found.value.at instanceof Date, found.value.map.get('k'), found.value.bytes.join(), typeof found.etag];
      }
      await step.do('put', () => this.env.STORAGE.put('shared', { at: new Date(0), map: new Map([['k', 1n]]), bytes: new Uint8Array([1, 2]) }));
      return 'put';`),
    );
    assert.equal(await (await tenant.create({})).completed(), 'put');
    const [isDate, one, bytes, etag] = (await (await tenant.create({ reads: true })).completed()) as unknown[];
    assert.deepEqual([isDate, one, bytes, etag], [true, { $type: 'BigInt', value: '1' }, '1,2', 'string']);
  },
);

behaviour('env.STORAGE: ifMatch lets one of two writers through, and null means not there yet', async (world) => {
  const tenant = await calling(world, {
    match: `const first = await binding.put('a', 1, { ifMatch: null });
      const again = await binding.put('a', 2, { ifMatch: null });
      const second = await binding.put('a', 3, { ifMatch: first.etag });
      const stale = await binding.put('a', 4, { ifMatch: first.etag });
      const kept = await binding.delete('a', { ifMatch: first.etag });
      const { value, etag } = await binding.get('a');
      const gone = await binding.delete('a', { ifMatch: etag });
      return [again, second.etag === etag, stale, kept, value, gone, (await binding.get('a')) === undefined];`,
  });
  assert.deepEqual(await call(tenant, 'match'), [null, true, null, false, 3, true, true]);
});

behaviour('env.STORAGE: a transaction is done as a whole or not at all, in a step and in a page', async (world) => {
  const source = `const binding = this.env.STORAGE;
    const given = await binding.put('from', 10);
    const move = (etag) => binding.transaction([
      { put: 'from', value: 7, ifMatch: etag }, { put: 'to', value: 3, ifMatch: null }, { check: 'closed', ifMatch: null }, { delete: 'old' },
    ]);
    const done = await move(given.etag);
    const late = await move(given.etag);
    const { items } = await binding.list();
    return [done.committed, late, items.map(({ key, value }) => [key, value])];`;
  const tenant = await world.deployed(
    `${workflow(`return step.do('move', async () => { ${source} });`)}
export default { async fetch(request, env) { return Response.json(await (async function () { ${source} }).call({ env })); } };`,
  );
  const expected = [
    true,
    { committed: false, failed: 0 },
    [
      ['from', 7],
      ['to', 3],
    ],
  ];
  assert.deepEqual(await (await tenant.create()).completed(), expected);
  // What the step left is in the way of the second write.
  const refused = [
    false,
    { committed: false, failed: 1 },
    [
      ['from', 10],
      ['to', 3],
    ],
  ];
  assert.deepEqual((await tenant.fetch('GET', '/')).body, refused);
});

behaviour('env.STORAGE: list gives keys in order, by prefix, page after page', async (world) => {
  const tenant = await calling(world, {
    fill: "for (const key of ['b', 'a/2', 'a/1', 'a/3', 'é']) await binding.put(key, key.length); return 'filled';",
    pages: `const pages = []; let cursor;
      do { const page = await binding.list({ prefix: 'a/', limit: 2, cursor }); pages.push(page.items.map(({ key }) => key)); cursor = page.cursor; } while (cursor);
      return pages.flat();`,
    all: 'return (await binding.list()).items.map(({ key, value }) => [key, value]);',
  });
  await call(tenant, 'fill');
  assert.deepEqual(await call(tenant, 'pages'), ['a/1', 'a/2', 'a/3']);
  assert.deepEqual(await call(tenant, 'all'), [
    ['a/1', 3],
    ['a/2', 3],
    ['a/3', 3],
    ['b', 1],
    ['é', 1],
  ]);
});

behaviour('env.STORAGE: what has a ttl is gone when that is over', async (world) => {
  const tenant = await calling(world, {
    put: "await binding.put('short', 1, { ttl: 300 }); await binding.put('long', 1, { ttl: '1 hour' }); return 'put';",
    look: "return [(await binding.get('short')) === undefined, (await binding.get('long')).expiresAt > new Date(), (await binding.list()).items.length];",
  });
  await call(tenant, 'put');
  await pause(300);
  assert.deepEqual(await call(tenant, 'look'), [true, true, 1]);
});

behaviour('env.STORAGE: another tenant has another storage, whatever the key looks like', async (world) => {
  const cases = {
    put: "await binding.put('k', 'mine'); return 'put';",
    reach: `const found = [];
      for (const key of ['k', '../k', '/k', 'T#' + 'x#S']) found.push(await binding.get(key));
      return [found.filter(Boolean).length, (await binding.list()).items.length];`,
  };
  const owner = await calling(world, cases);
  await call(owner, 'put');
  assert.deepEqual(await call(await calling(world, cases), 'reach'), [0, 0]);
});

behaviour('env.STORAGE: bad arguments are refused with the name of the call and what to write', async (world) => {
  const tenant = await calling(world, {
    key: 'await binding.get(5);',
    long: "await binding.put('x'.repeat(513), 1);",
    control: "await binding.put('a\\u0000b', 1);",
    value: "await binding.put('a');",
    large: "await binding.put('a', 'x'.repeat(200_000));",
    option: "await binding.put('a', 1, { expires: 5 });",
    ttl: "await binding.put('a', 1, { ttl: 'soon' });",
    limit: 'await binding.list({ limit: 0 });',
    cursor: "await binding.list({ cursor: 'nonsense' });",
    many: "await binding.transaction(Array.from({ length: 26 }, (_, at) => ({ delete: 'k' + at })));",
    twice: "await binding.transaction([{ delete: 'a' }, { put: 'a', value: 1 }]);",
    form: "await binding.transaction([{ get: 'a' }]);",
  });
  const expected: Readonly<Record<string, RegExp>> = {
    key: /^STORAGE\.get: a key is a text that is not empty, got 5$/,
    long: /^STORAGE\.put: a key has at most 512 bytes/,
    control: /^STORAGE\.put: a key holds no control characters/,
    value: /^STORAGE\.put: there is no value/,
    large: /^STORAGE\.put: a value has at most 131072 bytes/,
    option: /^STORAGE\.put has no option "expires": it takes ifMatch, ttl$/,
    ttl: /^STORAGE\.put: ttl: "soon" is not a duration/,
    limit: /^STORAGE\.list: limit is a whole number from 1 to 1000, got 0$/,
    cursor: /^STORAGE\.list: cursor is not one that/,
    many: /^STORAGE\.transaction takes a list of 1 to 25 writes/,
    twice: /^STORAGE\.transaction: two writes have the key "a"/,
    form: /^STORAGE\.transaction: write 0 is one of/,
  };
  for (const [name, text] of Object.entries(expected)) assert.match((await call(tenant, name)) as string, text);
  assert.deepEqual((await tenant.fetch('GET', '/limit')).status, 400);
});

behaviour('env.STORAGE: goes with its tenant, and the next one of that name finds nothing', async (world) => {
  const source = `${workflow(`return step.do('s', async () => {
    const before = (await this.env.STORAGE.list()).items.length; await this.env.STORAGE.put('k', 1); return before; });`)}`;
  const first = await world.deployed(source);
  assert.equal(await (await first.create()).completed(), 0);
  assert.equal(await (await first.create()).completed(), 1);
  await world.operator.expect(202, 'DELETE', first.path);
  const again = await world.deployed(source, { id: first.id });
  assert.equal(await (await again.create()).completed(), 0);
});
