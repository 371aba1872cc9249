import type { Tenant } from '../../../client/operations.ts';
import { useAction } from '../../api/use-action.ts';
import { Ago } from '../../parts/ago.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { currentSession } from '../../session.ts';

interface SuspensionProps {
  readonly tenant: Tenant;
  readonly onChanged: () => void;
}

/** Whether it runs, why not, and what its code has done to processes. */
export const Suspension = ({ tenant, onChanged }: SuspensionProps) => {
  const { client } = currentSession();
  const { run, isBusy, error } = useAction();
  const { id, suspended, suspension, strikes = [] } = tenant;
  const change = () =>
    run(async () => {
      await client.call('PATCH /v1/tenants/{tenant}', { path: { tenant: id }, body: { suspended: !suspended } });
      onChanged();
      return suspended ? `${id} runs again.` : `${id} is suspended.`;
    });
  return (
    <section aria-labelledby="state">
      <h2 id="state">State</h2>
      <p>
        <StatusBadge status={suspended ? 'suspended' : 'active'} />
      </p>
      {suspension !== undefined && (
        <p>
          The service has suspended it by itself <Ago at={suspension.at} />: {suspension.reason}
        </p>
      )}
      <p class="quiet">
        A suspended tenant starts nothing and answers no requests; what it has stays, and goes on when that is lifted.
      </p>
      <Problem error={error} />
      <button type="button" class={suspended ? 'primary' : 'danger'} disabled={isBusy} onClick={change}>
        {suspended ? 'Let it run again' : 'Suspend'}
      </button>
      <h2>Strikes</h2>
      {strikes.length === 0 ? (
        <p class="quiet">None: its code has cost no process.</p>
      ) : (
        <DataTable
          caption="Strikes, the latest ones"
          rows={strikes}
          keyOf={({ at, what }) => `${at} ${what}`}
          columns={[
            { title: 'What', isName: true, cell: ({ what }) => what },
            { title: 'When', cell: ({ at }) => <Ago at={at} /> },
          ]}
        />
      )}
    </section>
  );
};
