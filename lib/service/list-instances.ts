import type { ListParams, Summary } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { workflowNotFound } from './refusals.ts';

/**
 * Newest first. Instances of a workflow that the active version no longer exports are still listed.
 * @throws TenonError `workflow.not_found`, `request.invalid` (cursor)
 */
export const listInstances = async (
  deps: Pick<Dependencies, 'instances' | 'bundles'>,
  params: ListParams,
): Promise<{ readonly items: readonly Summary[]; readonly cursor?: string }> => {
  const page = await deps.instances.list(params);
  if (page.items.length === 0 && params.cursor === undefined) await refuseUnknown(deps, params);
  return page;
};

const refuseUnknown = async (
  { bundles }: Pick<Dependencies, 'bundles'>,
  { tenant, workflow }: ListParams,
): Promise<void> => {
  const active = await bundles.getActiveVersion(tenant);
  if (!active?.workflows.some(({ name }) => name === workflow)) throw workflowNotFound();
};
