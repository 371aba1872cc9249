import type { Tenant } from '../../client/operations.ts';
import { useResource } from '../api/use-resource.ts';
import { Ago } from '../parts/ago.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { Problem } from '../parts/problem.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { linkTo } from '../router.ts';
import { currentSession } from '../session.ts';
import { egressText } from './tenants/egress.ts';
import { NewTenant } from './tenants/new-tenant.tsx';
import type { ViewProps } from './view.ts';

export const Tenants = (props: ViewProps) => (props.parts[0] === 'new' ? <NewTenant /> : <TenantList {...props} />);

const TenantList = ({ query: { cursor } }: ViewProps) => {
  const { client } = currentSession();
  const { value, error } = useResource(
    () => client.call('GET /v1/tenants', { query: { ...(cursor && { cursor }) } }),
    [cursor],
  );
  const create = (
    <a class="button primary" href={linkTo(['tenants', 'new'])}>
      New tenant
    </a>
  );
  return (
    <>
      <PageHead title="Tenants" about="Whose workflows run here, each behind its own limits.">
        {create}
      </PageHead>
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="tenants" />}
      {value?.tenants.length === 0 && (
        <Empty title="No tenant yet" actions={create}>
          A tenant has keys, code, variables and limits of its own.
        </Empty>
      )}
      {value !== undefined && value.tenants.length > 0 && (
        <DataTable caption="Tenants" columns={COLUMNS} rows={value.tenants} keyOf={({ id }) => id} />
      )}
      <Pager parts={['tenants']} query={{ cursor }} next={value?.cursor} />
    </>
  );
};

const COLUMNS: readonly Column<Tenant>[] = [
  {
    title: 'Tenant',
    isName: true,
    cell: ({ id, name }) => (
      <>
        <a class="id" href={linkTo(['t', id])}>
          {id}
        </a>{' '}
        {name !== undefined && <span class="quiet">{name}</span>}
      </>
    ),
  },
  {
    title: 'State',
    cell: ({ suspended, strikes = [] }) => (
      <>
        <StatusBadge status={suspended ? 'suspended' : 'active'} />
        {strikes.length > 0 && <span class="quiet"> {strikes.length} strikes</span>}
      </>
    ),
  },
  { title: 'Isolation', cell: ({ isolation }) => isolation },
  { title: 'Reaches', cell: ({ egress }) => egressText(egress) },
  { title: 'Since', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  {
    title: 'Go to',
    kind: 'actions',
    cell: ({ id }) => (
      <span class="actions">
        <a class="button" href={linkTo(['t', id, 'playground'])} aria-label={`Playground of ${id}`}>
          Playground
        </a>
        <a class="button" href={linkTo(['t', id, 'settings'])} aria-label={`Settings of ${id}`}>
          Settings
        </a>
      </span>
    ),
  },
];
