import { useResource } from '../../api/use-resource.ts';
import { Ago } from '../../parts/ago.tsx';
import { Loading } from '../../parts/loading.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Problem } from '../../parts/problem.tsx';
import { linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';
import { cronText } from '../../text/cron-text.ts';
import { WorkflowForm } from './form.tsx';

interface WorkflowSettingsProps {
  readonly tenant: string;
  readonly name: string;
}

export const WorkflowSettings = ({ tenant, name }: WorkflowSettingsProps) => {
  const { client } = currentSession();
  const { value, error, reload } = useResource(
    () => client.call('GET /v1/tenants/{tenant}/workflows/{workflow}', { path: { tenant, workflow: name } }),
    [tenant, name],
  );
  return (
    <>
      <PageHead title={name} about={<a href={linkTo(['t', tenant, 'workflows'])}>All workflows</a>}>
        <a class="button" href={linkTo(['t', tenant, 'instances'], { workflow: name })}>
          Its instances
        </a>
      </PageHead>
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="the workflow" rows={8} />}
      {value !== undefined && value.schedules.length > 0 && (
        <section class="panel" aria-label="Next ticks">
          {value.schedules.map(({ cron, nextAt }) => (
            <p key={cron}>
              Runs {cronText(cron)}: next <Ago at={nextAt} />, at {new Date(nextAt).toLocaleString()}.
            </p>
          ))}
        </section>
      )}
      {value !== undefined && (
        <WorkflowForm key={JSON.stringify(value)} tenant={tenant} workflow={value} onSaved={reload} />
      )}
    </>
  );
};
