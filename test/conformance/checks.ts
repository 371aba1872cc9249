import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, eventually, type TenantWorld, workflow } from './world.ts';

const approval = (first: string, last: string) =>
  workflow(`const paid = await step.do('${first}', async () => 'paid ' + (await note('charge')));
await step.waitForEvent('approval', { type: 'go' });
return step.do('ship', async () => paid + ', ${last} ' + (await note('ship')));`);

const OLD = approval('charge', 'old');
const FOLLOWS = approval('charge', 'new');
const DIVERGES = approval('pay', 'new');

const startCheck = async (tenant: TenantWorld, version: string): Promise<string> => {
  const { body } = await tenant.api.expect(202, 'POST', `${tenant.path}/versions/${version}/checks`);
  return body.check.id;
};

const readCheck = async (tenant: TenantWorld, version: string, id: string): Promise<Detail> =>
  (await tenant.api.expect(200, 'GET', `${tenant.path}/versions/${version}/checks/${id}`)).body;

/** To its end. */
const checked = async (tenant: TenantWorld, version: string): Promise<Detail> => {
  const id = await startCheck(tenant, version);
  return eventually(`the end of ${id}`, async () => {
    const check = await readCheck(tenant, version, id);
    return check.status === 'running' ? undefined : check;
  });
};

const waitingOn = async (tenant: TenantWorld, source: string) => {
  await tenant.deploy(source);
  const instance = await tenant.create();
  await instance.waiting('approval');
  return instance;
};

behaviour('checks: one of a version that every unfinished instance follows passes, without effects', async (world) => {
  const tenant = await world.tenant();
  const instance = await waitingOn(tenant, OLD);
  const done = await tenant.create();
  await done.waiting('approval');
  await done.send('go');
  await done.completed();
  const noted = tenant.noted;
  const version = await tenant.deploy(FOLLOWS, { activate: false });
  const { id, createdAt, endedAt, ...check } = await checked(tenant, version);
  assert.deepEqual(check, {
    version,
    status: 'passed',
    counts: { checked: 1, ok: 1, diverged: 0, failed: 0, skipped: 0 },
    divergences: [],
  });
  assert.ok(id.length > 20 && createdAt <= endedAt);
  assert.deepEqual(tenant.noted, noted);
  await instance.send('go');
  assert.match(String(await instance.completed()), /old/);
});

behaviour(
  'checks: one fails where an instance diverges or its workflow is gone, with the step named',
  async (world) => {
    const tenant = await world.tenant();
    const instance = await waitingOn(tenant, OLD);
    const diverging = await tenant.deploy(DIVERGES, { activate: false });
    const check = await checked(tenant, diverging);
    assert.deepEqual([check.status, check.counts.diverged], ['failed', 1]);
    const [first] = check.divergences;
    assert.deepEqual(first, {
      workflow: 'W',
      instance: instance.id,
      step: 'charge',
      expected: 'step.do("charge")',
      got: 'step.do("pay")',
    });
    const without = await tenant.deploy(OLD.replace('class W', 'class Other'), { activate: false });
    const { status, divergences } = await checked(tenant, without);
    assert.deepEqual([status, divergences[0].instance], ['failed', instance.id]);
    assert.deepEqual(tenant.noted, ['charge']);
  },
);

behaviour('checks: one looks at all instances, a page at a time', async (world) => {
  const tenant = await world.deployed(workflow(`await step.waitForEvent('w', { type: 'go' });`));
  await tenant.api.expect(200, 'POST', `${tenant.instances()}/batch`, { json: { count: 45 } });
  const version = await tenant.deploy(workflow(`await step.waitForEvent('w', { type: 'go' }); return 2;`), {
    activate: false,
  });
  const { status, counts } = await checked(tenant, version);
  assert.deepEqual([status, counts.checked, counts.ok], ['passed', 45, 45]);
});

behaviour('checks: activation may require one that has passed since the active version became it', async (world) => {
  const tenant = await world.tenant();
  await waitingOn(tenant, OLD);
  const activate = (version: string) => `${tenant.path}/versions/${version}/activate`;
  const required = { json: { requireCheck: true } };
  const follows = await tenant.deploy(FOLLOWS, { activate: false });
  const diverges = await tenant.deploy(DIVERGES, { activate: false });
  await tenant.api.refused(409, 'version.check_stale', 'POST', activate(follows), required);
  await checked(tenant, diverges);
  await tenant.api.refused(409, 'version.check_failed', 'POST', activate(diverges), required);
  const { id } = await checked(tenant, follows);
  await tenant.api.refused(404, 'check.not_found', 'POST', activate(follows), { json: { requireCheck: `${id}x` } });
  await tenant.deploy(workflow('return 3;'));
  await tenant.api.refused(409, 'version.check_stale', 'POST', activate(follows), required);
  const again = await checked(tenant, follows);
  const { body } = await tenant.api.expect(200, 'POST', activate(follows), { json: { requireCheck: again.id } });
  assert.equal(body.active, true);
});

behaviour('checks: neither a version nor a check of another tenant is there', async (world) => {
  const [mine, other] = [await world.tenant(), await world.tenant()];
  await waitingOn(mine, OLD);
  const version = await mine.deploy(FOLLOWS, { activate: false });
  const { id } = await checked(mine, version);
  const ofOther = `${other.path}/versions/${version}/checks`;
  await other.api.refused(404, 'version.not_found', 'POST', ofOther);
  await other.api.refused(404, 'version.not_found', 'GET', `${ofOther}/${id}`);
  const same = await other.deploy(FOLLOWS.replaceAll('LEDGER', JSON.stringify(mine.ledgerUrl)));
  assert.equal(same, version);
  await other.api.refused(404, 'check.not_found', 'GET', `${ofOther}/${id}`);
});

