import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTenant } from '../../lib/service/create-tenant.ts';
import { deleteTenant, removeTenantData } from '../../lib/service/delete-tenant.ts';
import { updateTenant } from '../../lib/service/update-tenant.ts';
import { newInstance } from '../contracts/instance-fixture.ts';
import { createDependencies } from '../http/api.ts';

let fixture: ReturnType<typeof createDependencies>;

beforeEach(() => {
  fixture = createDependencies();
});
afterEach(() => fixture.close());

describe('levels of isolation', () => {
  const asking = (isolation?: 'isolate' | 'microvm') => ({ id: 'acme', ...(isolation && { isolation }) });

  it('are what the installation offers, the first one without asking', async () => {
    const deps = { ...fixture.deps, isolationLevels: ['microvm', 'isolate'] as const };
    expect((await createTenant(deps, asking())).tenant.isolation).toBe('microvm');
    expect((await updateTenant(deps, { tenant: 'acme', isolation: 'isolate' })).isolation).toBe('isolate');
  });

  it('that are not offered are refused, and nothing is made', async () => {
    const deps = { ...fixture.deps, isolationLevels: ['isolate'] as const };
    const refused = { code: 'request.invalid', fields: [{ path: 'isolation' }] };
    await expect(createTenant(deps, asking('microvm'))).rejects.toMatchObject(refused);
    expect(await deps.tenants.getTenant('acme')).toBeUndefined();
    await createTenant(deps, asking());
    await expect(updateTenant(deps, { tenant: 'acme', isolation: 'microvm' })).rejects.toMatchObject(refused);
  });
});

describe('a tenant that is deleted', () => {
  const requested: string[] = [];
  const tenantRemovals = { request: async (tenant: string) => void requested.push(tenant) };

  beforeEach(async () => {
    requested.length = 0;
    await createTenant(fixture.deps, { id: 'acme' });
    await fixture.deps.instances.create(newInstance(fixture.clock.now()));
  });

  it('goes at once where that takes no time, though it could be left to somebody else', async () => {
    await deleteTenant({ ...fixture.deps, tenantRemovals }, { tenant: 'acme' });
    expect(await fixture.deps.tenants.getTenant('acme')).toBeUndefined();
    expect(requested).toEqual([]);
  });

  it('is shut out at once and left to somebody else where that takes long', async () => {
    const { deps } = fixture;
    const removing = Promise.withResolvers<void>();
    const slow = {
      ...deps,
      instances: Object.assign(Object.create(deps.instances) as typeof deps.instances, {
        removeTenant: () => removing.promise,
      }),
      timer: {
        after: (_delayMs: number, action: () => void) => {
          action();
          return () => {};
        },
      },
      tenantRemovals,
    };
    await deleteTenant(slow, { tenant: 'acme' });
    expect(requested).toEqual(['acme']);
    expect(await deps.tenants.getTenant('acme')).toMatchObject({ suspended: true });
    expect(await deps.tenants.listKeys('acme')).toEqual([]);
    await removeTenantData(deps, { tenant: 'acme' });
    expect(await deps.tenants.getTenant('acme')).toBeUndefined();
    removing.resolve();
  });

  it('and is in use again keeps what it has, whenever the removal comes', async () => {
    await removeTenantData(fixture.deps, { tenant: 'acme' });
    expect(await fixture.deps.tenants.getTenant('acme')).toBeDefined();
  });
});
