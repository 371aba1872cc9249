import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { eventually, type TenantWorld, type World, workflow } from './world.ts';

/** A tenant whose `default.fetch` runs the code in the request against `flows`, its own `env.WORKFLOWS`. */
const calling = async (
  world: World,
  cases: Readonly<Record<string, string>>,
  body = "return step.waitForEvent('w', { type: 'e' }).then(({ payload }) => ({ payload, given: event.payload }));",
): Promise<TenantWorld> => {
  const branches = Object.entries(cases).map(([name, code]) => `'/${name}': async () => { ${code} }`);
  return world.deployed(`${workflow(body)}
export default {
  async fetch(request, env) {
    const flows = env.WORKFLOWS;
    const cases = { ${branches.join(',\n')} };
    try { return Response.json({ value: await cases[new URL(request.url).pathname]() }); }
    catch (error) { return Response.json({ error: error.message }, { status: 400 }); }
  },
};`);
};

const call = async (tenant: TenantWorld, name: string): Promise<unknown> => {
  const { body, status, text } = await tenant.fetch('GET', `/${name}`);
  assert.ok(body !== undefined, `${status}: ${text}`);
  return body.value ?? body.error;
};

behaviour('env.WORKFLOWS: create gives a handle whose id may be read plainly or awaited, and status', async (world) => {
  const tenant = await calling(world, {
    create: `const made = await flows.create({ id: 'mine', params: { p: 1 } });
      return [made.id, await made.id, typeof (await made.status()).status];`,
  });
  assert.deepEqual(await call(tenant, 'create'), ['mine', 'mine', 'string']);
  const instance = tenant.instance('mine');
  await instance.waiting();
  await instance.send('e', 2);
  assert.deepEqual(await instance.completed(), { payload: 2, given: { p: 1 } });
});

behaviour('env.WORKFLOWS: create without options makes an id', async (world) => {
  const tenant = await calling(world, { create: 'return (await flows.create()).id;' });
  await tenant.instance((await call(tenant, 'create')) as string).waiting();
});

behaviour('env.WORKFLOWS: create with a taken id throws (instance.already_exists) with the text', async (world) => {
  const tenant = await calling(world, { create: "await flows.create({ id: 'x' }); await flows.create({ id: 'x' });" });
  assert.equal(await call(tenant, 'create'), '(instance.already_exists) Workflow instance with id "x" already exists');
});

behaviour('env.WORKFLOWS: create with a bad id throws Workflow instance has invalid id', async (world) => {
  const tenant = await calling(world, { create: "await flows.create({ id: 'not valid' });" });
  assert.match((await call(tenant, 'create')) as string, /Workflow instance has invalid id/);
});

behaviour('env.WORKFLOWS: get of an unknown instance throws instance.not_found', async (world) => {
  const tenant = await calling(world, { get: "await flows.get('nobody');" });
  assert.match((await call(tenant, 'get')) as string, /instance\.not_found/);
});

behaviour('env.WORKFLOWS: a handle sends events, and status gives the output', async (world) => {
  const tenant = await calling(world, {
    send: "await (await flows.get('i')).sendEvent({ type: 'e', payload: new Map([['k', 1]]) }); return 'sent';",
    status:
      "const { status, output } = await (await flows.get('i')).status(); return { status, isMap: output?.payload instanceof Map, k: output?.payload?.get?.('k') };",
  });
  const instance = await tenant.create(undefined, { id: 'i' });
  await instance.waiting();
  assert.equal(await call(tenant, 'send'), 'sent');
  await instance.finished();
  assert.deepEqual(await call(tenant, 'status'), { status: 'complete', isMap: true, k: 1 });
});

behaviour('env.WORKFLOWS: status of a failed instance has the error', async (world) => {
  const tenant = await calling(
    world,
    {
      status:
        "const { status, error } = await (await flows.get('i')).status(); return [status, error.name, error.message];",
    },
    "throw new TypeError('why');",
  );
  await (await tenant.create(undefined, { id: 'i' })).finished();
  assert.deepEqual(await call(tenant, 'status'), ['errored', 'TypeError', 'why']);
});

behaviour('env.WORKFLOWS: a handle pauses, resumes, terminates and restarts', async (world) => {
  const act = (name: string) => `await (await flows.get('i')).${name}(); return '${name}';`;
  const tenant = await calling(world, {
    pause: act('pause'),
    resume: act('resume'),
    terminate: act('terminate'),
    restart: act('restart'),
  });
  const instance = await tenant.create(undefined, { id: 'i' });
  await instance.waiting();
  await call(tenant, 'pause');
  await instance.status('paused');
  await call(tenant, 'resume');
  await instance.waiting();
  await call(tenant, 'terminate');
  assert.equal((await instance.finished()).status, 'terminated');
  assert.equal(
    await call(tenant, 'terminate'),
    '(instance.cannot_terminate) Cannot terminate instance since its on a finite state',
  );
  await call(tenant, 'restart');
  await instance.waiting();
});

