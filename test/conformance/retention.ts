import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { eventually, workflow } from './world.ts';

const BIG = "await step.do('big', async () => 'x'.repeat(300000)); return event.payload;";

behaviour('retention: an instance past it is not found, and its id is free again', async (world) => {
  const tenant = await world.deployed(workflow(BIG));
  const first = await tenant.create(1, { id: 'one', retention: '2 seconds' });
  assert.equal(await first.completed(), 1);
  await eventually('it is not found', async () => {
    const { status } = await tenant.api.call('GET', first.path);
    return status === 404 ? true : undefined;
  });
  for (const part of ['steps', 'step?name=big']) {
    await tenant.api.refused(404, 'instance.not_found', 'GET', `${first.path}/${part}`);
  }
  const { body } = await tenant.api.expect(200, 'GET', tenant.instances());
  assert.deepEqual(body.instances, []);
  assert.equal(await (await tenant.create(2, { id: 'one' })).completed(), 2);
});

behaviour('retention: a workflow keeps what failed longer than what succeeded', async (world) => {
  const tenant = await world.deployed(workflow("if (event.payload === 'fail') throw new Error('no'); return 1;"));
  await tenant.api.expect(200, 'PATCH', `${tenant.path}/workflows/W`, {
    json: { retention: { success: '2 seconds', error: '1 day' } },
  });
  const failed = await tenant.create('fail');
  const succeeded = await tenant.create('go');
  await failed.finished();
  await succeeded.completed();
  await eventually('what succeeded is not found', async () => {
    const { status } = await tenant.api.call('GET', succeeded.path);
    return status === 404 ? true : undefined;
  });
  await tenant.api.expect(200, 'GET', failed.path);
});

behaviour('retention: one shorter than a second, or no duration, is 422', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  for (const retention of [0, 999, 'soon', -1]) {
    await tenant.api.refused(422, 'request.invalid', 'PATCH', `${tenant.path}/workflows/W`, {
      json: { retention: { success: retention } },
    });
    await tenant.api.refused(422, 'request.invalid', 'POST', tenant.instances(), { json: { retention } });
  }
});
