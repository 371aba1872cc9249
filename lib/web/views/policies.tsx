import { useState } from 'preact/hooks';
import type { Policy } from '../../client/operations.ts';
import { useResource } from '../api/use-resource.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Problem } from '../parts/problem.tsx';
import { linkTo } from '../router.ts';
import { currentSession } from '../session.ts';
import { policyText, whereText } from './policies/draft.ts';
import { PolicyForm } from './policies/form.tsx';
import type { ViewProps } from './view.ts';

/** `policies`, `policies/new` and `policies/edit/<name>`. */
export const Policies = ({ parts: [deed, name] }: ViewProps) => {
  const { client } = currentSession();
  const [asked, setAsked] = useState<string | undefined>(undefined);
  const { value, error, reload } = useResource(() => client.call('GET /v1/policies', {}), [deed, name]);
  const edited = value?.policies.find((policy) => policy.name === name);
  if (deed === 'new') return <PolicyForm policy={undefined} />;
  if (edited !== undefined) return <PolicyForm key={edited.name} policy={edited} />;
  const remove = async (removed: string): Promise<string> => {
    await client.call('DELETE /v1/policies/{name}', { path: { name: removed } });
    reload();
    return `${removed} is removed.`;
  };
  const create = (
    <a class="button primary" href={linkTo(['policies', 'new'])}>
      New policy
    </a>
  );
  return (
    <>
      <PageHead title="Policies" about="What holds before a step or a binding’s call, outside the tenants’ code.">
        {create}
      </PageHead>
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="policies" rows={3} />}
      {value?.policies.length === 0 && (
        <Empty title="No policy" actions={create}>
          Such as: a person says yes before any step whose name begins with “refund”.
        </Empty>
      )}
      {value !== undefined && value.policies.length > 0 && (
        <DataTable caption="Policies" columns={columnsOf(setAsked)} rows={value.policies} keyOf={(one) => one.name} />
      )}
      {asked !== undefined && (
        <ConfirmDialog
          title={`Remove ${asked}?`}
          confirm="Remove"
          act={() => remove(asked)}
          onClose={() => setAsked(undefined)}
        >
          What waits for an approval by it goes on waiting for that.
        </ConfirmDialog>
      )}
    </>
  );
};

const columnsOf = (ask: (name: string) => void): readonly Column<Policy>[] => [
  {
    title: 'Policy',
    isName: true,
    cell: ({ name }) => (
      <a class="id" href={linkTo(['policies', 'edit', name])}>
        {name}
      </a>
    ),
  },
  { title: 'Holds', cell: (policy) => policyText(policy) },
  { title: 'For', cell: (policy) => whereText(policy) },
  {
    title: 'Act',
    kind: 'actions',
    cell: ({ name }) => (
      <span class="actions">
        <button type="button" class="danger" onClick={() => ask(name)}>
          Remove<span class="unseen"> {name}</span> …
        </button>
      </span>
    ),
  },
];
