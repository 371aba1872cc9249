import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { eventually, type TenantWorld, workflow } from './world.ts';

const digest = workflow('return { schedule: event.schedule ?? null, payload: event.payload };');

const set = (tenant: TenantWorld, crons: readonly string[]) =>
  tenant.api.expect(200, 'PATCH', `${tenant.path}/workflows/W`, {
    json: { schedules: crons.map((cron) => ({ cron })) },
  });

behaviour('schedules: a workflow with a schedule is started at each tick, and knows of it', async (world) => {
  const tenant = await world.deployed(digest);
  const { body } = await set(tenant, ['* * * * *']);
  const nextAt = Date.parse(body.schedules[0].nextAt);
  const listed = await eventually(
    'the tick',
    async () => (await tenant.api.expect(200, 'GET', tenant.instances())).body.instances[0],
    150_000,
  );
  const [, tick] = /^x_x_x_x_x-(\d+)$/.exec(listed.id) ?? [];
  assert.ok(Number(tick) >= nextAt && Number(tick) % 60_000 === 0, listed.id);
  const detail = await tenant.instance(listed.id).finished();
  assert.deepEqual(detail.trigger, { source: 'schedule' });
  assert.deepEqual(detail.output, { schedule: { cron: '* * * * *', scheduledTime: Number(tick) }, payload: {} });
  await set(tenant, []);
});

behaviour(
  'schedules: are shown with their next tick, in the form in which they are kept, and can be taken away',
  async (world) => {
    const tenant = await world.deployed(digest);
    const { body } = await set(tenant, ['0  9 * * mon-fri', '*/15 * * * *']);
    assert.deepEqual(body.schedules.map(({ cron }: { cron: string }) => cron).toSorted(), [
      '*/15 * * * *',
      '0 9 * * MON-FRI',
    ]);
    for (const { nextAt } of body.schedules) assert.ok(Date.parse(nextAt) > Date.now());
    const read = await tenant.api.expect(200, 'GET', `${tenant.path}/workflows/W`);
    assert.deepEqual(read.body.schedules, body.schedules);
    const other = await tenant.api.expect(200, 'PATCH', `${tenant.path}/workflows/W`, {
      json: { limits: { steps: 5 } },
    });
    assert.deepEqual(other.body.schedules, body.schedules);
    assert.deepEqual((await set(tenant, [])).body.schedules, []);
  },
);

for (const [what, crons, path] of [
  ['six fields', ['0 * * * * *'], 'schedules[0].cron'],
  ['words', ['every morning'], 'schedules[0].cron'],
  ['a minute that there is none of', ['* * * * *', '61 * * * *'], 'schedules[1].cron'],
  ['a day that never comes', ['0 0 31 2 *'], 'schedules[0].cron'],
  ['one cron twice', ['0 1 * * *', ' 0 1 * * *'], 'schedules[1].cron'],
  ['more than ten', Array.from({ length: 11 }, (_, hour) => `0 ${hour} * * *`), 'schedules'],
] as const) {
  behaviour(`schedules: ${what} is 422, and nothing is changed`, async (world) => {
    const tenant = await world.deployed(digest);
    await set(tenant, ['0 0 1 1 *']);
    const refused = await tenant.api.refused(422, 'request.invalid', 'PATCH', `${tenant.path}/workflows/W`, {
      json: { schedules: crons.map((cron) => ({ cron })), limits: { steps: 7 } },
    });
    assert.equal(refused.body.errors[0].path, path);
    const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/workflows/W`);
    assert.deepEqual([body.schedules.length, body.limits], [1, undefined]);
  });
}
