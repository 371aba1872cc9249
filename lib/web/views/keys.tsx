import { useState } from 'preact/hooks';
import { useAction } from '../api/use-action.ts';
import { useResource } from '../api/use-resource.ts';
import { Ago } from '../parts/ago.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Field, problemAt } from '../parts/field.tsx';
import { KeyOnce } from '../parts/key-once.tsx';
import { Loading } from '../parts/loading.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Problem } from '../parts/problem.tsx';
import { currentSession } from '../session.ts';
import { fromLocalInput } from '../text/local-input.ts';
import { RotateDialog } from './keys/rotate-dialog.tsx';
import type { ViewProps } from './view.ts';

type Asked = { readonly kind: 'rotate' | 'revoke'; readonly keyId: string };
type Made = { readonly apiKey: string; readonly about: string };

export const Keys = ({ tenant }: ViewProps) => {
  const { client } = currentSession();
  const { value, error, reload } = useResource(
    () => client.call('GET /v1/tenants/{tenant}/keys', { path: { tenant } }),
    [tenant],
  );
  const [expiresAt, setExpiresAt] = useState('');
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const [made, setMade] = useState<Made | undefined>(undefined);
  const making = useAction();
  const show = (shown: Made): void => {
    setMade(shown);
    reload();
  };

  const make = (event: Event): void => {
    event.preventDefault();
    void making.run(async () => {
      const at = fromLocalInput(expiresAt);
      const { keyId, apiKey } = await client.call('POST /v1/tenants/{tenant}/keys', {
        path: { tenant },
        ...(at !== undefined && { body: { expiresAt: at } }),
      });
      show({ apiKey, about: `This is key ${keyId} of ${tenant}.` });
      return `Key ${keyId} is made.`;
    });
  };
  const revoke = async (keyId: string): Promise<string> => {
    await client.call('DELETE /v1/tenants/{tenant}/keys/{keyId}', { path: { tenant, keyId } });
    reload();
    return `Key ${keyId} is revoked.`;
  };

  return (
    <>
      <PageHead title="Keys" about={`Who holds one may do what ${tenant} may. They are kept as digests.`} />
      {made !== undefined && <KeyOnce key={made.apiKey} {...made} onDone={() => setMade(undefined)} />}
      <form class="filters" onSubmit={make}>
        <Field label="Expires" problem={problemAt(making.error, 'expiresAt')}>
          {(input) => (
            <input
              {...input}
              type="datetime-local"
              value={expiresAt}
              onInput={({ currentTarget }) => setExpiresAt(currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="primary" disabled={making.isBusy}>
          {expiresAt === '' ? 'Make a key for good' : 'Make a key until then'}
        </button>
      </form>
      <Problem error={making.error ?? error} />
      {value === undefined && error === undefined && <Loading what="keys" rows={3} />}
      {value?.keys.length === 0 && <Empty title="No key">Nobody can call in the tenant's name but you.</Empty>}
      {value !== undefined && value.keys.length > 0 && (
        <DataTable
          caption={`Keys of ${tenant}`}
          rows={value.keys}
          keyOf={({ keyId }) => keyId}
          columns={[
            { title: 'Key', isName: true, cell: ({ keyId }) => <span class="id">{keyId}</span> },
            { title: 'Made', cell: ({ createdAt }) => <Ago at={createdAt} /> },
            {
              title: 'Expires',
              cell: ({ expiresAt: until }) => (until === undefined ? 'never' : <Ago at={until} />),
            },
            {
              title: 'Act',
              kind: 'actions',
              cell: ({ keyId }) => (
                <span class="actions">
                  <button type="button" onClick={() => setAsked({ kind: 'rotate', keyId })}>
                    Rotate<span class="unseen"> {keyId}</span> …
                  </button>
                  <button type="button" class="danger" onClick={() => setAsked({ kind: 'revoke', keyId })}>
                    Revoke<span class="unseen"> {keyId}</span> …
                  </button>
                </span>
              ),
            },
          ]}
        />
      )}
      {asked?.kind === 'revoke' && (
        <ConfirmDialog
          title={`Revoke ${asked.keyId}?`}
          confirm="Revoke"
          act={() => revoke(asked.keyId)}
          onClose={() => setAsked(undefined)}
        >
          It is refused from the next call on. Whoever still uses it needs another one before.
        </ConfirmDialog>
      )}
      {asked?.kind === 'rotate' && (
        <RotateDialog tenant={tenant} keyId={asked.keyId} onMade={show} onClose={() => setAsked(undefined)} />
      )}
    </>
  );
};
