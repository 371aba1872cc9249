import type { Dependencies } from './dependencies.ts';
import type { WorkflowView } from './read-workflow.ts';

/** What the active version exports, in its order; nothing where no version is active. */
export const listWorkflows = async (
  deps: Pick<Dependencies, 'bundles'>,
  params: { readonly tenant: string },
): Promise<readonly WorkflowView[]> => {
  const active = await deps.bundles.getActiveVersion(params.tenant);
  if (active === undefined) return [];
  return Promise.all(
    active.workflows.map(async ({ name }) => ({
      name,
      version: active.version,
      settings: (await deps.bundles.getWorkflowSettings(params.tenant, name)) ?? {},
    })),
  );
};
