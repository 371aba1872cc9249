import { invalidField } from '../core/errors.ts';
import type { WorkflowSettings } from '../ports/bundle-store.ts';
import type { Dependencies } from './dependencies.ts';
import { putSchedules } from './put-schedules.ts';
import { readTenant } from './read-tenant.ts';
import { readWorkflow, type WorkflowView } from './read-workflow.ts';
import { maxStepLimit } from './tenant-limits.ts';
import { wakeAllowed } from './wake-queued.ts';

export interface PatchWorkflowParams {
  readonly tenant: string;
  readonly workflow: string;
  /** Milliseconds; only what is named is changed. */
  readonly retention?: { readonly success?: number | undefined; readonly error?: number | undefined } | undefined;
  readonly limits?: { readonly steps?: number | undefined } | undefined;
  readonly determinism?: 'strict' | 'lenient' | undefined;
  /** `null`: none any more. */
  readonly concurrency?: { readonly limit: number | null } | undefined;
  /** In place of those that there are. */
  readonly schedules?: readonly { readonly cron: string }[] | undefined;
}

/** @throws TenonError `workflow.not_found`, `request.invalid` (a cron; more steps than the operator lets the tenant have) */
export const patchWorkflow = async (
  deps: Pick<Dependencies, 'clock' | 'bundles' | 'schedules' | 'tenants' | 'ticks' | 'instances' | 'slots' | 'wakes'>,
  params: PatchWorkflowParams,
): Promise<WorkflowView> => {
  const { tenant, workflow, retention, limits, determinism, concurrency, schedules } = params;
  const current = await readWorkflow(deps, { tenant, workflow });
  if (limits?.steps !== undefined) await checkSteps(deps, { tenant, steps: limits.steps });
  const { concurrency: hadLimit, ...others } = current.settings;
  const limit = concurrency === undefined ? hadLimit?.limit : concurrency.limit;
  const settings: WorkflowSettings = {
    ...others,
    ...(retention === undefined ? {} : { retention: { ...current.settings.retention, ...named(retention) } }),
    ...(limits === undefined ? {} : { limits: { ...current.settings.limits, ...named(limits) } }),
    ...(determinism === undefined ? {} : { determinism }),
    ...(typeof limit === 'number' && { concurrency: { limit } }),
  };
  // First what can be refused.
  if (schedules !== undefined) {
    await putSchedules(deps, { tenant, workflow, crons: schedules.map(({ cron }) => cron) });
  }
  await deps.bundles.putWorkflowSettings(tenant, workflow, settings);
  if (concurrency !== undefined) await wakeAllowed(deps, { tenant, workflow }, concurrency.limit);
  return readWorkflow(deps, { tenant, workflow });
};

const checkSteps = async (
  deps: Pick<Dependencies, 'tenants'>,
  { tenant, steps }: { readonly tenant: string; readonly steps: number },
): Promise<void> => {
  const max = maxStepLimit((await readTenant(deps, { tenant })).limits);
  if (steps > max)
    throw invalidField('limits.steps', `must be at most ${max}, the limit that the operator set for the tenant`);
};

type Named<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const named = <T extends object>(changes: T): Named<T> =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Named<T>;
