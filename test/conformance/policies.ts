import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, eventually, stepOf, type TenantWorld, type World, workflow } from './world.ts';

type Instance = Awaited<ReturnType<TenantWorld['create']>>;

/** A policy that holds for this tenant alone, so that no other behaviour hears of it. */
const setPolicy = async (world: World, tenant: TenantWorld, policy: object, name = 'gate'): Promise<string> => {
  const path = `/v1/policies/${tenant.id}-${name}`;
  await world.operator.expect(201, 'PUT', path, { json: { tenants: [tenant.id], ...policy } });
  return path;
};

const approvalOf = async (instance: Instance, step = 'charge'): Promise<Detail> => {
  await instance.waiting(step);
  const { approvals } = stepOf(await instance.detail(), step);
  return approvals.at(-1);
};

const answer = (world: World, instance: Instance, id: string, json: object, status = 202): Promise<unknown> =>
  world.operator.expect(status, 'POST', `${instance.path}/approvals/${id}`, { json });

const CHARGE = "step.do('charge', async () => note('charged'))";
const CAUGHT = `try { return await ${CHARGE}; } catch (error) { return { name: error.name, message: error.message }; }`;

behaviour('policies: are put, read, listed and removed, by the operator alone', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const path = await setPolicy(world, tenant, { before: { step: 'charge *' }, action: 'approve', timeout: '2 hours' });
  const { body } = await world.operator.expect(200, 'GET', path);
  const { updatedAt, ...policy } = body;
  assert.ok(Date.parse(updatedAt) > 0);
  assert.deepEqual(policy, {
    name: `${tenant.id}-gate`,
    tenants: [tenant.id],
    before: { step: 'charge *' },
    action: 'approve',
    timeout: 7_200_000,
  });
  const listed = (await world.operator.expect(200, 'GET', '/v1/policies')).body.policies;
  assert.ok(listed.some(({ name }: { name: string }) => name === policy.name));
  const json = { tenants: [tenant.id], before: { binding: 'WORKFLOWS' }, action: 'refuse', reason: 'not yet' };
  const replaced = await world.operator.expect(200, 'PUT', path, { json });
  assert.deepEqual([replaced.body.before, replaced.body.reason], [{ binding: 'WORKFLOWS' }, 'not yet']);
  for (const method of ['GET', 'DELETE']) await tenant.api.refused(403, 'auth.forbidden', method, path);
  await tenant.api.refused(403, 'auth.forbidden', 'PUT', path, { json });
  await world.operator.expect(204, 'DELETE', path);
  await world.operator.refused(404, 'policy.not_found', 'DELETE', path);
  await world.operator.refused(404, 'policy.not_found', 'GET', path);
});

for (const [what, json, path] of [
  ['without a subject', { action: 'approve' }, 'before'],
  ['with two subjects', { before: { step: 'a', binding: 'B' }, action: 'approve' }, 'before'],
  ['that refuses without a reason', { before: { step: 'a' }, action: 'refuse' }, 'reason'],
  ['that refuses after a time', { before: { step: 'a' }, action: 'refuse', reason: 'r', timeout: 5 }, 'timeout'],
  ['that asks for no time', { before: { step: 'a' }, action: 'approve', timeout: 0 }, 'timeout'],
  ['with an unknown field', { before: { step: 'a' }, action: 'approve', when: 'now' }, 'when'],
  ['for no tenant', { tenants: [], before: { step: 'a' }, action: 'approve' }, 'tenants'],
] as const) {
  behaviour(`policies: one ${what} is 422, and none is there`, async (world) => {
    const name = `/v1/policies/never-${path}`;
    const refused = await world.operator.refused(422, 'request.invalid', 'PUT', name, { json });
    assert.equal(refused.body.errors[0].path, path, refused.text);
    await world.operator.refused(404, 'policy.not_found', 'GET', name);
  });
}

behaviour('policies: a step waits for an approval, and begins when it is given', async (world) => {
  const tenant = await world.deployed(workflow(`return ${CHARGE};`));
  await setPolicy(world, tenant, { before: { step: 'ch*' }, action: 'approve' });
  const instance = await tenant.create();
  const approval = await approvalOf(instance);
  assert.deepEqual([approval.policy, approval.status], [`${tenant.id}-gate`, 'pending']);
  const { waitingFor, steps } = await instance.detail();
  assert.deepEqual([waitingFor[0].kind, waitingFor[0].approval], ['approval', approval.id]);
  assert.deepEqual([steps[0].status, steps[0].attempts, tenant.count('charged')], ['waiting', [], 0]);
  await tenant.api.refused(403, 'auth.forbidden', 'POST', `${instance.path}/approvals/${approval.id}`, {
    json: { approved: true },
  });
  await answer(world, instance, approval.id, { approved: true, reason: 'fine', by: 'ada' });
  await instance.completed();
  assert.equal(tenant.count('charged'), 1);
  await answer(world, instance, approval.id, { approved: true });
  const [shown] = stepOf(await instance.detail(), 'charge').approvals;
  assert.deepEqual([shown.status, shown.reason, shown.by], ['approved', 'fine', 'ada']);
  await world.operator.refused(409, 'approval.settled', 'POST', `${instance.path}/approvals/${approval.id}`, {
    json: { approved: false },
  });
});

