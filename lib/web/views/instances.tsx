import { useResource } from '../api/use-resource.ts';
import { Moment } from '../parts/moment.tsx';
import { Problem } from '../parts/problem.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { currentSession } from '../session.ts';
import type { ViewProps } from './view.ts';

const REFRESH_MS = 2_000;

export const Instances = ({ tenant, query }: ViewProps) => {
  const { client } = currentSession();
  const workflows = useResource(
    () => client.call('GET /v1/tenants/{tenant}/workflows', { path: { tenant } }),
    [tenant],
  );
  const workflow = query.workflow ?? workflows.value?.workflows[0]?.name;
  const page = useResource(
    async () =>
      workflow === undefined
        ? undefined
        : client.call('GET /v1/tenants/{tenant}/workflows/{workflow}/instances', { path: { tenant, workflow } }),
    [tenant, workflow],
    { everyMs: REFRESH_MS },
  );
  return (
    <>
      <h1>Instances{workflow !== undefined && ` of ${workflow}`}</h1>
      <Problem error={workflows.error ?? page.error} />
      {page.value !== undefined && (
        <table>
          <thead>
            <tr>
              <th>Instance</th>
              <th>Status</th>
              <th>Created</th>
            </tr>
          </thead>
          <tbody>
            {page.value.instances.map(({ id, status, createdAt }) => (
              <tr key={id}>
                <td>{id}</td>
                <td>
                  <StatusBadge status={status} />
                </td>
                <td>
                  <Moment at={createdAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
};
