import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTenant } from '../../lib/service/create-tenant.ts';
import { nextTick, readCron, tickId } from '../../lib/service/cron.ts';
import { fireSchedule, fireSchedules } from '../../lib/service/fire-schedules.ts';
import { putSchedules } from '../../lib/service/put-schedules.ts';
import { updateTenant } from '../../lib/service/update-tenant.ts';
import { createDependencies, VERSION } from '../http/api.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;

describe('a cron', () => {
  it.each([
    ['0 9 * * mon-fri', '0 9 * * MON-FRI'],
    ['  */5   *  * *  * ', '*/5 * * * *'],
    ['0 0 1,15 * *', '0 0 1,15 * *'],
  ])('%j is kept as %j', (text, cron) => {
    expect(readCron(text, NOW)).toEqual({ ok: true, cron });
  });

  it.each([
    ['', 'five fields'],
    ['* * * *', 'five fields'],
    ['0 * * * * *', 'five fields'],
    ['@daily', 'five fields'],
    ['0 0 L * *', 'five fields'],
    ['banana', 'five fields'],
    [`0 0 ${'1,'.repeat(60)}1 * *`, 'five fields'],
    ['99 * * * *', 'is no cron'],
    ['0 0 30 2 *', 'never comes'],
  ])('%j is refused, and says what to write', (text, problem) => {
    expect(readCron(text, NOW)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('gives each tick an id that no tick of another cron has', () => {
    expect(tickId('*/5 9-17 * * MON,FRI', 7)).toBe('xs5_9t17_x_x_MONcFRI-7');
    expect(tickId('*/5 * * * *', 7)).not.toBe(tickId('*,5 * * * *', 7));
    expect(tickId('0 9 * * *', 7)).toMatch(/^[a-zA-Z0-9_][a-zA-Z0-9-_]*$/);
  });
});

describe('schedules that ring', () => {
  let fixture: ReturnType<typeof createDependencies>;
  const errors: unknown[] = [];

  beforeEach(async () => {
    fixture = createDependencies();
    errors.length = 0;
    await createTenant(fixture.deps, { id: 'acme' });
    const workflows = [{ name: 'Digest' }];
    const version = {
      version: VERSION,
      tenant: 'acme',
      createdAt: 0,
      workflows,
      hasFetch: false,
      size: 1,
      apiLevel: 1,
    };
    await fixture.deps.bundles.addVersion(version, true);
    await put(['* * * * *']);
  });
  afterEach(() => fixture.close());

  const put = (crons: readonly string[]) => putSchedules(fixture.deps, { tenant: 'acme', workflow: 'Digest', crons });
  const fire = () => fireSchedules(fixture.deps, { onError: (error) => errors.push(error) });
  const made = async () =>
    (await fixture.deps.instances.list({ tenant: 'acme', workflow: 'Digest', limit: 50 })).items.map(({ id }) => id);

  it('make an instance each, named by its tick, which knows of it', async () => {
    expect(await fire()).toBe(0);
    fixture.clock.at += MINUTE + 2_000;
    expect(await fire()).toBe(1);
    const id = `x_x_x_x_x-${NOW + MINUTE}`;
    const summary = await fixture.deps.instances.get({ tenant: 'acme', workflow: 'Digest', id });
    expect(summary?.trigger).toEqual({
      source: 'schedule',
      schedule: { cron: '* * * * *', scheduledAt: NOW + MINUTE },
    });
    expect(await fire()).toBe(0);
    expect(await made()).toEqual([id]);
  });

  it('that were missed fire once, as the last one', async () => {
    fixture.clock.at += 90 * MINUTE;
    await fire();
    expect(await made()).toEqual([`x_x_x_x_x-${NOW + 90 * MINUTE}`]);
    expect((await fixture.deps.schedules.list('acme'))[0]?.nextAt).toBe(NOW + 91 * MINUTE);
  });

  it('make one instance where a crash came between the instance and the next tick', async () => {
    fixture.clock.at += MINUTE;
    const [schedule] = await fixture.deps.schedules.list('acme');
    await fire();
    await put([]);
    await fixture.deps.schedules.put('acme', 'Digest', schedule ? [schedule] : []);
    expect(await fire()).toBe(0);
    expect(await made()).toHaveLength(1);
  });

  it('make two where two crons meet', async () => {
    await put(['* * * * *', '*/1 * * * *']);
    fixture.clock.at += MINUTE;
    expect(await fire()).toBe(2);
  });

  it('pass over a tenant that is suspended, and go on with the ticks after it', async () => {
    await updateTenant(fixture.deps, { tenant: 'acme', suspended: true });
    fixture.clock.at += MINUTE;
    expect(await fire()).toBe(0);
    await updateTenant(fixture.deps, { tenant: 'acme', suspended: false });
    fixture.clock.at += MINUTE;
    expect(await fire()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('are fired by name only when they are due', async () => {
    const name = { tenant: 'acme', workflow: 'Digest', cron: '* * * * *' };
    await fireSchedule(fixture.deps, name);
    expect(await made()).toEqual([]);
    fixture.clock.at += MINUTE;
    await fireSchedule(fixture.deps, name);
    expect(await made()).toHaveLength(1);
    await fireSchedule(fixture.deps, { ...name, cron: '0 0 * * *' });
  });

  it('keep the tick that is about to come where they are given again', async () => {
    fixture.clock.at += MINUTE;
    await put(['* * * * *', '0 0 * * *']);
    expect((await fixture.deps.schedules.list('acme')).map(({ nextAt }) => nextAt)).toEqual([
      NOW + MINUTE,
      nextTick('0 0 * * *', fixture.clock.at),
    ]);
  });

  it('have their first tick asked for at once where it comes before anybody looks again', async () => {
    const asked: string[] = [];
    const ticks = { request: async ({ cron }: { readonly cron: string }) => void asked.push(cron) };
    const of = { tenant: 'acme', workflow: 'Digest' };
    await putSchedules({ ...fixture.deps, ticks }, { ...of, crons: ['*/1 * * * *', '* * * * *', '0 0 1 1 *'] });
    // The second one was there before.
    expect(asked).toEqual(['*/1 * * * *']);
    const broken = { request: () => Promise.reject(new Error('no queue')) };
    await putSchedules({ ...fixture.deps, ticks: broken }, { ...of, crons: ['*/2 * * * *'] });
    expect((await fixture.deps.schedules.list('acme')).map(({ cron }) => cron)).toEqual(['*/2 * * * *']);
  });

  it('are refused together, with a problem for each', async () => {
    await expect(put(['* * * * *', 'soon', '  * * * * *'])).rejects.toMatchObject({
      code: 'request.invalid',
      fields: [{ path: 'schedules[1].cron' }, { path: 'schedules[2].cron', message: 'is given twice' }],
    });
    expect(await fixture.deps.schedules.list('acme')).toHaveLength(1);
  });

  // The last one: what a process lets through it counts for all tests.
  it('are tried again where the tenant creates too much just now', async () => {
    await updateTenant(fixture.deps, { tenant: 'acme', limits: { createPerSecond: 1 } });
    await put(['* * * * *', '*/1 * * * *']);
    fixture.clock.at += MINUTE;
    expect(await fire()).toBe(1);
    expect(errors).toMatchObject([{ code: 'rate.limited' }]);
    fixture.clock.at += 1_000;
    expect(await fire()).toBe(1);
  });
});