behaviour('checks: one that a kill cut off goes on after the restart', async (world) => {
  const { server, operator } = await world.ownServer();
  const tenant = await world.tenant({ limits: { createPerSecond: 1_000 } }, operator);
  await tenant.deploy(workflow(`await step.waitForEvent('w', { type: 'go' });`));
  for (let batch = 0; batch < 3; batch++) {
    await tenant.api.expect(200, 'POST', `${tenant.instances()}/batch`, { json: { count: 100 } });
  }
  const version = await tenant.deploy(workflow(`await step.waitForEvent('w', { type: 'go' }); return 2;`), {
    activate: false,
  });
  const id = await startCheck(tenant, version);
  await server.restart('SIGKILL');
  const check = await eventually('the end of the check', async () => {
    const now = await readCheck(tenant, version, id);
    return now.status === 'running' ? undefined : now;
  });
  assert.deepEqual([check.status, check.counts.ok], ['passed', 300]);
});

behaviour('move: an instance goes on with the new code, what it has done stays done', async (world) => {
  const tenant = await world.tenant();
  const instance = await waitingOn(tenant, OLD);
  const version = await tenant.deploy(FOLLOWS, { activate: false });
  const { body } = await tenant.api.expect(200, 'POST', `${instance.path}/move`, { json: { version } });
  assert.deepEqual([body.id, body.version, body.workflow], [instance.id, version, 'W']);
  await instance.waiting('approval');
  await instance.send('go');
  assert.equal(await instance.completed(), 'paid 1, new 1');
  assert.equal((await instance.detail()).version, version);
  assert.deepEqual(tenant.noted, ['charge', 'ship']);
});

behaviour('move: metadata names the version that the instance is on, outside and inside', async (world) => {
  const tenant = await world.tenant();
  const code = (then: string) =>
    workflow(`await step.waitForEvent('approval', { type: 'go' });
    const own = await this.env.WORKFLOWS.get(event.instanceId);
    return step.do('${then}', async () => (await own.status()).metadata.version);`);
  const old = await tenant.deploy(code('old'));
  const instance = await tenant.create();
  const { metadata } = await instance.waiting('approval');
  assert.equal(metadata.version, old);
  const version = await tenant.deploy(code('new'), { activate: false });
  await tenant.api.expect(200, 'POST', `${instance.path}/move`, { json: { version } });
  assert.deepEqual((await instance.waiting('approval')).metadata, { ...metadata, version });
  await instance.send('go');
  assert.equal(await instance.completed(), version);
});

behaviour('move: what the new code has to do beside the wait begins at once', async (world) => {
  const tenant = await world.tenant();
  const instance = await waitingOn(tenant, OLD);
  const version = await tenant.deploy(
    workflow(`const paid = await step.do('charge', async () => note('charge'));
const approved = step.waitForEvent('approval', { type: 'go' });
await step.do('extra', async () => note('extra'));
await approved;
return paid + ', extra';`),
    { activate: false },
  );
  await tenant.api.expect(200, 'POST', `${instance.path}/move`, { json: { version } });
  await tenant.noting('extra');
  await instance.send('go');
  assert.equal(await instance.completed(), 'paid 1, extra');
});

behaviour('move: is refused with the divergence, and the instance goes on as it was', async (world) => {
  const tenant = await world.tenant();
  const instance = await waitingOn(tenant, OLD);
  const version = await tenant.deploy(DIVERGES, { activate: false });
  const refused = await tenant.api.refused(409, 'instance.cannot_move', 'POST', `${instance.path}/move`, {
    json: { version },
  });
  assert.deepEqual(refused.body.divergences[0], {
    step: 'charge',
    expected: 'step.do("charge")',
    got: 'step.do("pay")',
  });
  assert.notEqual((await instance.detail()).version, version);
  await instance.send('go');
  assert.equal(await instance.completed(), 'paid 1, old 1');
});

behaviour('move: a paused instance stays paused, and goes on with the new code when it is resumed', async (world) => {
  const tenant = await world.tenant();
  const instance = await waitingOn(tenant, OLD);
  await instance.control('pause');
  await instance.status('paused');
  const version = await tenant.deploy(FOLLOWS, { activate: false });
  await tenant.api.expect(200, 'POST', `${instance.path}/move`, { json: { version } });
  assert.equal((await instance.detail()).status, 'paused');
  await instance.send('go');
  await instance.control('resume');
  assert.equal(await instance.completed(), 'paid 1, new 1');
});

behaviour(
  "move: not of a finished instance, not to another tenant's version or one without the workflow",
  async (world) => {
    const [tenant, other] = [await world.tenant(), await world.tenant()];
    const instance = await waitingOn(tenant, OLD);
    const move = (version: string) => ['POST', `${instance.path}/move`, { json: { version } }] as const;
    const theirs = await other.deploy(workflow("return 'theirs';"));
    await tenant.api.refused(404, 'version.not_found', ...move(theirs));
    const without = await tenant.deploy(OLD.replace('class W', 'class Other'), { activate: false });
    await tenant.api.refused(409, 'instance.cannot_move', ...move(without));
    await tenant.api.refused(422, 'request.invalid', 'POST', `${instance.path}/move`, { json: {} });
    const follows = await tenant.deploy(FOLLOWS, { activate: false });
    await instance.send('go');
    await instance.completed();
    await tenant.api.refused(409, 'instance.finished', ...move(follows));
  },
);
