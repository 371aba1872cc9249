import { useState } from 'preact/hooks';
import type { Workflow } from '../../../client/operations.ts';
import { useAction } from '../../api/use-action.ts';
import { Field, problemAt } from '../../parts/field.tsx';
import { Problem } from '../../parts/problem.tsx';
import { currentSession } from '../../session.ts';
import { type WorkflowDraft, workflowChanges, workflowDraftOf } from './draft.ts';

interface WorkflowFormProps {
  readonly tenant: string;
  readonly workflow: Workflow;
  readonly onSaved: () => void;
}

const TEXTS = [
  {
    name: 'concurrency',
    path: 'concurrency',
    label: 'Instances at the same time',
    hint: 'Others wait in line. Empty: any number',
  },
  { name: 'steps', path: 'limits.steps', label: 'Steps of an instance', hint: 'Empty: as many as the tenant may' },
  {
    name: 'success',
    path: 'retention.success',
    label: 'Keep what has completed for',
    hint: 'Such as "30 days", which holds where nothing is set',
  },
  { name: 'error', path: 'retention.error', label: 'Keep what has failed for', hint: 'Such as "90 days"' },
] as const;

export const WorkflowForm = ({ tenant, workflow, onSaved }: WorkflowFormProps) => {
  const { client } = currentSession();
  const [draft, setDraft] = useState(workflowDraftOf(workflow));
  const { run, isBusy, error } = useAction();
  const change = (changed: Partial<WorkflowDraft>): void => setDraft({ ...draft, ...changed });

  const submit = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      await client.call('PATCH /v1/tenants/{tenant}/workflows/{workflow}', {
        path: { tenant, workflow: workflow.name },
        body: workflowChanges(workflow, draft),
      });
      onSaved();
      return 'Saved.';
    });
  };

  return (
    <form class="form" onSubmit={submit}>
      <Problem error={error} />
      <Field
        label="Schedules"
        hint="A cron of five fields a line, in UTC: 0 9 * * MON-FRI"
        problem={problemAt(error, 'schedules')}
      >
        {(input) => (
          <textarea
            {...input}
            class="id"
            rows={3}
            value={draft.schedules}
            onInput={({ currentTarget }) => change({ schedules: currentTarget.value })}
          />
        )}
      </Field>
      <div class="fields">
        {TEXTS.map(({ name, path, label, hint }) => (
          <Field key={name} label={label} hint={hint} problem={problemAt(error, path)}>
            {(input) => (
              <input
                {...input}
                autocomplete="off"
                value={draft[name]}
                onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
              />
            )}
          </Field>
        ))}
      </div>
      <Field
        label="When a replay diverges"
        hint="Code that goes another way than the journal says"
        problem={problemAt(error, 'determinism')}
      >
        {(input) => (
          <select
            {...input}
            value={draft.determinism}
            onChange={({ currentTarget }) =>
              change({ determinism: currentTarget.value === 'strict' ? 'strict' : 'lenient' })
            }
          >
            <option value="lenient">lenient: it is reported, and the instance goes on</option>
            <option value="strict">strict: the instance fails</option>
          </select>
        )}
      </Field>
      <div class="actions">
        <button type="submit" class="primary" disabled={isBusy}>
          Save
        </button>
      </div>
    </form>
  );
};
