import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { pause, type TenantWorld, workflow } from './world.ts';

const WAITS_OR_ENDS =
  "if (event.payload === 'wait') await step.waitForEvent('w', { type: 'e' }); if (event.payload === 'fail') throw new Error('no'); return 1;";

const ids = async (tenant: TenantWorld, query = '', name = 'W'): Promise<string[]> =>
  (await tenant.api.expect(200, 'GET', `${tenant.instances(name)}${query}`)).body.instances.map(
    ({ id }: { id: string }) => id,
  );

behaviour('list: newest first, with status, version, times and waitingFor', async (world) => {
  const tenant = await world.tenant();
  const version = await tenant.deploy(workflow(WAITS_OR_ENDS));
  for (const id of ['one', 'two']) await (await tenant.create(undefined, { id })).finished();
  await (await tenant.create('wait', { id: 'three' })).waiting();
  const { instances } = (await tenant.api.expect(200, 'GET', tenant.instances())).body;
  assert.deepEqual(
    instances.map(({ id, status }: { id: string; status: string }) => [id, status]),
    [
      ['three', 'waiting'],
      ['two', 'complete'],
      ['one', 'complete'],
    ],
  );
  assert.equal(instances[0].version, version);
  assert.equal(instances[0].waitingFor[0].eventType, 'e');
  for (const field of ['createdAt', 'startedAt', 'endedAt']) assert.ok(typeof instances[1][field] === 'string', field);
});

behaviour('list: by status', async (world) => {
  const tenant = await world.deployed(workflow(WAITS_OR_ENDS));
  await (await tenant.create(undefined, { id: 'ends' })).finished();
  await (await tenant.create('fail', { id: 'fails' })).finished();
  await (await tenant.create('wait', { id: 'waits' })).waiting();
  assert.deepEqual(await ids(tenant, '?status=complete'), ['ends']);
  assert.deepEqual(await ids(tenant, '?status=errored'), ['fails']);
  assert.deepEqual(await ids(tenant, '?status=waiting'), ['waits']);
  assert.deepEqual(await ids(tenant, '?status=paused'), []);
});

