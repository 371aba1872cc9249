import { useResource } from '../api/use-resource.ts';
import { Ago } from '../parts/ago.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { currentSession } from '../session.ts';
import type { StartedInstance } from './state.ts';

interface PastInstancesProps {
  readonly tenant: string;
  /** Of the workflow that is chosen; its latest are shown beside those that were started here. */
  readonly workflow: string | undefined;
  readonly started: readonly StartedInstance[];
  readonly shown: StartedInstance | undefined;
  /** Whenever it is another one the list is read again. */
  readonly changed: string;
  readonly onSelect: (instance: StartedInstance) => void;
}

const SHOWN = 8;

export const PastInstances = ({ tenant, workflow, started, shown, changed, onSelect }: PastInstancesProps) => {
  const { client } = currentSession();
  const latest = useResource(
    async () =>
      workflow === undefined
        ? undefined
        : client.call('GET /v1/tenants/{tenant}/workflows/{workflow}/instances', {
            path: { tenant, workflow },
            query: { limit: SHOWN },
          }),
    [tenant, workflow, started.length, changed],
  );
  const listed = latest.value?.instances ?? [];
  const others = started.filter((one) => !(one.workflow === workflow && listed.some(({ id }) => id === one.id)));
  if (workflow === undefined || listed.length + others.length === 0) return null;
  const row = (instance: StartedInstance, more?: { readonly status: string; readonly createdAt: string }) => (
    <li key={`${instance.workflow}/${instance.id}`}>
      <button
        type="button"
        class="past"
        aria-current={shown?.id === instance.id && shown.workflow === instance.workflow}
        onClick={() => onSelect(instance)}
      >
        <span class="past-id id">
          {instance.workflow !== workflow && <span class="quiet">{instance.workflow} </span>}
          {instance.id}
        </span>
        {more !== undefined && <StatusBadge status={more.status} />}
        {more !== undefined && <Ago at={more.createdAt} />}
      </button>
    </li>
  );
  return (
    <section class="past-instances" aria-label="Latest instances">
      <h2>Latest instances</h2>
      <ol class="past-list">
        {listed.map((item) => row({ workflow, id: item.id }, item))}
        {others.slice(0, SHOWN).map((instance) => row(instance))}
      </ol>
    </section>
  );
};
