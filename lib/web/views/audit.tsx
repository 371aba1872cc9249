import type { AuditEntry } from '../../client/operations.ts';
import { useResource } from '../api/use-resource.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import { Moment } from '../parts/moment.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { Problem } from '../parts/problem.tsx';
import { linkTo } from '../router.ts';
import { currentSession } from '../session.ts';
import { AuditFilters } from './audit/filters.tsx';
import type { ViewProps } from './view.ts';

/** Of one tenant below its address, of all where there is none. */
export const Audit = ({ tenant, query }: ViewProps) => {
  const { client } = currentSession();
  const { from, to, cursor } = query;
  const only = tenant === '' ? query.tenant : undefined;
  const span = { ...(from && { from }), ...(to && { to }), ...(cursor && { cursor }) };
  const { value, error } = useResource(
    () =>
      tenant === ''
        ? client.call('GET /v1/audit', { query: { ...span, ...(only && { tenant: only }) } })
        : client.call('GET /v1/tenants/{tenant}/audit', { path: { tenant }, query: span }),
    [tenant, only, from, to, cursor],
  );
  const parts = tenant === '' ? ['audit'] : ['t', tenant, 'audit'];
  return (
    <>
      <PageHead title="Audit" about="Who changed what, newest first, for 90 days. Values are never part of it." />
      <AuditFilters key={JSON.stringify(query)} parts={parts} query={query} hasTenant={tenant === ''} />
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="the audit" rows={8} />}
      {value?.entries.length === 0 && <Empty title="Nothing was changed in this time">Choose a wider range.</Empty>}
      {value !== undefined && value.entries.length > 0 && (
        <DataTable
          caption="Changes, newest first"
          columns={COLUMNS.filter(({ title }) => title !== 'Tenant' || tenant === '')}
          rows={value.entries}
          keyOf={({ id }) => id}
        />
      )}
      <Pager parts={parts} query={query} next={value?.cursor} />
    </>
  );
};

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: 'When', cell: ({ at }) => <Moment at={at} /> },
  {
    title: 'What',
    isName: true,
    cell: ({ operation, names }) => (
      <>
        <span class="id">{operation}</span>
        <div class="quiet">
          {Object.entries(names)
            .map(([name, text]) => `${name} ${text}`)
            .join(', ')}
        </div>
      </>
    ),
  },
  {
    title: 'Tenant',
    cell: ({ tenant }) =>
      tenant === undefined ? (
        <span class="quiet">–</span>
      ) : (
        <a class="id" href={linkTo(['t', tenant, 'audit'])}>
          {tenant}
        </a>
      ),
  },
  {
    title: 'By',
    cell: ({ by }) =>
      by.kind === 'operator' ? (
        'operator'
      ) : (
        <>
          key <span class="id">{by.keyId}</span>
        </>
      ),
  },
  {
    title: 'Answer',
    kind: 'number',
    cell: ({ status }) => status ?? <span class="quiet">unknown</span>,
  },
];
