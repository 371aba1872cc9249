import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Detail, type Instance, type TenantWorld, workflow } from './world.ts';

/** A step with an effect, then a wait, then another one. */
const APPROVAL = workflow(`const paid = await step.do('charge', async () => 'paid ' + (await note('charge')));
await step.waitForEvent('approval', { type: 'go' });
return step.do('ship', async () => paid + ', shipped ' + (await note('ship')));`);

const replay = async (tenant: TenantWorld, instance: Instance, version?: string): Promise<Detail> => {
  const json = version === undefined ? {} : { version };
  return (await tenant.api.expect(200, 'POST', `${instance.path}/replay`, { json })).body;
};

behaviour('replay check: an instance that waits is replayed up to its wait, without effects', async (world) => {
  const tenant = await world.deployed(APPROVAL);
  const instance = await tenant.create();
  const before = await instance.waiting('approval');
  const report = await replay(tenant, instance);
  assert.deepEqual(
    { ...report, place: { ...report.place, line: 0, column: 0 } },
    {
      version: before.version,
      outcome: 'ok',
      stop: 'caught_up',
      recorded: 1,
      delivered: 1,
      divergences: [],
      next: 'step.waitForEvent("approval")',
      place: {
        file: 'index.ts',
        line: 0,
        column: 0,
        text: "await step.waitForEvent('approval', { type: 'go' });",
      },
    },
  );
  assert.deepEqual(await instance.detail(), before);
  assert.deepEqual(tenant.noted, ['charge']);
  await instance.send('go');
  assert.equal(await instance.completed(), 'paid 1, shipped 1');
});

behaviour('replay check: a finished instance is replayed to its end, a failed one to its error', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => note('a'));
if (event.payload.fails) throw new RangeError('as it was');
return 'done';`),
  );
  const done = await tenant.create({ fails: false });
  await done.completed();
  const { outcome, stop, delivered } = await replay(tenant, done);
  assert.deepEqual({ outcome, stop, delivered }, { outcome: 'ok', stop: 'returned', delivered: 1 });
  const failed = await tenant.create({ fails: true });
  await failed.finished();
  const report = await replay(tenant, failed);
  assert.deepEqual([report.outcome, report.stop], ['ok', 'threw']);
  assert.deepEqual([report.error.name, report.error.message], ['RangeError', 'as it was']);
  assert.match(report.place.text, /throw new RangeError/);
  assert.equal(tenant.count('a'), 2);
});

behaviour(
  'replay check: one that was rolled back is replayed to its error, and nothing is undone again',
  async (world) => {
    const tenant = await world.deployed(
      workflow(`await step.do('a', async () => note('a'), { rollback: async () => { await note('undo a'); } });
throw new RangeError('as it was');`),
    );
    const instance = await tenant.create();
    await instance.finished();
    const report = await replay(tenant, instance);
    assert.deepEqual([report.outcome, report.stop, report.divergences], ['ok', 'threw', []]);
    assert.deepEqual([report.recorded, report.delivered], [1, 1]);
    assert.deepEqual(tenant.noted, ['a', 'undo a']);
  },
);

behaviour('replay check: an instance at work goes on, and its callback is not called again', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => 1);
return step.do('slow', async () => note('slow', '?hold=end'));`),
  );
  const instance = await tenant.create();
  await tenant.noting('slow');
  const report = await replay(tenant, instance);
  assert.deepEqual([report.outcome, report.stop, report.next], ['ok', 'caught_up', 'step.do("slow")']);
  assert.equal(tenant.count('slow'), 1);
  tenant.release('end');
  assert.equal(await instance.completed(), '1');
});

behaviour('replay check: another version that leaves a step out diverges, with the step named', async (world) => {
  const tenant = await world.deployed(APPROVAL);
  const instance = await tenant.create();
  await instance.waiting('approval');
  const other = await tenant.deploy(
    workflow(`await step.waitForEvent('approval', { type: 'go' }); return note('never');`),
  );
  const report = await replay(tenant, instance, other);
  assert.deepEqual([report.version, report.outcome], [other, 'diverged']);
  const [{ step, expected, got }] = report.divergences;
  assert.deepEqual([step, expected, got], ['charge', 'step.do("charge")', 'step.waitForEvent("approval")']);
  assert.deepEqual(tenant.noted, ['charge']);
});

behaviour('replay check: another version that throws fails, at its line of the source', async (world) => {
  const tenant = await world.deployed(APPROVAL);
  const instance = await tenant.create();
  await instance.waiting('approval');
  const other = await tenant.deploy(
    workflow(`const paid = await step.do('charge', async () => note('again'));
return paid.amount.toFixed(2);`),
  );
  const report = await replay(tenant, instance, other);
  assert.deepEqual([report.outcome, report.stop, report.error.name], ['failed', 'threw', 'TypeError']);
  assert.equal(report.place.text, 'return paid.amount.toFixed(2);');
  assert.deepEqual(tenant.noted, ['charge']);
});

behaviour('replay check: a call outside a step ends the replay, and does not leave', async (world) => {
  const tenant = await world.deployed(
    workflow(`await step.do('a', async () => 1); await note('outside');
await step.do('b', async () => 2); await step.waitForEvent('w', { type: 'go' });`),
  );
  const instance = await tenant.create();
  await instance.waiting('w');
  const count = tenant.count('outside');
  const { outcome, stop, recorded, delivered } = await replay(tenant, instance);
  assert.deepEqual([outcome, stop, recorded, delivered], ['ok', 'effect', 2, 1]);
  assert.equal(tenant.count('outside'), count);
});

behaviour('replay check: code that does not come to an end is cut off and told', async (world) => {
  const tenant = await world.tenant({ limits: { cpuMs: 500 } });
  await tenant.deploy(APPROVAL);
  const instance = await tenant.create();
  await instance.waiting('approval');
  const other = await tenant.deploy(workflow('for (;;);'));
  const report = await replay(tenant, instance, other);
  assert.deepEqual([report.outcome, report.stop, report.error.name], ['failed', 'lost', 'CpuLimitExceededError']);
});

behaviour("replay check: neither another tenant's version nor its instance is there", async (world) => {
  const [mine, other] = [await world.deployed(APPROVAL), await world.deployed(workflow('return 1;'))];
  const theirs = (await other.api.expect(200, 'GET', `${other.path}/versions`)).body.versions[0].version;
  const instance = await mine.create();
  const json = { version: theirs };
  await mine.api.refused(404, 'version.not_found', 'POST', `${instance.path}/replay`, { json });
  await other.api.refused(404, 'tenant.not_found', 'POST', `${instance.path}/replay`);
  await other.api.refused(404, 'instance.not_found', 'POST', `${other.instances()}/${instance.id}/replay`);
});
