import type { ListParams, Summary } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';
import { readWorkflow } from './read-workflow.ts';

/**
 * Newest first. Instances of a workflow that the active version no longer exports are still listed.
 * @throws TenonError `workflow.not_found`, `request.invalid` (cursor)
 */
export const listInstances = async (
  deps: Pick<Dependencies, 'instances' | 'bundles'>,
  params: ListParams,
): Promise<{ readonly items: readonly Summary[]; readonly cursor?: string }> => {
  const page = await deps.instances.list(params);
  if (page.items.length === 0 && params.cursor === undefined) await readWorkflow(deps, params);
  return page;
};
