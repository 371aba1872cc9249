import { useState } from 'preact/hooks';
import type { Policy } from '../../../client/operations.ts';
import { useAction } from '../../api/use-action.ts';
import { Field, problemAt } from '../../parts/field.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Problem } from '../../parts/problem.tsx';
import { goTo, linkTo } from '../../router.ts';
import { currentSession } from '../../session.ts';
import { type PolicyDraft, policyBodyOf, policyDraftOf } from './draft.ts';

type TextName = 'name' | 'step' | 'binding' | 'method' | 'reason' | 'timeout' | 'tenants' | 'workflows';

/** Sets a policy, in place of what had its name. */
export const PolicyForm = ({ policy }: { readonly policy: Policy | undefined }) => {
  const { client } = currentSession();
  const [draft, setDraft] = useState(policyDraftOf(policy));
  const { run, isBusy, error } = useAction();
  const change = (changed: Partial<PolicyDraft>): void => setDraft({ ...draft, ...changed });

  const submit = (event: Event): void => {
    event.preventDefault();
    const name = draft.name.trim();
    const set = async () => {
      await client.call('PUT /v1/policies/{name}', { path: { name }, body: policyBodyOf(draft) });
      return `${name} holds for each turn that begins from now on.`;
    };
    void run(set).then((isDone) => isDone && goTo(['policies']));
  };
  const text = (name: TextName, label: string, hint?: string, path: string = name, isRequired = false) => (
    <Field label={label} hint={hint} problem={problemAt(error, path)}>
      {(input) => (
        <input
          {...input}
          autocomplete="off"
          required={isRequired}
          value={draft[name]}
          onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
        />
      )}
    </Field>
  );

  return (
    <>
      <PageHead title={policy === undefined ? 'New policy' : policy.name} about="Tenants' code does not know of it." />
      <form class="form" onSubmit={submit}>
        <Problem error={error} />
        {policy === undefined && text('name', 'Name', 'Small letters, digits and -', 'name', true)}
        <Field label="Before">
          {(input) => (
            <select
              {...input}
              value={draft.kind}
              onChange={({ currentTarget }) => change({ kind: currentTarget.value === 'step' ? 'step' : 'binding' })}
            >
              <option value="step">a step</option>
              <option value="binding">a call of a binding</option>
            </select>
          )}
        </Field>
        {draft.kind === 'step' ? (
          text('step', 'Step', 'Its name; * stands for any characters', 'before', true)
        ) : (
          <div class="fields">
            {text('binding', 'Binding', 'As it is named in env', 'before', true)}
            {text('method', 'Method', 'Empty: any')}
          </div>
        )}
        <Field label="What happens" problem={problemAt(error, 'action')}>
          {(input) => (
            <select
              {...input}
              value={draft.action}
              onChange={({ currentTarget }) =>
                change({ action: currentTarget.value === 'refuse' ? 'refuse' : 'approve' })
              }
            >
              <option value="approve">It waits until somebody approves</option>
              <option value="refuse">It is refused</option>
            </select>
          )}
        </Field>
        {draft.action === 'refuse'
          ? text('reason', 'Reason', 'What the tenant is told', 'reason', true)
          : text('timeout', 'Refused without an answer after', 'Such as "2 days"; empty: 366 days')}
        <div class="fields">
          {text('tenants', 'Only for tenants', 'By commas; empty: all')}
          {text('workflows', 'Only for workflows', 'By commas; empty: all')}
        </div>
        <div class="actions">
          <button type="submit" class="primary" disabled={isBusy}>
            Set the policy
          </button>
          <a class="button" href={linkTo(['policies'])}>
            Cancel
          </a>
        </div>
      </form>
    </>
  );
};
