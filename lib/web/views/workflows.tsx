import type { Workflow } from '../../client/operations.ts';
import { lengthText } from '../../client/wording.ts';
import { useResource } from '../api/use-resource.ts';
import { Ago } from '../parts/ago.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Problem } from '../parts/problem.tsx';
import { linkTo } from '../router.ts';
import { currentSession } from '../session.ts';
import { cronText } from '../text/cron-text.ts';
import type { ViewProps } from './view.ts';
import { WorkflowSettings } from './workflows/settings.tsx';

/** `workflows` and `workflows/<name>`. */
export const Workflows = ({ tenant, parts }: ViewProps) =>
  parts[0] === undefined ? <WorkflowList tenant={tenant} /> : <WorkflowSettings tenant={tenant} name={parts[0]} />;

const WorkflowList = ({ tenant }: { readonly tenant: string }) => {
  const { client } = currentSession();
  const { value, error } = useResource(
    () => client.call('GET /v1/tenants/{tenant}/workflows', { path: { tenant } }),
    [tenant],
  );
  return (
    <>
      <PageHead title="Workflows" about="What the active version exports, and how each is run." />
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="workflows" rows={3} />}
      {value?.workflows.length === 0 && (
        <Empty
          title="No workflow"
          actions={
            <a class="button primary" href={linkTo(['t', tenant, 'playground'])}>
              Write one in the playground
            </a>
          }
        >
          Every exported class that extends WorkflowEntrypoint is one.
        </Empty>
      )}
      {value !== undefined && value.workflows.length > 0 && (
        <DataTable caption="Workflows" columns={columnsOf(tenant)} rows={value.workflows} keyOf={({ name }) => name} />
      )}
    </>
  );
};

const columnsOf = (tenant: string): readonly Column<Workflow>[] => [
  {
    title: 'Workflow',
    isName: true,
    cell: ({ name }) => <a href={linkTo(['t', tenant, 'instances'], { workflow: name })}>{name}</a>,
  },
  {
    title: 'At once',
    cell: ({ concurrency }) =>
      concurrency === undefined ? <span class="quiet">any number</span> : concurrency.limit.toLocaleString('en'),
  },
  {
    title: 'Schedules',
    cell: ({ schedules }) =>
      schedules.length === 0 ? (
        <span class="quiet">none</span>
      ) : (
        schedules.map(({ cron, nextAt }) => (
          <div key={cron}>
            <span title={cron}>{cronText(cron)}</span>, <span class="quiet">next</span> <Ago at={nextAt} />
          </div>
        ))
      ),
  },
  { title: 'Kept', cell: ({ retention }) => <Kept {...retention} /> },
  {
    title: 'Steps',
    cell: ({ limits }) =>
      limits?.steps === undefined ? <span class="quiet">as the tenant</span> : limits.steps.toLocaleString('en'),
  },
  {
    title: 'Diverging',
    cell: ({ determinism }) => (determinism === 'strict' ? 'fails' : <span class="quiet">is reported</span>),
  },
  {
    title: 'Act',
    kind: 'actions',
    cell: ({ name }) => (
      <span class="actions">
        <a class="button" href={linkTo(['t', tenant, 'workflows', name])} aria-label={`Settings of ${name}`}>
          Settings
        </a>
      </span>
    ),
  },
];

/** How long what has ended can be read. */
const Kept = ({ success, error }: { readonly success?: number; readonly error?: number }) => {
  if (success === undefined && error === undefined) return <span class="quiet">30 d</span>;
  const [ofSuccess, ofError] = [success, error].map((ms) => (ms === undefined ? '30 d' : lengthText(ms)));
  return <>{ofSuccess === ofError ? ofSuccess : `${ofSuccess}; failed: ${ofError}`}</>;
};
