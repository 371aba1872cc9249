import { useState } from 'preact/hooks';
import { useAction } from '../../api/use-action.ts';
import { Field, problemAt } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { currentSession } from '../../session.ts';

const HIDDEN = { type: 'password' } as const;
const SHOWN = { type: 'text' } as const;

interface VariableFormProps {
  readonly tenant: string;
  readonly names: readonly string[];
  readonly onSaved: () => void;
}

/** Sets a variable, or another value of one that there is. */
export const VariableForm = ({ tenant, names, onSaved }: VariableFormProps) => {
  const { client } = currentSession();
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [isSecret, setSecret] = useState(true);
  const { run, isBusy, error } = useAction();

  const submit = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      await client.call('PUT /v1/tenants/{tenant}/env/{NAME}', {
        path: { tenant, NAME: name.trim() },
        body: { value, secret: isSecret },
      });
      setName('');
      setValue('');
      onSaved();
      return `${name.trim()} is set.`;
    });
  };

  return (
    <form onSubmit={submit} class="panel">
      <div class="fields">
        <Field label="Name" problem={problemAt(error, 'NAME')}>
          {(input) => (
            <input
              {...input}
              required
              class="id"
              autocomplete="off"
              list="names-of-variables"
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Value" problem={problemAt(error, 'value')}>
          {(input) => (
            <input
              {...input}
              {...(isSecret ? HIDDEN : SHOWN)}
              autocomplete="off"
              value={value}
              onInput={({ currentTarget }) => setValue(currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <datalist id="names-of-variables">
        {names.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <label class="check">
        <input type="checkbox" checked={isSecret} onChange={({ currentTarget }) => setSecret(currentTarget.checked)} />
        Secret: kept encrypted, and never shown again
      </label>
      <Problem error={error} />
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy}>
          {names.includes(name.trim()) ? 'Replace its value' : 'Set the variable'}
        </button>
      </div>
    </form>
  );
};
