import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { msBetween, stepOf, type TenantWorld, type World, workflow } from './world.ts';

/** A tenant with that body on a server that the check may kill. */
const killable = async (world: World, body: string) => {
  const { server, operator } = await world.ownServer();
  const tenant: TenantWorld = await world.tenant({}, operator);
  await tenant.deploy(workflow(body));
  return { server, operator, tenant };
};

behaviour('anchor bug 11: a sleeper wakes after the process was killed and started again', async (world) => {
  const { server, tenant } = await killable(
    world,
    "await step.do('a', async () => note('a')); await step.sleep('nap', 2500); return step.do('b', async () => note('b'));",
  );
  const instance = await tenant.create();
  await instance.waiting('nap');
  await server.restart('SIGKILL');
  const detail = await instance.finished();
  assert.equal(detail.status, 'complete');
  assert.deepEqual(tenant.noted, ['a', 'b']);
  const nap = stepOf(detail, 'nap');
  assert.ok(msBetween(nap.startedAt, nap.endedAt) >= 2_499);
});

behaviour('anchor bug 11: a sleeper whose time passed while the process was down wakes at the start', async (world) => {
  const { server, tenant } = await killable(world, "await step.sleep('nap', 1200); return 'awake';");
  const instance = await tenant.create();
  await instance.waiting('nap');
  await server.end('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await server.start();
  assert.equal(await instance.completed(), 'awake');
});

behaviour('anchor bug 11: limits are enforced locally', async (world) => {
  const tenant = await world.deployed(
    workflow("await step.do('one', async () => 1); await step.do('two', async () => 2);"),
    { limits: { steps: 1 } },
  );
  const { error } = await (await tenant.create()).finished();
  assert.equal(error?.message, 'The limit of 1 steps has been reached.');
});

behaviour(
  'crash: SIGKILL in a callback: finished steps do not run again, the open attempt counts and is retried',
  async (world) => {
    const { server, tenant } = await killable(
      world,
      `const a = await step.do('a', async () => note('a'));
    const b = await step.do('b', { retries: { limit: 2, delay: 50, backoff: 'constant' } }, async ({ attempt }) => { await note('b', attempt === 1 ? '?hold=never' : ''); return attempt; });
    return [a, b];`,
    );
    const instance = await tenant.create();
    await tenant.noting('b');
    await server.restart('SIGKILL');
    const detail = await instance.finished();
    assert.equal(detail.status, 'complete', JSON.stringify(detail.error));
    assert.deepEqual(detail.output, ['1', 2]);
    assert.equal(tenant.count('a'), 1);
    assert.equal(tenant.count('b'), 2);
    const { attempts } = stepOf(detail, 'b');
    assert.equal(attempts.length, 2);
    assert.equal(attempts[0].error.name, 'WorkflowInternalError');
  },
);

behaviour('crash: an event that was accepted before SIGKILL is delivered, once', async (world) => {
  const { server, tenant } = await killable(
    world,
    `const first = await step.waitForEvent('w', { type: 'e' }); await step.waitForEvent('go on', { type: 'go' });
    const second = await step.waitForEvent('w2', { type: 'e', timeout: 400 }).catch((error) => ({ payload: error.name }));
    return [first.payload, second.payload];`,
  );
  const instance = await tenant.create();
  await instance.waiting('w');
  await instance.send('e', 'accepted');
  await server.restart('SIGKILL');
  await instance.waiting('go on');
  await server.restart('SIGKILL');
  await instance.send('go');
  assert.deepEqual(await instance.completed(), ['accepted', 'WorkflowTimeoutError']);
});

behaviour('crash: what was acknowledged is there: tenants, keys, versions, env, finished instances', async (world) => {
  const { server, operator, tenant } = await killable(world, 'return this.env.NAME;');
  assert.ok(
    (await tenant.api.call('PUT', `${tenant.path}/env/NAME`, { json: { value: 'kept', secret: true } })).status < 300,
  );
  const instance = await tenant.create();
  assert.equal(await instance.completed(), 'kept');
  await server.restart('SIGKILL');
  assert.equal((await instance.detail()).output, 'kept');
  await operator.expect(200, 'GET', tenant.path);
  assert.equal(await (await tenant.create()).completed(), 'kept');
});

behaviour('crash: a paused instance is still paused', async (world) => {
  const { server, tenant } = await killable(world, "await step.sleep('nap', 1100); return 'awake';");
  const instance = await tenant.create();
  await instance.waiting();
  await instance.control('pause');
  await instance.status('paused');
  await server.restart('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  assert.equal((await instance.detail()).status, 'paused');
  await instance.control('resume');
  assert.equal(await instance.completed(), 'awake');
});

behaviour('stop: SIGTERM ends the process within 5 s with nothing lost, a running callback included', async (world) => {
  const { server, tenant } = await killable(
    world,
    `await step.do('a', async () => note('a'));
    return step.do('b', { retries: { limit: 2, delay: 10, backoff: 'constant' } }, async () => {
      if ((await note('b')) === '1') await note('hanging', '?hold=never'); return 'done'; });`,
  );
  const instance = await tenant.create();
  await tenant.noting('hanging');
  const ms = await server.end('SIGTERM');
  assert.ok(ms < 5_500, `took ${ms} ms`);
  await server.start();
  assert.equal(await instance.completed(), 'done');
  assert.deepEqual(tenant.noted, ['a', 'b', 'hanging', 'b']);
});

behaviour('crash: fifty waiting instances all go on', async (world) => {
  const { server, tenant } = await killable(
    world,
    "const a = await step.do('a', async () => note('a')); await step.sleep('nap', 8000); return a;",
  );
  const { body } = await tenant.api.expect(200, 'POST', `${tenant.instances()}/batch`, { json: { count: 50 } });
  const instances = body.created.map(({ id }: { id: string }) => tenant.instance(id));
  await tenant.noting('a', 50);
  for (const instance of instances) await instance.waiting('nap');
  await server.restart('SIGKILL');
  for (const instance of instances) assert.equal(typeof (await instance.completed()), 'string');
  assert.equal(tenant.count('a'), 50);
});
