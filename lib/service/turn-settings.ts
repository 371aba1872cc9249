import { TenonError } from '../core/errors.ts';
import { DEFAULT_CPU_MS, DEFAULT_MEMORY_MB, MAX_COUNTED_TURNS, RECORDS_PER_STEP_LIMIT } from '../core/limits.ts';
import type { TurnPolicy } from '../core/replay/policies.ts';
import type { WorkflowSettings } from '../ports/bundle-store.ts';
import type { GuestOptions } from '../ports/executor.ts';
import type { Tenant } from '../ports/tenant-store.ts';
import type { GuestEnv } from '../ports/turn-messages.ts';
import { readExecutable } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';
import { policiesFor } from './policies-for.ts';
import { strikesOf } from './strikes.ts';
import { stepLimit } from './tenant-limits.ts';

/** What tenant, version and workflow say about how a guest runs. */
export interface TurnSettings {
  readonly tenant: Tenant;
  readonly guest: GuestOptions;
  readonly env: GuestEnv;
  /** What replays find to differ is fatal. */
  readonly isStrict: boolean;
  readonly policies: readonly TurnPolicy[];
  readonly limits: { readonly steps: number; readonly records: number };
  /** How many turns may run code at the same time; absent: any number. */
  readonly concurrency: { readonly tenant?: number; readonly workflow?: number };
  readonly retention: WorkflowSettings['retention'];
}

type Needs = Pick<
  Dependencies,
  'clock' | 'tenants' | 'bundles' | 'blobs' | 'vault' | 'policies' | 'bindings' | 'usage'
>;

/** @throws TenonError `tenant.not_found` where the tenant is gone */
export const loadTurnSettings = async (
  deps: Needs,
  {
    tenant: tenantId,
    workflow,
    version,
  }: { readonly tenant: string; readonly workflow?: string; readonly version: string },
): Promise<TurnSettings> => {
  const [tenant, settings, variables, policies] = await Promise.all([
    deps.tenants.getTenant(tenantId),
    workflow === undefined ? undefined : deps.bundles.getWorkflowSettings(tenantId, workflow),
    loadVariables(deps, tenantId),
    deps.policies.list(),
  ]);
  if (tenant === undefined) throw new TenonError('tenant.not_found', 'The tenant does not exist');
  const strikes = strikesOf(tenant, deps.clock.now()).length;
  const isStrict = settings?.determinism === 'strict';
  const steps = stepLimit(tenant.limits, settings?.limits?.steps);
  return {
    tenant,
    guest: {
      tenant: tenantId,
      version,
      loadBundle: () => readExecutable(deps.blobs, tenantId, version),
      limits: { cpuMs: tenant.limits.cpuMs ?? DEFAULT_CPU_MS, memoryMb: tenant.limits.memoryMb ?? DEFAULT_MEMORY_MB },
      hasFreshContext: isStrict || strikes > 0,
      strikes,
      onUsed: ({ cpuMs }) =>
        deps.usage?.count({ tenant: tenantId, ...(workflow !== undefined && { workflow }) }, { cpuMs }),
    },
    env: { variables, bindings: deps.bindings.declare(workflow === undefined ? { tenant } : { tenant, workflow }) },
    isStrict,
    policies: policiesFor(policies, { tenant: tenantId, workflow }),
    limits: { steps, records: steps * RECORDS_PER_STEP_LIMIT },
    concurrency: {
      ...counted('tenant', tenant.limits.concurrent),
      ...counted('workflow', settings?.concurrency?.limit),
    },
    retention: settings?.retention,
  };
};

const counted = (name: 'tenant' | 'workflow', limit: number | undefined): TurnSettings['concurrency'] =>
  limit === undefined || limit > MAX_COUNTED_TURNS ? {} : { [name]: limit };

const loadVariables = async (
  { tenants, vault }: Pick<Needs, 'tenants' | 'vault'>,
  tenant: string,
): Promise<Readonly<Record<string, string>>> => {
  const variables: Record<string, string> = {};
  for (const { name, value, isSecret } of await tenants.listEnv(tenant)) {
    variables[name] = isSecret ? await vault.open(value, `${tenant}/${name}`) : value;
  }
  return variables;
};
