import assert from 'node:assert/strict';
import { eventually, type TenantWorld } from '../../../conformance/world.ts';
import { assertRanApart } from '../apart.ts';
import type { Probe } from '../probe.ts';
import { SECRET } from '../probe-world.ts';
import { randomText } from '../random-text.ts';

const isolations = ['isolate', 'microvm'] as const;

/** Too large for a row, and for the place where values of a journal stand. */
const LARGE = 400_000;
const BESIDE = 20_000;

const works = (isolation: 'isolate' | 'microvm'): Probe => ({
  name: `an instance runs to its end with an effect, a secret and large values, at level ${isolation}`,
  check: async ({ world, cloud }) => {
    const tenant = await world.tenant(isolation);
    // Too much for the row of its summary, and small enough for one beside it.
    const instance = await tenant.create({ text: randomText(BESIDE) }, { workflow: 'Work' });
    const output = await instance.completed();
    if (isolation === 'microvm') assertRanApart(cloud, tenant);
    assert.deepEqual(output, { noted: '1', length: 500_000, secret: SECRET, given: BESIDE });
    const { body } = await tenant.api.expect(200, 'GET', `${instance.path}/step?name=large`);
    assert.equal(body.output?.length ?? body.output, 500_000, JSON.stringify(body).slice(0, 300));
    await tenant.api.expect(204, 'DELETE', instance.path);
  },
});

const waits = (isolation: 'isolate' | 'microvm'): Probe => ({
  name: `an instance tries again, takes events, pauses, ends and begins anew, at level ${isolation}`,
  check: async ({ world }) => {
    const tenant = await world.tenant(isolation);
    const [retrying, waiting] = await Promise.all([
      tenant.create(undefined, { workflow: 'Retry' }),
      tenant.create(undefined, { workflow: 'Wait' }),
    ]);
    await waiting.waiting('wait');
    await waiting.control('pause');
    await waiting.status('paused');
    await waiting.control('resume');
    await waiting.waiting('wait');
    await waiting.send('other', 1, { 'idempotency-key': 'once' });
    await waiting.send('go', { large: randomText(LARGE) });
    assert.equal(JSON.stringify(await waiting.completed()).length > LARGE, true);
    await waiting.control('restart');
    await waiting.waiting('wait');
    await waiting.control('terminate');
    assert.equal((await waiting.finished()).status, 'terminated');
    assert.equal(await retrying.completed(), 'at last');
  },
});

const tears = (isolation: 'isolate' | 'microvm'): Probe => ({
  name: `a long stream that fails on the way is given up, at level ${isolation}`,
  check: async ({ world }) => {
    const tenant = await world.tenant(isolation);
    const instance = await tenant.create(undefined, { workflow: 'Torn' });
    assert.equal(await instance.completed(), 1_048_576);
    const { headers } = await tenant.api.expect(302, 'GET', `${instance.path}/step?name=torn`);
    const response = await fetch(headers.get('location') ?? '');
    assert.equal((await response.arrayBuffer()).byteLength, 1_048_576);
  },
});

const listed = async (tenant: TenantWorld): Promise<void> => {
  const path = tenant.instances('Wait');
  const { body: made } = await tenant.api.expect(200, 'POST', `${path}/batch`, { json: { count: 2 } });
  assert.equal(made.created.length, 2);
  await eventually('both are listed', async () => {
    const { body } = await tenant.api.expect(200, 'GET', path);
    return body.instances.length === 2 ? true : undefined;
  });
  const ids = made.created.map(({ id }: { id: string }) => id);
  const { body } = await tenant.api.expect(200, 'POST', `${path}/batch/delete`, { json: { ids } });
  assert.equal(body.deleted.length, 2);
};

export const INSTANCE_PROBES: readonly Probe[] = [
  ...isolations.map(works),
  ...isolations.map(waits),
  ...isolations.map(tears),
  {
    name: 'instances are made, listed and deleted by the dozen',
    check: async ({ world }) => listed(await world.tenant()),
  },
  ...isolations.map(
    (isolation): Probe => ({
      name: `a workflow begins, ends and removes others of its tenant, at level ${isolation}`,
      check: async ({ world }) => {
        const tenant = await world.tenant(isolation);
        const child = await tenant.create(undefined, { workflow: 'Large', id: 'child' });
        await child.finished();
        const parent = await tenant.create(undefined, { workflow: 'Parent' });
        assert.equal(await parent.completed(), 'asked');
        await tenant.instance('made', 'Large').finished();
      },
    }),
  ),
  ...isolations.map(
    (isolation): Probe => ({
      name: `a long sleep stands in the scheduler, and what it says comes back to the queue, at level ${isolation}`,
      ...(isolation === 'isolate' && { about: /^Timers(Sender|Group)|CreateSchedule|PassRole|SCHEDULE|QUEUE_ARN/ }),
      check: async ({ world, cloud }) => {
        const tenant = await world.tenant(isolation);
        const instance = await tenant.create(undefined, { workflow: 'Sleep' });
        await instance.waiting('long');
        const group = cloud.stack.ofType('AWS::Scheduler::ScheduleGroup')[0]?.ref ?? '';
        const isOurs = (body: string): boolean => body.includes(tenant.id) && body.includes('"Sleep"');
        const name = await eventually('the schedule stands', () =>
          cloud.scheduler.namesIn(group).find((found) => isOurs(cloud.scheduler.inputOf(found))),
        );
        cloud.scheduler.ring(name);
        // It comes much too early: whoever gets it sends it again, by a schedule, since that is still far off.
        await eventually('the schedule stands again', () => cloud.scheduler.namesIn(group).includes(name) || undefined);
      },
    }),
  ),
];
