import { useState } from 'preact/hooks';
import { useAction } from '../../api/use-action.ts';
import { Field, problemAt } from '../../parts/field.tsx';
import { KeyOnce } from '../../parts/key-once.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Problem } from '../../parts/problem.tsx';
import { goTo, linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';
import { type EgressDraft, egressOf } from './egress.ts';
import { EgressField } from './egress-field.tsx';

export const NewTenant = () => {
  const { client } = currentSession();
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [egress, setEgress] = useState<EgressDraft>({ kind: 'none', text: '' });
  const [made, setMade] = useState<{ readonly id: string; readonly apiKey: string } | undefined>(undefined);
  const { run, isBusy, error } = useAction();

  const submit = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      const { tenant, apiKey } = await client.call('POST /v1/tenants', {
        body: { id, egress: egressOf(egress), ...(name.trim() !== '' && { name: name.trim() }) },
      });
      setMade({ id: tenant.id, apiKey });
      return `Tenant ${tenant.id} is made.`;
    });
  };

  if (made !== undefined) {
    return (
      <>
        <PageHead title={`Tenant ${made.id}`} />
        <KeyOnce
          apiKey={made.apiKey}
          about={`This is the first key of ${made.id}.`}
          onDone={() => goTo(['t', made.id])}
        />
      </>
    );
  }
  return (
    <>
      <PageHead title="New tenant" about="Limits, isolation and more are in its settings afterwards." />
      <form class="form" onSubmit={submit}>
        <Problem error={error} />
        <Field
          label="Id"
          hint="Small letters, digits and -; it stands in addresses and stays"
          problem={problemAt(error, 'id')}
        >
          {(input) => (
            <input
              {...input}
              required
              autocomplete="off"
              value={id}
              onInput={({ currentTarget }) => setId(currentTarget.value.trim())}
            />
          )}
        </Field>
        <Field label="Name" hint="For people; may be left out" problem={problemAt(error, 'name')}>
          {(input) => (
            <input
              {...input}
              autocomplete="off"
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          )}
        </Field>
        <EgressField draft={egress} onChange={setEgress} problem={problemAt(error, 'egress')} />
        <div class="actions">
          <button type="submit" class="primary" disabled={isBusy}>
            Make the tenant
          </button>
          <a class="button" href={linkTo(['tenants'])}>
            Cancel
          </a>
        </div>
      </form>
    </>
  );
};
