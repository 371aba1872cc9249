import type { RequestLogEntry } from '../../client/operations.ts';
import { lengthText } from '../../client/wording.ts';
import { useResource } from '../api/use-resource.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import { Moment } from '../parts/moment.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import { AuditFilters } from './audit/filters.tsx';
import { RequestLines } from './requests/lines.tsx';
import type { ViewProps } from './view.ts';

const REFRESH_MS = 3_000;

/** What `default.fetch` has said, by requests. */
export const Requests = ({ tenant, query }: ViewProps) => {
  const { client } = currentSession();
  const { from, to, cursor } = query;
  const { value, error } = useResource(
    () =>
      client.call('GET /v1/tenants/{tenant}/logs', {
        path: { tenant },
        query: { ...(from && { from }), ...(to && { to }), ...(cursor && { cursor }) },
      }),
    [tenant, from, to, cursor],
    cursor === undefined ? { everyMs: REFRESH_MS } : {},
  );
  const parts = ['t', tenant, 'requests'];
  return (
    <>
      <PageHead
        title="Requests"
        about="What default.fetch said and threw, by requests, newest first. Those that said nothing and went well are left out."
      />
      <AuditFilters key={JSON.stringify(query)} parts={parts} query={query} hasTenant={false} />
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="requests" rows={6} />}
      {value?.requests.length === 0 && (
        <Empty title="No request has said anything">
          What <code>console.log</code> writes at <code>/t/{tenant}/…</code> appears here.
        </Empty>
      )}
      {value !== undefined && value.requests.length > 0 && (
        <DataTable caption="Requests, newest first" columns={COLUMNS} rows={value.requests} keyOf={({ id }) => id} />
      )}
      <Pager parts={parts} query={query} next={value?.cursor} />
    </>
  );
};

const COLUMNS: readonly Column<RequestLogEntry>[] = [
  { title: 'When', cell: ({ time }) => <Moment at={time} /> },
  {
    title: 'Request',
    isName: true,
    cell: ({ method, path }) => (
      <span class="id">
        {method} {path}
      </span>
    ),
  },
  { title: 'Answer', kind: 'number', cell: ({ status }) => status },
  { title: 'Took', kind: 'number', cell: ({ durationMs }) => lengthText(durationMs) },
  { title: 'Said', cell: (entry) => <RequestLines {...entry} /> },
];