behaviour('env.WORKFLOWS: restart takes from, and an unknown step throws (instance.cannot_restart)', async (world) => {
  const tenant = await calling(
    world,
    {
      restart: "await (await flows.get('i')).restart({ from: { name: 'b' } }); return 'done';",
      wrong: "await (await flows.get('i')).restart({ from: { name: 'nowhere' } });",
    },
    "const a = await step.do('a', async () => note('a')); const b = await step.do('b', async () => note('b')); return [a, b];",
  );
  const instance = await tenant.create(undefined, { id: 'i' });
  await instance.finished();
  assert.equal(await call(tenant, 'restart'), 'done');
  await instance.until('second output', ({ output }) => output?.[0] === '1' && output?.[1] === '2');
  assert.equal(await call(tenant, 'wrong'), '(instance.cannot_restart) Step "nowhere" not found in execution history');
});

behaviour('env.WORKFLOWS: a handle deletes its instance', async (world) => {
  const tenant = await calling(world, { remove: "await (await flows.get('i')).delete(); return 'gone';" });
  const instance = await tenant.create(undefined, { id: 'i' });
  assert.equal(await call(tenant, 'remove'), 'gone');
  await tenant.api.refused(404, 'instance.not_found', 'GET', instance.path);
});

behaviour('env.WORKFLOWS: createBatch with a list skips duplicates silently', async (world) => {
  const tenant = await calling(world, {
    batch:
      "await flows.create({ id: 'b' }); return (await flows.createBatch([{ id: 'a' }, { id: 'b' }, { id: 'c', params: 1 }])).map(({ id }) => id);",
  });
  assert.deepEqual(await call(tenant, 'batch'), ['a', 'c']);
});

behaviour('env.WORKFLOWS: createBatch with an object reports each that failed, and takes count', async (world) => {
  const tenant = await calling(world, {
    list: `await flows.create({ id: 'b' });
      const { created, errors } = await flows.createBatch({ instances: [{ id: 'a' }, { id: 'b' }] });
      return [created.map(({ id }) => id), errors.map(({ index, id }) => [index, id])];`,
    count: 'return (await flows.createBatch({ count: 3, params: { p: 1 } })).created.length;',
  });
  assert.deepEqual(await call(tenant, 'list'), [['a'], [[1, 'b']]]);
  assert.equal(await call(tenant, 'count'), 3);
});

behaviour('env.WORKFLOWS: createBatch of none throws batchCreate should have at least 1 instance', async (world) => {
  const tenant = await calling(world, { batch: 'await flows.createBatch([]);' });
  assert.match((await call(tenant, 'batch')) as string, /batchCreate should have at least 1 instance/);
});

behaviour('env.WORKFLOWS: deleteBatch deletes and reports', async (world) => {
  const tenant = await calling(world, {
    remove:
      "const { deleted, errors } = await flows.deleteBatch(['a', 'nobody']); return [deleted.map(({ id }) => id), errors.map(({ id }) => id)];",
  });
  await tenant.create(undefined, { id: 'a' });
  assert.deepEqual(await call(tenant, 'remove'), [['a'], ['nobody']]);
});

behaviour(
  'env.WORKFLOWS: stands for the workflow TenantWorkflow where there are several; for() gives another',
  async (world) => {
    const tenant = await world.deployed(`import { WorkflowEntrypoint } from 'cloudflare:workers';
export class Other extends WorkflowEntrypoint { async run() { return 'other'; } }
export class TenantWorkflow extends WorkflowEntrypoint { async run() { return 'own'; } }
export default { async fetch(request, env) {
  const [own, other] = [await env.WORKFLOWS.create({ id: 'x' }), await env.WORKFLOWS.for('Other').create({ id: 'x' })];
  return Response.json([own.id, other.id]);
} };`);
    await tenant.fetch('POST', '/');
    assert.equal(await tenant.instance('x', 'TenantWorkflow').completed(), 'own');
    assert.equal(await tenant.instance('x', 'Other').completed(), 'other');
  },
);

behaviour('env.WORKFLOWS: a step may start another instance and wait for what it tells', async (world) => {
  const tenant = await world.deployed(
    workflow(`if (event.payload.child) { await step.do('tell', async () => {
        await (await this.env.WORKFLOWS.get(event.payload.parent)).sendEvent({ type: 'told', payload: 'by the child' }); }); return 'child'; }
    await step.do('start', async () => { await this.env.WORKFLOWS.create({ params: { child: true, parent: event.instanceId } }); });
    return (await step.waitForEvent('told', { type: 'told' })).payload;`),
  );
  assert.equal(await (await tenant.create()).completed(), 'by the child');
});

behaviour('env.WORKFLOWS: of a class with a getter id, a handle may cross no step as a result', async (world) => {
  const tenant = await world.deployed(
    workflow(
      "const id = await step.do('start', async () => (await this.env.WORKFLOWS.create({ id: 'child' , params: 'stop' })).id); return id;".replace(
        'const id',
        "if (event.payload === 'stop') return 'stopped'; const id",
      ),
    ),
  );
  assert.equal(await (await tenant.create()).completed(), 'child');
  await eventually('the child ends', async () =>
    (await tenant.instance('child').detail()).status === 'complete' ? true : undefined,
  );
});
