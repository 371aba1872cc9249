import { useState } from 'preact/hooks';
import { useResource } from '../api/use-resource.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import { VariableForm } from './env/variable-form.tsx';
import type { ViewProps } from './view.ts';

export const Env = ({ tenant }: ViewProps) => {
  const { client } = currentSession();
  const [asked, setAsked] = useState<string | undefined>(undefined);
  const { value, error, reload } = useResource(
    () => client.call('GET /v1/tenants/{tenant}/env', { path: { tenant } }),
    [tenant],
  );
  const remove = async (name: string): Promise<string> => {
    await client.call('DELETE /v1/tenants/{tenant}/env/{NAME}', { path: { tenant, NAME: name } });
    reload();
    return `${name} is removed.`;
  };
  return (
    <>
      <PageHead
        title="Variables"
        about="What the code finds in env. The value of a secret is written and never shown."
      />
      <VariableForm tenant={tenant} names={value?.env.map(({ name }) => name) ?? []} onSaved={reload} />
      <Problem error={error} />
      {value === undefined && error === undefined && <Loading what="variables" rows={3} />}
      {value?.env.length === 0 && <Empty title="No variable yet">Set one above; the next turn has it.</Empty>}
      {value !== undefined && value.env.length > 0 && (
        <DataTable
          caption="Variables"
          rows={value.env}
          keyOf={({ name }) => name}
          columns={[
            { title: 'Name', isName: true, cell: ({ name }) => <span class="id">{name}</span> },
            {
              title: 'Value',
              cell: ({ secret, value: text }) =>
                secret ? <span class="quiet">secret</span> : <span class="id">{text}</span>,
            },
            {
              title: 'Act',
              kind: 'actions',
              cell: ({ name }) => (
                <span class="actions">
                  <button type="button" class="danger" onClick={() => setAsked(name)}>
                    Remove<span class="unseen"> {name}</span> …
                  </button>
                </span>
              ),
            },
          ]}
        />
      )}
      {asked !== undefined && (
        <ConfirmDialog
          title={`Remove ${asked}?`}
          confirm="Remove"
          act={() => remove(asked)}
          onClose={() => setAsked(undefined)}
        >
          Code that reads it finds undefined from the next turn on.
        </ConfirmDialog>
      )}
    </>
  );
};
