import type { Summary } from '../ports/instance-store.ts';
import type { Dependencies } from './dependencies.ts';

type Needs = Pick<Dependencies, 'bundles' | 'instances'>;

/** How far a check has come: all workflows before this one in order of names are done with, and this one up to the cursor. */
export interface CheckPlace {
  readonly workflow: string;
  readonly cursor?: string;
}

const PAGE = 20;
const VERSIONS_AT_A_TIME = 100;

export const showPlace = ({ workflow, cursor }: CheckPlace): string => JSON.stringify([workflow, cursor]);

export const readPlace = (text: string | undefined): CheckPlace | undefined => {
  if (text === undefined) return undefined;
  const [workflow, cursor] = JSON.parse(text) as [string, string | null | undefined];
  return typeof cursor === 'string' ? { workflow, cursor } : { workflow };
};

/** A page of a tenant's instances, newest first within a workflow; `next`: where the one after it begins, if there is one. */
export const nextPage = async (
  deps: Needs,
  tenant: string,
  place: CheckPlace | undefined,
): Promise<{ readonly instances: readonly Summary[]; readonly next: CheckPlace | undefined }> => {
  const workflows = await workflowsOf(deps, tenant);
  const index = place === undefined ? 0 : workflows.findIndex((name) => name >= place.workflow);
  const workflow = workflows[index];
  if (workflow === undefined) return { instances: [], next: undefined };
  const cursor = workflow === place?.workflow ? place.cursor : undefined;
  const page = await deps.instances.list({ tenant, workflow, limit: PAGE, ...(cursor !== undefined && { cursor }) });
  if (page.cursor !== undefined) return { instances: page.items, next: { workflow, cursor: page.cursor } };
  const following = workflows[index + 1];
  return { instances: page.items, next: following === undefined ? undefined : { workflow: following } };
};

/** Every workflow that any version exports: others have no instances. */
const workflowsOf = async ({ bundles }: Needs, tenant: string): Promise<readonly string[]> => {
  const names = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await bundles.listVersions({
      tenant,
      limit: VERSIONS_AT_A_TIME,
      ...(cursor !== undefined && { cursor }),
    });
    for (const { workflows } of page.items) for (const { name } of workflows) names.add(name);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return [...names].sort();
};