behaviour('list: pages of limit, by cursor, hold each instance once', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  for (let i = 0; i < 7; i++) await tenant.create(undefined, { id: `i${i}` });
  const found: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const query = `?limit=3${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { body } = await tenant.api.expect(200, 'GET', `${tenant.instances()}${query}`);
    assert.ok(body.instances.length <= 3);
    found.push(...body.instances.map(({ id }: { id: string }) => id));
    cursor = body.cursor ?? undefined;
    pages += 1;
  } while (cursor !== undefined && pages < 9);
  assert.deepEqual(found, ['i6', 'i5', 'i4', 'i3', 'i2', 'i1', 'i0']);
});

behaviour('list: between from and to, by creation', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await tenant.create(undefined, { id: 'before' });
  await pause(20);
  const from = new Date().toISOString();
  await pause(5);
  await tenant.create(undefined, { id: 'within' });
  await pause(5);
  const to = new Date().toISOString();
  await pause(20);
  await tenant.create(undefined, { id: 'after' });
  assert.deepEqual(await ids(tenant, `?from=${from}&to=${to}`), ['within']);
  assert.deepEqual(await ids(tenant, `?to=${to}`), ['within', 'before']);
});

behaviour('list: an instance belongs to one workflow, and two workflows may use one id', async (world) => {
  const tenant = await world.deployed(`import { WorkflowEntrypoint } from 'cloudflare:workers';
export class A extends WorkflowEntrypoint { async run() { return 'a'; } }
export class B extends WorkflowEntrypoint { async run() { return 'b'; } }`);
  const a = await tenant.create(undefined, { id: 'same', workflow: 'A' });
  const b = await tenant.create(undefined, { id: 'same', workflow: 'B' });
  assert.deepEqual([await a.completed(), await b.completed()], ['a', 'b']);
  assert.deepEqual([await ids(tenant, '', 'A'), await ids(tenant, '', 'B')], [['same'], ['same']]);
  await tenant.api.expect(204, 'DELETE', a.path);
  assert.deepEqual([await ids(tenant, '', 'A'), await ids(tenant, '', 'B')], [[], ['same']]);
});

for (const query of ['limit=0', 'limit=201', 'limit=x', 'status=banana', 'from=yesterday', 'cursor=nonsense']) {
  behaviour(`list: ?${query} is 422`, async (world) => {
    const tenant = await world.deployed(workflow('return 1;'));
    await tenant.api.refused(422, 'request.invalid', 'GET', `${tenant.instances()}?${query}`);
  });
}

behaviour('batch: instances in their order, with given ids and params', async (world) => {
  const tenant = await world.deployed(workflow('return event.payload;'));
  const { body } = await tenant.api.expect(200, 'POST', `${tenant.instances()}/batch`, {
    json: { instances: [{ id: 'a', params: 1 }, { params: 2 }, { id: 'c' }] },
  });
  assert.deepEqual(body.errors, []);
  assert.equal(body.created.length, 3);
  const outputs = [];
  for (const { id } of body.created) outputs.push(await tenant.instance(id).completed());
  assert.deepEqual(outputs, [1, 2, {}]);
  assert.equal(body.created[0].id, 'a');
});

behaviour('batch: by count, all with the same params', async (world) => {
  const tenant = await world.deployed(workflow('return event.payload;'));
  const { body } = await tenant.api.expect(200, 'POST', `${tenant.instances()}/batch`, {
    json: { count: 4, params: { p: 1 } },
  });
  assert.equal(new Set(body.created.map(({ id }: { id: string }) => id)).size, 4);
  for (const { id } of body.created) assert.deepEqual(await tenant.instance(id).completed(), { p: 1 });
});

behaviour('batch: reports each that could not be created, by its place, and creates the others', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await tenant.create(undefined, { id: 'taken' });
  const { body } = await tenant.api.expect(200, 'POST', `${tenant.instances()}/batch`, {
    json: { instances: [{ id: 'new' }, { id: 'taken' }, { id: 'other' }] },
  });
  assert.deepEqual(
    body.created.map(({ id }: { id: string }) => id),
    ['new', 'other'],
  );
  assert.equal(body.errors.length, 1);
  const [error] = body.errors;
  assert.deepEqual([error.index, error.id, error.code], [1, 'taken', 'instance.already_exists']);
  assert.match(error.message, /already exists/);
});

behaviour('batch: none is 422 batchCreate should have at least 1 instance', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const { text } = await tenant.api.refused(422, 'request.invalid', 'POST', `${tenant.instances()}/batch`, {
    json: { instances: [] },
  });
  assert.match(text, /batchCreate should have at least 1 instance/);
});

behaviour('batch: 100 are allowed, 101 are 422', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const { body } = await tenant.api.expect(200, 'POST', `${tenant.instances()}/batch`, { json: { count: 100 } });
  assert.equal(body.created.length, 100);
  await tenant.api.refused(422, 'request.invalid', 'POST', `${tenant.instances()}/batch`, { json: { count: 101 } });
  const instances = Array.from({ length: 101 }, () => ({}));
  await tenant.api.refused(422, 'request.invalid', 'POST', `${tenant.instances()}/batch`, { json: { instances } });
});

behaviour('batch delete: deletes and reports what is not there', async (world) => {
  const tenant = await world.deployed(workflow(WAITS_OR_ENDS));
  await (await tenant.create(undefined, { id: 'ended' })).finished();
  await (await tenant.create('wait', { id: 'waits' })).waiting();
  const { body } = await tenant.api.expect(200, 'POST', `${tenant.instances()}/batch/delete`, {
    json: { ids: ['ended', 'nobody', 'waits'] },
  });
  assert.equal(body.deleted.length, 2);
  assert.equal(body.errors.length, 1);
  assert.equal(body.errors[0].id, 'nobody');
  assert.deepEqual(await ids(tenant), []);
});

behaviour('batch delete: 101 are 422', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const json = { ids: Array.from({ length: 101 }, (_, i) => `i${i}`) };
  await tenant.api.refused(422, 'request.invalid', 'POST', `${tenant.instances()}/batch/delete`, { json });
});

behaviour('steps: the detail holds the first 100, the rest by cursor', async (world) => {
  const tenant = await world.deployed(workflow("for (let i = 0; i < 130; i++) await step.do('s' + i, async () => i);"));
  const instance = await tenant.create();
  const detail = await instance.finished();
  assert.equal(detail.steps.length, 100);
  assert.equal(detail.stepCount, 130);
  const { body } = await tenant.api.expect(
    200,
    'GET',
    `${instance.path}/steps?cursor=${encodeURIComponent(detail.stepsCursor)}&limit=200`,
  );
  assert.deepEqual(
    body.steps.map(({ name }: { name: string }) => name),
    Array.from({ length: 30 }, (_, i) => `s${100 + i}`),
  );
});

behaviour('step: one by name, count and type; 404 step.not_found otherwise', async (world) => {
  const tenant = await world.deployed(
    workflow("await step.do('s', async () => 1); await step.do('s', async () => 2); await step.sleep('s', 1);"),
  );
  const instance = await tenant.create();
  await instance.finished();
  const step = async (query: string) => (await tenant.api.expect(200, 'GET', `${instance.path}/step?${query}`)).body;
  assert.equal((await step('name=s')).output, 1);
  assert.equal((await step('name=s&count=2')).output, 2);
  assert.equal((await step('name=s&type=sleep')).type, 'sleep');
  await tenant.api.refused(404, 'step.not_found', 'GET', `${instance.path}/step?name=s&count=3`);
  await tenant.api.refused(404, 'step.not_found', 'GET', `${instance.path}/step?name=nothing`);
});

behaviour('workflows: listed by the names of their exports', async (world) => {
  const tenant = await world.deployed(`import { WorkflowEntrypoint } from 'cloudflare:workers';
class Inner extends WorkflowEntrypoint { async run() { return 'inner'; } }
export { Inner as Outer };
export class Plain extends WorkflowEntrypoint { async run() { return 1; } }
export class NoWorkflow {}
export const notEither = 5;`);
  const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/workflows`);
  assert.deepEqual(body.workflows.map(({ name }: { name: string }) => name).sort(), ['Outer', 'Plain']);
  assert.equal(await (await tenant.create(undefined, { workflow: 'Outer' })).completed(), 'inner');
  for (const name of ['Inner', 'NoWorkflow', 'Nothing']) {
    await tenant.api.refused(404, 'workflow.not_found', 'POST', tenant.instances(name), { json: {} });
  }
});
