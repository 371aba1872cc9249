import type { TurnPolicy } from '../core/replay/policies.ts';
import type { Policy } from '../ports/policy-store.ts';

/** Those that hold for code of that tenant, by name. `workflow` absent: code that is of none. */
export const policiesFor = (
  policies: readonly Policy[],
  { tenant, workflow }: { readonly tenant: string; readonly workflow: string | undefined },
): readonly TurnPolicy[] =>
  policies
    .filter(({ tenants }) => tenants === undefined || tenants.includes(tenant))
    .filter(({ workflows }) => workflows === undefined || (workflow !== undefined && workflows.includes(workflow)))
    .map(({ name, before, action }) => ({ name, before, action }));
