import assert from 'node:assert/strict';
import type { LocalCloud } from '../local-cloud.ts';

/** What ran for a tenant of level `microvm` ran in a machine of its own: nobody outside sees where. */
export const assertRanApart = (cloud: LocalCloud, tenant: { readonly id: string }): void => {
  const { logicalId } = cloud.stack.find('AWS::Lambda::Function', 'TenantIsolationExecutor');
  const machines = cloud.functions.environmentsOf(logicalId);
  assert.ok(
    machines.some(({ tenantId }) => tenantId === tenant.id),
    `no machine of ${tenant.id}'s own has run`,
  );
};
