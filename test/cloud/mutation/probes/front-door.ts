import assert from 'node:assert/strict';
import { assertRanApart } from '../apart.ts';
import type { Probe } from '../probe.ts';
import { SECRET } from '../probe-world.ts';

const answers = (isolation: 'isolate' | 'microvm'): Probe => ({
  name: `a tenant's own page is answered with its secret and its reach, at level ${isolation}`,
  check: async ({ world, cloud }) => {
    const tenant = await world.tenant(isolation);
    const { status, body, text } = await tenant.fetch('GET', '/');
    assert.equal(status, 200, text);
    assert.deepEqual(body, { noted: '1', secret: SECRET });
    if (isolation === 'microvm') assertRanApart(cloud, tenant);
  },
});

export const FRONT_DOOR_PROBES: readonly Probe[] = [
  answers('isolate'),
  answers('microvm'),
  {
    name: 'reads that may wait are answered by the function that is for waiting',
    isAlone: true,
    about: /^FrontDoorHttpApiGET/,
    check: async ({ world, cloud }) => {
      const tenant = await world.tenant();
      const longPoll = cloud.stack.find('AWS::Lambda::Function', 'FrontDoorLongPoll').logicalId;
      const count = (): number => cloud.functions.metrics.get(longPoll)?.invocations ?? 0;
      const instance = `${tenant.instances('Wait')}/none`;
      const ofInstance = [instance, `${instance}/subscribe`, `${instance}/logs`];
      for (const path of [`${tenant.path}/logs`, `${tenant.path}/bundles/none`, ...ofInstance]) {
        const before = count();
        const { status } = await tenant.api.call('GET', path);
        assert.ok([200, 404, 501].includes(status), `${path} answered ${status}`);
        assert.equal(count(), before + 1, `${path} was answered elsewhere`);
      }
    },
  },
];
