import assert from 'node:assert/strict';
import { assertRanApart } from '../apart.ts';
import type { Probe } from '../probe.ts';

const keeps = (isolation: 'isolate' | 'microvm'): Probe => ({
  name: `a step and a page keep values by key and hold a transaction to one of them, at level ${isolation}`,
  about:
    isolation === 'isolate' ? /^(?!TenantIsolation).*ConditionCheckItem$/ : /^TenantIsolation.*ConditionCheckItem$/,
  check: async ({ world, cloud }) => {
    const tenant = await world.tenant(isolation);
    const instance = await tenant.create(undefined, { workflow: 'Keep' });
    assert.deepEqual(await instance.completed(), [true, ['kept', 'made']]);
    const { body, text } = await tenant.fetch('GET', '/keep');
    assert.equal(body, true, text);
    if (isolation === 'microvm') assertRanApart(cloud, tenant);
  },
});

export const BINDING_PROBES: readonly Probe[] = [keeps('isolate'), keeps('microvm')];
