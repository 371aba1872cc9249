import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../lib/core/limits.ts';
import { createInstance } from '../../lib/service/create-instance.ts';
import { createTenant } from '../../lib/service/create-tenant.ts';
import { recordStrike, strikesOf } from '../../lib/service/strikes.ts';
import { updateTenant } from '../../lib/service/update-tenant.ts';
import { createDependencies } from '../http/api.ts';

let fixture: ReturnType<typeof createDependencies>;
beforeEach(async () => {
  fixture = createDependencies();
  await createTenant(fixture.deps, { id: 'acme' });
});
afterEach(() => fixture.close());

const strike = (suspendAfter?: number) =>
  recordStrike(fixture.deps, { tenant: 'acme', what: 'brought the process down' }, suspendAfter);
const tenant = async () => {
  const found = await fixture.deps.tenants.getTenant('acme');
  if (found === undefined) throw new Error('The tenant is gone');
  return found;
};

describe('strikes', () => {
  it('are kept with what they were for, and count for a day', async () => {
    const at = fixture.clock.now();
    await strike();
    expect(await tenant()).toMatchObject({ suspended: false, strikes: [{ at, what: 'brought the process down' }] });
    expect(strikesOf(await tenant(), at + DAY_MS - 1)).toHaveLength(1);
    expect(strikesOf(await tenant(), at + DAY_MS)).toHaveLength(0);
  });

  it('suspend the tenant at the fifth, or at the one that the operator has said, and tell it why', async () => {
    for (let count = 1; count <= 4; count++) await strike();
    expect((await tenant()).suspended).toBe(false);
    await strike();
    const { suspended, suspension } = await tenant();
    expect({ suspended, suspension }).toEqual({
      suspended: true,
      suspension: {
        at: fixture.clock.now(),
        reason:
          'Its code has cost the service a process 5 times within a day, the last time since it brought the process down.',
      },
    });
    const refused = createInstance(fixture.deps, { tenant: 'acme', workflow: 'W', source: 'api' });
    await expect(refused).rejects.toMatchObject({
      code: 'tenant.suspended',
      message: expect.stringContaining('since it brought the process down'),
    });
  });

  it('of more than a day ago do not add up', async () => {
    for (let count = 1; count <= 9; count++) {
      await strike();
      fixture.clock.at += DAY_MS / 4;
    }
    expect((await tenant()).suspended).toBe(false);
    expect((await tenant()).strikes).toHaveLength(4);
  });

  it('are gone when the operator lifts the suspension, and stay when anything else is changed', async () => {
    await strike(1);
    expect((await tenant()).suspended).toBe(true);
    await updateTenant(fixture.deps, { tenant: 'acme', name: 'Acme' });
    expect(await tenant()).toMatchObject({ suspended: true, strikes: [{}], suspension: {} });
    await updateTenant(fixture.deps, { tenant: 'acme', suspended: false });
    const { suspended, strikes, suspension } = await tenant();
    expect({ suspended, strikes, suspension }).toEqual({ suspended: false, strikes: undefined, suspension: undefined });
  });

  it('of a tenant that is gone are nobody’s', async () => {
    await recordStrike(fixture.deps, { tenant: 'nobody', what: 'x' });
    expect(await fixture.deps.tenants.getTenant('nobody')).toBeUndefined();
  });
});
