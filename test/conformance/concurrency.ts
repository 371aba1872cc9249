import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { eventually, type Instance, type TenantWorld, workflow } from './world.ts';

/** Works for as long as the ledger holds it by its name. */
const WORKS = workflow(
  "await step.do('work', async () => note('begins ' + event.payload, '?hold=' + event.payload)); return event.payload;",
);
const WAITS_OR_WORKS = workflow(
  "if (event.payload === 'waits') await step.waitForEvent('w', { type: 'e' });" +
    "else await step.do('work', async () => note('begins ' + event.payload, '?hold=' + event.payload));" +
    'return event.payload;',
);

const limit = (tenant: TenantWorld, to: number | null) =>
  tenant.api.expect(200, 'PATCH', `${tenant.path}/workflows/W`, { json: { concurrency: { limit: to } } });

/** One after the other, so that each is younger than the one before. */
const createAll = async (tenant: TenantWorld, names: readonly string[]): Promise<readonly Instance[]> => {
  const instances: Instance[] = [];
  for (const name of names) instances.push(await tenant.create(name, { id: name }));
  return instances;
};

/** In line, and not just about to be: it has been refused. */
const inLine = async (instances: readonly Instance[]): Promise<void> => {
  for (const instance of instances) await instance.status('queued');
};

behaviour('concurrency: no more than the limit run at the same time, and the rest is queued', async (world) => {
  const tenant = await world.deployed(WORKS);
  assert.deepEqual((await limit(tenant, 2)).body.concurrency, { limit: 2 });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const instances = await createAll(tenant, names);
  await eventually('two at work', () => (tenant.noted.length === 2 ? true : undefined));
  const statuses = await eventually('the rest in line', async () => {
    const found = await Promise.all(instances.map(async (instance) => (await instance.detail()).status));
    return found.filter((status) => status === 'queued').length === 3 ? found : undefined;
  });
  assert.equal(statuses.filter((status) => status === 'running').length, 2);
  for (const done of [1, 2, 3]) {
    tenant.release(tenant.noted[done - 1]?.replace('begins ', '') ?? '');
    await eventually('the next one at work', () => (tenant.noted.length === done + 2 ? true : undefined));
  }
  for (const name of names) tenant.release(name);
  assert.deepEqual(await Promise.all(instances.map((instance) => instance.completed())), names);
  assert.equal(tenant.noted.length, 5);
});

behaviour('concurrency: those in line go by their age', async (world) => {
  const tenant = await world.deployed(WORKS);
  await limit(tenant, 1);
  const [first, ...others] = await createAll(tenant, ['a', 'b', 'c', 'd']);
  await eventually('the first at work', () => (tenant.noted.length === 1 ? true : undefined));
  await inLine(others);
  for (const name of ['b', 'c', 'd']) tenant.release(name);
  tenant.release('a');
  await first?.completed();
  for (const instance of others) await instance.completed();
  assert.deepEqual(tenant.noted, ['begins a', 'begins b', 'begins c', 'begins d']);
});

behaviour('concurrency: whoever waits takes no slot, and stands in line when it goes on', async (world) => {
  const tenant = await world.deployed(WAITS_OR_WORKS);
  await limit(tenant, 1);
  const waiting = await tenant.create('waits');
  await waiting.waiting('w');
  const working = await tenant.create('x');
  await tenant.noting('begins x');
  await waiting.send('e', 'now');
  const { waitingFor } = await waiting.status('queued');
  assert.deepEqual(waitingFor ?? [], []);
  tenant.release('x');
  assert.deepEqual(await Promise.all([working.completed(), waiting.completed()]), ['x', 'waits']);
});

for (const [what, out, ends] of [
  ['terminated', (instance: Instance) => instance.control('terminate'), 'terminated'],
  ['paused', (instance: Instance) => instance.control('pause'), 'paused'],
] as const) {
  behaviour(`concurrency: one in line that is ${what} is in nobody's way`, async (world) => {
    const tenant = await world.deployed(WORKS);
    await limit(tenant, 1);
    const [first, second, third] = await createAll(tenant, ['a', 'b', 'c']);
    assert.ok(first && second && third);
    await tenant.noting('begins a');
    await inLine([second, third]);
    await out(second);
    await second.status(ends);
    for (const name of ['a', 'b', 'c']) tenant.release(name);
    await Promise.all([first.completed(), third.completed()]);
    assert.deepEqual(tenant.noted, ['begins a', 'begins c']);
    if (ends === 'terminated') return;
    await second.control('resume');
    assert.equal(await second.completed(), 'b');
  });
}

behaviour('concurrency: a limit that is raised, or taken away, lets go of those in line', async (world) => {
  const tenant = await world.deployed(WORKS);
  await limit(tenant, 1);
  const instances = await createAll(tenant, ['a', 'b', 'c', 'd']);
  await tenant.noting('begins a');
  await inLine(instances.slice(1));
  await limit(tenant, 2);
  await tenant.noting('begins b');
  const { body } = await limit(tenant, null);
  assert.equal(body.concurrency, undefined);
  await Promise.all([tenant.noting('begins c'), tenant.noting('begins d')]);
  for (const name of ['a', 'b', 'c', 'd']) tenant.release(name);
  for (const instance of instances) await instance.completed();
});

behaviour("concurrency: a tenant's own limit counts over its workflows, and over no other tenant", async (world) => {
  const two = `${WORKS}\nexport class V extends W {}`;
  const tenant = await world.deployed(two, { limits: { concurrent: 1 } });
  const other = await world.deployed(two, { limits: { concurrent: 1 } });
  const [first] = await createAll(tenant, ['a']);
  await tenant.noting('begins a');
  const second = await tenant.create('b', { workflow: 'V' });
  await inLine([second]);
  const elsewhere = await other.create('c');
  await other.noting('begins c');
  other.release('c');
  await elsewhere.completed();
  assert.equal(tenant.count('begins b'), 0);
  tenant.release('b');
  tenant.release('a');
  assert.deepEqual(await Promise.all([first?.completed(), second.completed()]), ['a', 'b']);
});

behaviour('concurrency: a process that dies at work keeps nobody waiting', async (world) => {
  const { server, operator } = await world.ownServer();
  const tenant = await world.tenant({}, operator);
  await tenant.deploy(WORKS);
  await limit(tenant, 1);
  const instances = await createAll(tenant, ['a', 'b', 'c']);
  await tenant.noting('begins a');
  await inLine(instances.slice(1));
  for (const name of ['b', 'c']) tenant.release(name);
  await server.restart('SIGKILL');
  tenant.release('a');
  for (const instance of instances) await instance.completed();
});

for (const bad of [0, -1, 1.5, 1_001, '3', true]) {
  behaviour(`concurrency: a limit of ${JSON.stringify(bad)} is 422, and nothing is changed`, async (world) => {
    const tenant = await world.deployed(WORKS);
    await limit(tenant, 3);
    const { body } = await tenant.api.refused(422, 'request.invalid', 'PATCH', `${tenant.path}/workflows/W`, {
      json: { concurrency: { limit: bad }, limits: { steps: 7 } },
    });
    assert.equal(body.errors[0].path, 'concurrency.limit');
    const read = await tenant.api.expect(200, 'GET', `${tenant.path}/workflows/W`);
    assert.deepEqual([read.body.concurrency, read.body.limits], [{ limit: 3 }, undefined]);
  });
}
