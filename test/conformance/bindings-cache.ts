import assert from 'node:assert/strict';
import { call, callingBinding } from './binding-calls.ts';
import { behaviour } from './registry.ts';
import { pause, type TenantWorld, type World, workflow } from './world.ts';

const calling = (world: World, cases: Readonly<Record<string, string>>): Promise<TenantWorld> =>
  callingBinding(world, 'CACHE', cases);

behaviour('env.CACHE: a step finds what a page has put, until it is deleted', async (world) => {
  const tenant = await world.deployed(`${workflow(`const { CACHE } = this.env;
      const found = await step.do('get', () => CACHE.get('k'));
      await step.do('delete', () => CACHE.delete('k'));
      return [found.get('a'), (await step.do('again', () => CACHE.get('k'))) === undefined];`)}
export default { async fetch(request, env) { await env.CACHE.put('k', new Map([['a', 1]])); return Response.json('put'); } };`);
  assert.equal((await tenant.fetch('GET', '/')).body, 'put');
  assert.deepEqual(await (await tenant.create()).completed(), [1, true]);
});

behaviour('env.CACHE: what has a ttl is gone when that is over', async (world) => {
  const tenant = await calling(world, {
    put: "await binding.put('short', 1, { ttl: 300 }); await binding.put('long', 2, { ttl: '1 hour' }); await binding.put('plain', 3); return 'put';",
    look: "return [(await binding.get('short')) === undefined, await binding.get('long'), await binding.get('plain')];",
  });
  await call(tenant, 'put');
  await pause(300);
  assert.deepEqual(await call(tenant, 'look'), [true, 2, 3]);
});

behaviour('env.CACHE: another tenant has another cache', async (world) => {
  const cases = {
    put: "await binding.put('k', 'mine'); return 'put';",
    reach: "return (await binding.get('k')) === undefined;",
  };
  await call(await calling(world, cases), 'put');
  assert.equal(await call(await calling(world, cases), 'reach'), true);
});

behaviour('env.CACHE: bad arguments are refused with the name of the call and what to write', async (world) => {
  const tenant = await calling(world, {
    key: 'await binding.get();',
    value: "await binding.put('k');",
    large: "await binding.put('k', 'x'.repeat(200_000));",
    ttl: "await binding.put('k', 1, { ttl: 0 });",
    option: "await binding.put('k', 1, { expirationTtl: 60 });",
  });
  const expected: Readonly<Record<string, RegExp>> = {
    key: /^CACHE\.get: a key is a text that is not empty, got undefined$/,
    value: /^CACHE\.put: there is no value/,
    large: /^CACHE\.put: a value has at most 131072 bytes/,
    ttl: /^CACHE\.put: ttl must be longer than 0$/,
    option: /^CACHE\.put has no option "expirationTtl": it takes ttl$/,
  };
  for (const [name, text] of Object.entries(expected)) assert.match((await call(tenant, name)) as string, text);
});

behaviour('env.CACHE: goes with its tenant', async (world) => {
  const source = workflow(`return step.do('s', async () => {
    const before = await this.env.CACHE.get('k');
    await this.env.CACHE.put('k', 'kept');
    return before ?? null;
  });`);
  const first = await world.deployed(source);
  assert.equal(await (await first.create()).completed(), null);
  assert.equal(await (await first.create()).completed(), 'kept');
  await world.operator.expect(202, 'DELETE', first.path);
  const again = await world.deployed(source, { id: first.id });
  assert.equal(await (await again.create()).completed(), null);
});
