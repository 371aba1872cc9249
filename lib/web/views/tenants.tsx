import { useResource } from '../api/use-resource.ts';
import { Moment } from '../parts/moment.tsx';
import { Problem } from '../parts/problem.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { linkTo } from '../router.ts';
import { currentSession } from '../session.ts';

export const Tenants = () => {
  const { client } = currentSession();
  const { value, error } = useResource(() => client.call('GET /v1/tenants', { query: { limit: 200 } }), []);
  return (
    <>
      <h1>Tenants</h1>
      <Problem error={error} />
      {value !== undefined && (
        <table>
          <thead>
            <tr>
              <th>Tenant</th>
              <th>Name</th>
              <th>Isolation</th>
              <th>State</th>
              <th>Since</th>
            </tr>
          </thead>
          <tbody>
            {value.tenants.map(({ id, name, isolation, suspended, createdAt }) => (
              <tr key={id}>
                <td>
                  <a href={linkTo(['t', id])}>{id}</a>
                </td>
                <td>{name}</td>
                <td>{isolation}</td>
                <td>
                  <StatusBadge status={suspended ? 'suspended' : 'active'} />
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
