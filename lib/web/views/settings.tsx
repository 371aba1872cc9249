import { useResource } from '../api/use-resource.ts';
import { Loading } from '../parts/loading.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import { DeleteTenant } from './settings/delete-tenant.tsx';
import { Suspension } from './settings/suspension.tsx';
import { TenantForm } from './settings/tenant-form.tsx';
import type { ViewProps } from './view.ts';

/** What the operator holds a tenant to. */
export const Settings = ({ tenant: id }: ViewProps) => {
  const { client } = currentSession();
  const { value, error, reload } = useResource(
    () => client.call('GET /v1/tenants/{tenant}', { path: { tenant: id } }),
    [id],
  );
  return (
    <>
      <PageHead title={`Settings of ${id}`} />
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="the tenant" rows={8} />}
      {value !== undefined && (
        <>
          <TenantForm tenant={value} onSaved={reload} />
          <Suspension tenant={value} onChanged={reload} />
          <DeleteTenant id={id} />
        </>
      )}
    </>
  );
};
