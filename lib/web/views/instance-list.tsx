import { useState } from 'preact/hooks';
import { useResource } from '../api/use-resource.ts';
import { Loading } from '../parts/loading.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import { readFilter } from './instances/filter.ts';
import { InstanceFilters } from './instances/filters.tsx';
import { NoInstances } from './instances/no-instances.tsx';
import { InstanceSearch } from './instances/search.tsx';
import { InstanceSelection } from './instances/selection.tsx';
import { StatusCounts } from './instances/status-counts.tsx';
import { InstanceTable } from './instances/table.tsx';
import type { ViewProps } from './view.ts';

const REFRESH_MS = 2_000;

export const InstanceList = ({ tenant, query }: ViewProps) => {
  const { client } = currentSession();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const workflows = useResource(
    () => client.call('GET /v1/tenants/{tenant}/workflows', { path: { tenant } }),
    [tenant],
  );
  const names = workflows.value?.workflows.map(({ name }) => name);
  const filter = readFilter(query, names?.[0]);
  const { workflow, status, from, to, cursor } = filter;
  const page = useResource(
    async () =>
      workflow === undefined
        ? undefined
        : client.call('GET /v1/tenants/{tenant}/workflows/{workflow}/instances', {
            path: { tenant, workflow },
            query: { ...(status && { status }), ...(from && { from }), ...(to && { to }), ...(cursor && { cursor }) },
          }),
    [tenant, workflow, status, from, to, cursor],
    // What is further back does not move while somebody reads it.
    cursor === undefined ? { everyMs: REFRESH_MS } : {},
  );
  const parts = ['t', tenant, 'instances'];
  const instances = page.value?.instances ?? [];
  const shown = new Set(instances.map(({ id }) => id).filter((id) => selected.has(id)));

  return (
    <>
      <PageHead title="Instances">
        {names !== undefined && <InstanceSearch tenant={tenant} workflows={names} />}
      </PageHead>
      <Problem error={workflows.error ?? page.error} />
      {names !== undefined && workflow === undefined && <NoInstances tenant={tenant} why="nothing_deployed" />}
      {workflow !== undefined && (
        <>
          <InstanceFilters key={`${from}${to}`} parts={parts} filter={filter} workflows={names ?? []} />
          <StatusCounts tenant={tenant} workflow={workflow} parts={parts} filter={filter} />
          {page.value === undefined && page.error === undefined && <Loading what="instances" rows={8} />}
          {page.value !== undefined && instances.length === 0 && (
            <NoInstances tenant={tenant} why={status || from || to || cursor ? 'filtered' : 'none_yet'} />
          )}
          {instances.length > 0 && (
            <>
              <InstanceSelection
                tenant={tenant}
                workflow={workflow}
                selected={shown}
                onClear={() => setSelected(new Set())}
                onDone={page.reload}
              />
              <InstanceTable
                tenant={tenant}
                workflow={workflow}
                instances={instances}
                selected={shown}
                onSelect={setSelected}
              />
            </>
          )}
          <Pager parts={parts} query={{ ...filter }} next={page.value?.cursor} />
        </>
      )}
    </>
  );
};
