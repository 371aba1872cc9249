import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../lib/core/limits.ts';
import type { Bundle } from '../../lib/ports/bundle-store.ts';
import type { Schedule } from '../../lib/ports/schedule-store.ts';
import type { Wake } from '../../lib/ports/wake-queue.ts';
import { createTenant } from '../../lib/service/create-tenant.ts';
import { valuePrefix } from '../../lib/service/stored-values.ts';
import { sweep } from '../../lib/service/sweep.ts';
import { finished, KEY, newInstance, release } from '../contracts/instance-fixture.ts';
import { createDependencies, VERSION } from '../http/api.ts';

describe('a sweep', () => {
  let fixture: ReturnType<typeof createDependencies>;
  let woken: Wake[];
  let validated: string[];
  let ticks: Schedule[];

  beforeEach(() => {
    fixture = createDependencies();
    woken = [];
    validated = [];
    ticks = [];
  });
  afterEach(() => fixture.close());

  const run = (more: object = {}) =>
    sweep({
      ...fixture.deps,
      ...more,
      wakes: { wake: async (wake) => void woken.push(wake) },
      validations: { request: async ({ bundleId }) => void validated.push(bundleId) },
      ticks: { request: async (schedule) => void ticks.push(schedule) },
      onError: (error) => {
        throw error;
      },
    });

  it('wakes what is overdue, and leaves alone what has a message on its way', async () => {
    const { deps, clock } = fixture;
    await deps.instances.create(newInstance(clock.now(), { id: 'overdue' }));
    clock.at += 10_000;
    await deps.instances.create(newInstance(clock.now(), { id: 'just-now' }));
    expect(await run()).toMatchObject({ woken: 1 });
    expect(woken.map(({ key }) => key.id)).toEqual(['overdue']);
  });

  it('wakes an instance whose turn died, when its lease has run out', async () => {
    const { deps, clock } = fixture;
    await deps.instances.create(newInstance(clock.now(), { lease: { owner: 'a', until: clock.now() + 30_000 } }));
    clock.at += 20_000;
    expect(await run()).toMatchObject({ woken: 0 });
    clock.at += 20_000;
    expect(await run()).toMatchObject({ woken: 1 });
  });

  it('removes finished instances whose time is up', async () => {
    const { deps, clock } = fixture;
    await deps.instances.create(newInstance(clock.now()));
    await deps.instances.append(release(finished(clock.now(), { expiresAt: clock.now() + DAY_MS })));
    expect(await run()).toEqual({ woken: 0, removed: 0, validations: 0, checks: 0, fired: 0 });
    clock.at += DAY_MS;
    expect(await run()).toMatchObject({ removed: 1 });
  });

  it('takes away what lies beside the rows of an expired instance, and nothing of its neighbours', async () => {
    const { deps, clock } = fixture;
    for (const id of ['i', 'i-2']) {
      const key = { ...KEY, id };
      await deps.instances.create(newInstance(clock.now(), { id }));
      await deps.blobs.put(`${valuePrefix(key)}life-1/0`, new Uint8Array(3));
      const expiresAt = clock.now() + (id === 'i' ? DAY_MS : 2 * DAY_MS);
      await deps.instances.append(release(finished(clock.now(), { expiresAt }), { key }));
    }
    clock.at += DAY_MS;
    expect(await run()).toMatchObject({ removed: 1 });
    expect(await deps.blobs.has(`${valuePrefix({ ...KEY, id: 'i' })}life-1/0`)).toBe(false);
    expect(await deps.blobs.has(`${valuePrefix({ ...KEY, id: 'i-2' })}life-1/0`)).toBe(true);
  });

  it('fires a schedule itself whose message never came, once, and sends for those that are about to ring', async () => {
    const { deps, clock } = fixture;
    await createTenant(deps, { id: 'acme' });
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
    await deps.bundles.addVersion(version, true);
    const rung = clock.now() - 30_000;
    const of = { tenant: 'acme', workflow: 'Digest' };
    await deps.schedules.put('acme', 'Digest', [
      { ...of, cron: '*/5 * * * *', nextAt: rung },
      { ...of, cron: '* * * * *', nextAt: clock.now() + 20_000 },
    ]);
    expect(await run()).toMatchObject({ fired: 1 });
    const { items } = await deps.instances.list({ ...of, limit: 9 });
    expect(items.map(({ trigger }) => trigger.schedule?.cron)).toEqual(['*/5 * * * *']);
    expect(ticks.map(({ cron }) => cron)).toContain('* * * * *');
    expect(await run()).toMatchObject({ fired: 0 });
    expect((await deps.instances.list({ ...of, limit: 9 })).items).toHaveLength(1);
  });

  it('hands validations that were cut off on again', async () => {
    const { deps, clock } = fixture;
    await createTenant(deps, { id: 'acme' });
    const bundle: Bundle = {
      id: 'b1',
      tenant: 'acme',
      status: 'validating',
      contentType: 'text/typescript',
      size: 1,
      sha256: '',
      activate: true,
      createdAt: clock.now(),
      expiresAt: clock.now() + MINUTE_MS,
      problems: [],
    };
    await deps.bundles.createBundle(bundle);
    expect(await run()).toMatchObject({ validations: 0 });
    clock.at += 5 * MINUTE_MS;
    expect(await run()).toMatchObject({ validations: 1 });
    expect(validated).toEqual(['b1']);
  });

  it('asks again for checks that nobody has got on with', async () => {
    const { deps, clock } = fixture;
    const asked: string[] = [];
    const checkRuns = { request: async ({ id }: { readonly id: string }) => void asked.push(id) };
    await deps.checks.put({
      id: 'chk_1',
      revision: 3,
      tenant: 'acme',
      version: 'v1',
      status: 'running',
      counts: { checked: 0, ok: 0, diverged: 0, failed: 0, skipped: 0 },
      divergences: [],
      createdAt: clock.now(),
      movedAt: clock.now(),
    });
    expect(await run({ checkRuns })).toMatchObject({ checks: 0 });
    clock.at += 6 * MINUTE_MS;
    expect(await run({ checkRuns })).toMatchObject({ checks: 1 });
    expect(asked).toEqual(['chk_1']);
  });
});
