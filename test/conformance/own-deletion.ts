import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { type Instance, pause, type TenantWorld, type World, workflow } from './world.ts';

/** After that, what would have gone on has done so. */
const LATER_MS = 500;

const deleting = (how: string, place: 'step' | 'run'): string =>
  workflow(`
    const flows = this.env.WORKFLOWS;
    const own = await flows.get(event.instanceId);
    await step.do('before', async () => 'x'.repeat(400_000));
    const goes = async () => { await note('before'); ${how}; await note('after'); };
    ${place === 'step' ? "await step.do('goes', { retries: { limit: 3, delay: 0 } }, goes);" : 'await goes();'}
    await step.do('next', async () => note('next'));
    return 'went on';`);

const gone = async (tenant: TenantWorld, { path }: Instance): Promise<void> => {
  await tenant.noting('before');
  await pause(LATER_MS);
  assert.deepEqual(tenant.noted, ['before']);
  await tenant.api.refused(404, 'instance.not_found', 'GET', path);
  await tenant.api.refused(404, 'instance.not_found', 'DELETE', path);
  const { body } = await tenant.api.expect(200, 'GET', tenant.instances());
  assert.deepEqual(body.instances, []);
};

const ways = [
  ['its handle', 'await own.delete()'],
  ['a batch', "await flows.deleteBatch([event.instanceId, 'nobody'])"],
] as const;

for (const [way, how] of ways) {
  for (const place of ['step', 'run'] as const) {
    behaviour(
      `delete: an instance that deletes itself by ${way} (${place}) ends there, and nothing of it remains`,
      async (world: World) => {
        const tenant = await world.deployed(deleting(how, place));
        await gone(tenant, await tenant.create());
      },
    );
  }
}

behaviour('delete: of several in a batch by one of them all are gone', async (world) => {
  const tenant = await world.deployed(
    workflow(`
    const flows = this.env.WORKFLOWS;
    if (event.instanceId !== 'last') return (await step.waitForEvent('w', { type: 'e' })).payload;
    await step.do('goes', async () => {
      await note('before');
      await flows.deleteBatch(['first', 'last', 'second']);
      await note('after');
    });`),
  );
  for (const id of ['first', 'second']) await (await tenant.create(undefined, { id })).waiting();
  await gone(tenant, await tenant.create(undefined, { id: 'last' }));
});

behaviour(
  'delete: the id of an instance that deleted itself is free, and the new one knows nothing of the old',
  async (world) => {
    const tenant = await world.deployed(
      workflow(`
    const first = await step.do('first', async () => Number(await note('first')));
    if (first === 1) await step.do('goes', async () => (await this.env.WORKFLOWS.get(event.instanceId)).delete());
    return first;`),
    );
    const instance = await tenant.create(undefined, { id: 'same' });
    await tenant.noting('first');
    await pause(LATER_MS);
    await tenant.api.refused(404, 'instance.not_found', 'GET', instance.path);
    assert.equal(await (await tenant.create(undefined, { id: 'same' })).completed(), 2);
  },
);
