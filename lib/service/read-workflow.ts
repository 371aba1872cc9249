import type { WorkflowSettings } from '../ports/bundle-store.ts';
import type { Schedule } from '../ports/schedule-store.ts';
import type { Dependencies } from './dependencies.ts';
import { workflowNotFound } from './refusals.ts';

export type { WorkflowSettings } from '../ports/bundle-store.ts';

export interface WorkflowView {
  readonly name: string;
  /** The active version, which exports it. */
  readonly version: string;
  readonly settings: WorkflowSettings;
  readonly schedules: readonly Pick<Schedule, 'cron' | 'nextAt'>[];
}

/** @throws TenonError `workflow.not_found` */
export const readWorkflow = async (
  deps: Pick<Dependencies, 'bundles' | 'schedules'>,
  params: { readonly tenant: string; readonly workflow: string },
): Promise<WorkflowView> => {
  const { tenant, workflow } = params;
  const [active, settings, schedules] = await Promise.all([
    deps.bundles.getActiveVersion(tenant),
    deps.bundles.getWorkflowSettings(tenant, workflow),
    deps.schedules.list(tenant),
  ]);
  if (!active?.workflows.some(({ name }) => name === workflow)) throw workflowNotFound();
  const own = schedules.filter((schedule) => schedule.workflow === workflow);
  return { name: workflow, version: active.version, settings: settings ?? {}, schedules: own };
};
