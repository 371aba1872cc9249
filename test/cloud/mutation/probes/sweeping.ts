import assert from 'node:assert/strict';
import { valuePrefix } from '../../../../lib/service/stored-values.ts';
import { eventually } from '../../../conformance/world.ts';
import type { LocalCloud } from '../../local-cloud.ts';
import { storesOf } from '../deployment.ts';
import type { Probe } from '../probe.ts';
import type { ProbeWorld } from '../probe-world.ts';
import { randomText } from '../random-text.ts';

const AGO_MS = 10 * 60_000;
const LIFE = '0123456789abcdef0123456789abcdef';

/** As its schedule does each minute. */
const sweepUntil = async (cloud: LocalCloud, what: string, holds: () => Promise<boolean>): Promise<void> => {
  const schedule = cloud.stack.ofType('AWS::Scheduler::Schedule')[0];
  assert.ok(schedule, 'no schedule calls the sweeper');
  cloud.scheduler.ring(schedule.ref);
  await eventually(what, async () => ((await holds()) ? true : undefined));
};

/** An instance that was made a while ago, and that no message tells of. */
const oldInstance = async (world: ProbeWorld, cloud: LocalCloud) => {
  const tenant = await world.tenant();
  const stores = storesOf(cloud, AGO_MS);
  const key = { tenant: tenant.id, workflow: 'Wait', id: 'old' };
  await stores.instances.create({
    ...key,
    incarnation: LIFE,
    seed: LIFE,
    version: world.bundle.version,
    createdAt: stores.clock.now(),
    envelope: { __dispatcherMetadata: { tenant: tenant.id }, params: JSON.stringify([randomText(400_000)]) },
    trigger: { source: 'api' },
  });
  return { tenant, key, stores };
};

export const SWEEPING_PROBES: readonly Probe[] = [
  {
    name: 'an instance whose message got lost is woken by the sweeper',
    about: /^TimersSweep|index wake/,
    check: async ({ world, cloud }) => {
      const { key } = await oldInstance(world, cloud);
      const { instances } = storesOf(cloud);
      await sweepUntil(cloud, 'the instance is at work', async () => (await instances.get(key))?.status === 'waiting');
    },
  },
  {
    name: 'an instance whose time is up is removed by the sweeper with its rows, objects and values',
    check: async ({ world, cloud }) => {
      const { key, stores } = await oldInstance(world, cloud);
      const at = stores.clock.now();
      await stores.blobs.put(`${valuePrefix(key)}${LIFE}/1`, Buffer.from('[]'));
      await stores.instances.append({
        key,
        incarnation: LIFE,
        position: 0,
        records: [
          { kind: 'started', at },
          { kind: 'completed', at, output: JSON.stringify([randomText(600_000)]) },
        ],
        release: {
          unclosedClaims: 0,
          projection: {
            status: 'complete',
            startedAt: at,
            endedAt: at,
            waitingFor: [],
            stepCount: 0,
            expiresAt: at + 1_000,
          },
        },
      });
      const count = async (): Promise<number> => (await stores.objectsBelow(`${key.tenant}/`)).length;
      const whole = await count();
      assert.ok(whole > 2, 'nothing lies beside the rows');
      // What is left is the version.
      await sweepUntil(cloud, 'the objects are gone', async () => (await count()) === 2);
      assert.equal(await stores.instances.get(key), undefined);
    },
  },
  {
    name: 'a schedule whose message never came is fired by the sweeper itself',
    check: async ({ world, cloud }) => {
      const { id: tenant } = await world.tenant();
      const { instances, schedules, clock } = storesOf(cloud, AGO_MS);
      const of = { tenant, workflow: 'Wait' };
      await schedules.put(tenant, of.workflow, [{ ...of, cron: '0 0 1 1 *', nextAt: clock.now() }]);
      await sweepUntil(cloud, 'there is an instance of the tick', async () => {
        const { items } = await instances.list({ ...of, limit: 1 });
        return items[0]?.trigger.source === 'schedule';
      });
    },
  },
  {
    name: 'a validation that was cut off is asked for again by the sweeper',
    check: async ({ world, cloud }) => {
      const tenant = await world.tenant();
      const { bundles, clock } = storesOf(cloud, AGO_MS);
      const id = 'cut-off';
      const createdAt = clock.now();
      const bundle = {
        id,
        tenant: tenant.id,
        contentType: 'text/javascript',
        size: 10,
        sha256: 'f'.repeat(64),
      } as const;
      const more = { activate: false, createdAt, expiresAt: createdAt, problems: [] };
      await bundles.createBundle({ ...bundle, ...more, status: 'validating' });
      // Its upload is gone as well, which is a verdict.
      await sweepUntil(cloud, 'there is a verdict', async () => {
        const found = await bundles.getBundle(tenant.id, id);
        return found?.status === 'rejected' && found.problems[0]?.code === 'bundle.lost';
      });
    },
  },
];
