import { useState } from 'preact/hooks';
import type { Tenant } from '../../../client/operations.ts';
import { useAction } from '../../api/use-action.ts';
import { Field, problemAt } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { currentSession } from '../../session.ts';
import { draftOf, egressOf } from '../tenants/egress.ts';
import { EgressField } from '../tenants/egress-field.tsx';
import { LIMITS, limitChanges, limitDraftOf } from './limits.ts';

interface TenantFormProps {
  readonly tenant: Tenant;
  readonly onSaved: () => void;
}

export const TenantForm = ({ tenant, onSaved }: TenantFormProps) => {
  const { client } = currentSession();
  const [name, setName] = useState(tenant.name ?? '');
  const [isolation, setIsolation] = useState(tenant.isolation);
  const [egress, setEgress] = useState(draftOf(tenant.egress));
  const [limits, setLimits] = useState(limitDraftOf(tenant.limits));
  const { run, isBusy, error } = useAction();

  const submit = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      const saved = await client.call('PATCH /v1/tenants/{tenant}', {
        path: { tenant: tenant.id },
        body: {
          isolation,
          egress: egressOf(egress),
          limits: limitChanges(tenant.limits, limits),
          ...(name.trim() !== '' && { name: name.trim() }),
        },
      });
      setLimits(limitDraftOf(saved.limits));
      onSaved();
      return 'Saved.';
    });
  };

  return (
    <form class="form" onSubmit={submit} novalidate>
      <Problem error={error} />
      <Field label="Name" problem={problemAt(error, 'name')}>
        {(input) => <input {...input} value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />}
      </Field>
      <Field
        label="Isolation"
        hint="isolate: a V8 isolate beside others of the host. microvm: a virtual machine of its own, where there are such"
        problem={problemAt(error, 'isolation')}
      >
        {(input) => (
          <select
            {...input}
            value={isolation}
            onChange={({ currentTarget }) => setIsolation(currentTarget.value === 'microvm' ? 'microvm' : 'isolate')}
          >
            <option>isolate</option>
            <option>microvm</option>
          </select>
        )}
      </Field>
      <EgressField draft={egress} onChange={setEgress} problem={problemAt(error, 'egress')} />
      <fieldset>
        <legend>Limits</legend>
        <p class="hint">Leave a field empty to take the limit back to its default.</p>
        <div class="fields">
          {LIMITS.map(({ name: limit, label, hint }) => (
            <Field key={limit} label={label} hint={hint} problem={problemAt(error, `limits.${limit}`)}>
              {(input) => (
                <input
                  {...input}
                  type="number"
                  step="1"
                  value={limits[limit]}
                  onInput={({ currentTarget }) => setLimits({ ...limits, [limit]: currentTarget.value })}
                />
              )}
            </Field>
          ))}
        </div>
      </fieldset>
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy}>
          Save
        </button>
      </div>
    </form>
  );
};
