import type { Dependencies } from './dependencies.ts';
import type { WorkflowView } from './read-workflow.ts';

/** What the active version exports, in its order; nothing where no version is active. */
export const listWorkflows = async (
  deps: Pick<Dependencies, 'bundles' | 'schedules'>,
  params: { readonly tenant: string },
): Promise<readonly WorkflowView[]> => {
  const { tenant } = params;
  const [active, schedules] = await Promise.all([deps.bundles.getActiveVersion(tenant), deps.schedules.list(tenant)]);
  if (active === undefined) return [];
  return Promise.all(
    active.workflows.map(async ({ name }) => ({
      name,
      version: active.version,
      settings: (await deps.bundles.getWorkflowSettings(tenant, name)) ?? {},
      schedules: schedules.filter(({ workflow }) => workflow === name),
    })),
  );
};
