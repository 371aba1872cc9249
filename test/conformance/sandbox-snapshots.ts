import assert from 'node:assert/strict';
import { behaviour, NotHere } from './registry.ts';
import { type Detail, eventually, type TenantWorld, type World, workflow } from './world.ts';

/** A workflow whose params are calls of `env.SANDBOX`, a step each; gives all their results. */
const SOURCE = workflow(`
    const results = [];
    for (const [at, [method, ...args]] of event.payload.entries()) {
      results.push(await step.do(method + '-' + at, { retries: { limit: 0, delay: 0 } }, () => this.env.SANDBOX[method](...args)));
    }
    return results;`);

type Call = readonly [method: string, ...args: unknown[]];

const shell = (workspace: string, script: string): Call => ['exec', ['sh', '-c', script], { workspace }];

const asking = (world: World): Promise<TenantWorld> => world.deployed(SOURCE);

const results = async (tenant: TenantWorld, ...calls: readonly Call[]): Promise<Detail[]> => {
  const detail = await (await tenant.create(calls)).finished();
  const message: string = detail.error?.message ?? '';
  if (/switched off|no way to contain/.test(message)) throw new NotHere(`needs sandboxes: ${message}`);
  assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
  return detail.output;
};

behaviour(
  'env.SANDBOX: a snapshot gives another instance’s workspace the files that it was taken of',
  async (world) => {
    const tenant = await asking(world);
    const [, taken] = await results(
      tenant,
      shell('one', 'mkdir d; echo kept > d/file'),
      ['snapshot', 'one', { name: 'deps-1' }],
      shell('one', 'echo changed > d/file'),
    );
    assert.deepEqual([taken.name, taken.workspace, taken.isNew], ['deps-1', 'one', true]);
    assert.ok(taken.bytes > 0);
    assert.equal(taken.takenAt.$type, 'Date');
    const [, restored, cat] = await results(
      tenant,
      shell('two', 'echo other > other'),
      ['restore', 'deps-1', { workspace: 'two' }],
      shell('two', 'ls; cat d/file'),
    );
    assert.equal(restored.name, 'deps-1');
    assert.equal(cat.stdout, 'd\nkept\n');
  },
);

behaviour('env.SANDBOX: a snapshot without a name gets one, and goes back to where it was taken of', async (world) => {
  const tenant = await asking(world);
  await tenant.deploy(
    workflow(`
    const sh = (name, script) => step.do(name, () => this.env.SANDBOX.exec(['sh', '-c', script], { workspace: 'w' }));
    await sh('first', 'echo 1 > file');
    const snapshot = await step.do('keep', () => this.env.SANDBOX.snapshot('w'));
    await sh('second', 'echo 2 > file');
    await step.do('back', () => this.env.SANDBOX.restore(snapshot));
    return [snapshot.name, (await sh('third', 'cat file')).stdout];`),
  );
  const [name, said] = await results(tenant);
  assert.match(name, /^[0-9a-f]{32}$/);
  assert.equal(said, '1\n');
});

behaviour('env.SANDBOX: a snapshot’s name stays with what it first named, until it is deleted', async (world) => {
  const tenant = await asking(world);
  const name = 's';
  const [, , , again, , said] = await results(
    tenant,
    shell('w', 'echo 1 > file'),
    ['snapshot', 'w', { name }],
    shell('w', 'echo 2 > file'),
    ['snapshot', 'w', { name }],
    ['restore', name, { workspace: 'w' }],
    shell('w', 'cat file'),
  );
  const [, gone, twice, left, list] = await results(
    tenant,
    ['snapshot', 'w', { name: 't' }],
    ['deleteSnapshot', name],
    ['deleteSnapshot', name],
    ['restore', name, { workspace: 'w' }],
    ['listSnapshots'],
  );
  assert.equal(again.isNew, false);
  assert.equal(said.stdout, '1\n');
  assert.deepEqual([gone, twice, left], [true, false, null]);
  assert.deepEqual(
    list.map((one: Detail) => one.name),
    ['t'],
  );
});

behaviour('env.SANDBOX: the snapshots of another tenant are not there', async (world) => {
  const [acme, globex] = [await asking(world), await asking(world)];
  await results(acme, shell('w', 'echo secret > file'), ['snapshot', 'w', { name: 'same' }]);
  const [restored, deleted, list, ls] = await results(
    globex,
    ['restore', 'same', { workspace: 'w' }],
    ['deleteSnapshot', 'same'],
    ['listSnapshots'],
    shell('w', 'ls'),
  );
  assert.deepEqual([restored, deleted, list, ls.stdout], [null, false, [], '']);
  const [kept] = await results(acme, ['restore', 'same', { workspace: 'v' }]);
  assert.equal(kept.name, 'same');
});

behaviour('env.SANDBOX: snapshots are gone with their tenant', async (world) => {
  const tenant = await asking(world);
  await results(tenant, shell('w', 'echo 1 > file'), ['snapshot', 'w', { name: 's' }]);
  await tenant.operator.expect(202, 'DELETE', tenant.path);
  const next = await world.tenant({ id: tenant.id });
  await next.deploy(SOURCE);
  assert.deepEqual(await results(next, ['listSnapshots'], ['restore', 's', { workspace: 'w' }]), [[], null]);
});

behaviour('env.SANDBOX: a snapshot that is wrong or of nothing is refused by name', async (world) => {
  const tenant = await asking(world);
  await results(tenant, ['listSnapshots']);
  const refusals: readonly (readonly [Call, RegExp])[] = [
    [['snapshot', '../x'], /workspace is a name/],
    [['snapshot', 'none'], /^\(snapshot\.no_workspace\)/],
    [['snapshot', 'w', { name: 'A B' }], /snapshot's name has/],
    [['restore', 's'], /workspace is a name/],
    [['restore', '../s', { workspace: 'w' }], /snapshot's name has/],
    [['deleteSnapshot'], /snapshot's name has/],
  ];
  for (const [call, message] of refusals) {
    const { status, error } = await (await tenant.create([call])).finished();
    assert.equal(status, 'errored');
    assert.match(error.message, message);
  }
});

behaviour('usage: counts what a snapshot stores', async (world) => {
  const tenant = await asking(world);
  const [, { bytes }] = await results(tenant, shell('w', 'head -c 300000 /dev/urandom > file'), ['snapshot', 'w']);
  assert.ok(bytes > 200_000);
  // Written down with what is asked of the same process afterwards, at most every ten seconds where they are many.
  const counted = async (): Promise<true | undefined> => {
    await results(tenant, ['listSnapshots']);
    const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/usage`);
    return body.total.units.bytes >= bytes || undefined;
  };
  await eventually('the bytes of a snapshot in the usage', counted, 60_000);
});