behaviour('policies: what is refused is thrown once, can be caught, and is never called', async (world) => {
  const tenant = await world.deployed(workflow(CAUGHT));
  await setPolicy(world, tenant, { before: { step: 'charge' }, action: 'approve' });
  const instance = await tenant.create();
  await answer(world, instance, (await approvalOf(instance)).id, { approved: false, reason: 'too dear' });
  assert.deepEqual(await instance.completed(), {
    name: 'PolicyRefusedError',
    message: `The policy "${tenant.id}-gate" refused step.do("charge"): too dear`,
  });
  const step = stepOf(await instance.detail(), 'charge');
  assert.deepEqual([step.status, step.attempts, tenant.count('charged')], ['errored', [], 0]);
});

behaviour('policies: nobody answers in time, and it is refused', async (world) => {
  const tenant = await world.deployed(workflow(CAUGHT));
  await setPolicy(world, tenant, { before: { step: 'charge' }, action: 'approve', timeout: '1 second' });
  const instance = await tenant.create();
  const output = (await instance.completed()) as { readonly message: string };
  assert.match(output.message, /nobody has approved it in time$/);
  assert.equal(stepOf(await instance.detail(), 'charge').approvals[0].status, 'expired');
});

behaviour('policies: one that refuses a step needs nobody', async (world) => {
  const tenant = await world.deployed(workflow(`await step.do('plain', async () => 1); return ${CHARGE};`));
  await setPolicy(world, tenant, { before: { step: 'charge' }, action: 'refuse', reason: 'frozen until Monday' });
  const { status, error } = await (await tenant.create()).finished();
  assert.deepEqual([status, error.name], ['errored', 'PolicyRefusedError']);
  assert.match(error.message, /frozen until Monday$/);
  assert.equal(tenant.count('charged'), 0);
});

behaviour('policies: a call waits for an approval, and its step runs anew when it is given', async (world) => {
  const tenant = await world.deployed(
    workflow("return step.do('charge', async (ctx) => { await note('charged'); return ctx.attempt; });"),
  );
  await setPolicy(world, tenant, { before: { binding: '$fetch' }, action: 'approve' });
  const instance = await tenant.create();
  const approval = await approvalOf(instance);
  assert.deepEqual([approval.call, tenant.count('charged')], ['$fetch.fetch', 0]);
  await answer(world, instance, approval.id, { approved: true });
  assert.equal(await instance.completed(), 1);
  assert.equal(tenant.count('charged'), 1);
});

behaviour('policies: a call outside of all steps is refused, from default.fetch as well', async (world) => {
  const source = `${workflow("return note('run').catch((error) => error.name);")}
export default { fetch: async () => new Response(await note('page').catch((error) => error.name)) };`;
  const tenant = await world.deployed(source);
  await setPolicy(world, tenant, { before: { binding: '$fetch', method: 'fetch' }, action: 'approve' });
  assert.equal(await (await tenant.create()).completed(), 'PolicyRefusedError');
  assert.equal((await tenant.api.call('GET', `/t/${tenant.id}/`, { key: null })).text, 'PolicyRefusedError');
  assert.equal(tenant.entries.length, 0);
});

behaviour('policies: one that was removed still waits for its answer, and a new instance does not', async (world) => {
  const tenant = await world.deployed(workflow(`return ${CHARGE};`));
  const path = await setPolicy(world, tenant, { workflows: ['W'], before: { step: 'charge' }, action: 'approve' });
  const instance = await tenant.create();
  const approval = await approvalOf(instance);
  await world.operator.expect(204, 'DELETE', path);
  await (await tenant.create()).completed();
  assert.equal((await instance.detail()).status, 'waiting');
  await answer(world, instance, approval.id, { approved: true });
  await instance.completed();
});

behaviour(
  'policies: what waits for an approval is paused, restarted and terminated as what waits is',
  async (world) => {
    const tenant = await world.deployed(workflow(`return ${CHARGE};`));
    await setPolicy(world, tenant, { before: { step: 'charge' }, action: 'approve' });
    const instance = await tenant.create();
    const first = await approvalOf(instance);
    await instance.control('pause');
    await answer(world, instance, first.id, { approved: true });
    assert.equal((await instance.detail()).status, 'paused');
    await instance.control('restart');
    const second = await eventually('another approval', async () => {
      const [wait] = (await instance.detail()).waitingFor;
      return wait?.approval !== undefined && wait.approval !== first.id ? wait : undefined;
    });
    await world.operator.refused(404, 'approval.not_found', 'POST', `${instance.path}/approvals/${first.id}`, {
      json: { approved: true },
    });
    await instance.control('terminate');
    await world.operator.refused(409, 'instance.finished', 'POST', `${instance.path}/approvals/${second.approval}`, {
      json: { approved: true },
    });
    assert.equal(tenant.count('charged'), 0);
  },
);

behaviour('policies: a subscription tells that an approval is asked for, and of the answer', async (world) => {
  const tenant = await world.deployed(workflow(`return ${CHARGE};`));
  await setPolicy(world, tenant, { before: { step: 'charge' }, action: 'approve' });
  const instance = await tenant.create();
  const approval = await approvalOf(instance);
  await answer(world, instance, approval.id, { approved: true, by: 'ada' });
  await instance.completed();
  const { events } = (
    await tenant.api.expect(200, 'GET', `${instance.path}/subscribe?filter=approval_requested,approval_received`, {
      headers: { accept: 'application/json' },
    })
  ).body;
  assert.deepEqual(
    events.map(({ type, approval: id, approved, by }: Detail) => [type, id, approved, by]),
    [
      ['approval_requested', approval.id, undefined, undefined],
      ['approval_received', approval.id, true, 'ada'],
    ],
  );
});
