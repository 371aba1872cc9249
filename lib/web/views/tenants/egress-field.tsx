import { Field } from '../../parts/field.tsx';
import { EGRESS_KINDS, EGRESS_TITLES, type EgressDraft } from './egress.ts';

interface EgressFieldProps {
  readonly draft: EgressDraft;
  readonly onChange: (draft: EgressDraft) => void;
  readonly problem: string | undefined;
}

/** What the tenant's code may reach by `fetch`. */
export const EgressField = ({ draft, onChange, problem }: EgressFieldProps) => (
  <>
    <Field
      label="What its code may reach"
      problem={draft.kind === 'allow' || draft.kind === 'gateway' ? undefined : problem}
    >
      {(input) => (
        <select
          {...input}
          value={draft.kind}
          onChange={({ currentTarget }) => {
            const kind = EGRESS_KINDS.find((one) => one === currentTarget.value) ?? 'none';
            onChange({ ...draft, kind });
          }}
        >
          {EGRESS_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {EGRESS_TITLES[kind]}
            </option>
          ))}
        </select>
      )}
    </Field>
    {draft.kind === 'allow' && (
      <Field label="Hosts" hint="One a line: api.example.com, *.example.org, 127.0.0.1:9000" problem={problem}>
        {(input) => (
          <textarea
            {...input}
            rows={4}
            value={draft.text}
            onInput={({ currentTarget }) => onChange({ ...draft, text: currentTarget.value })}
          />
        )}
      </Field>
    )}
    {draft.kind === 'gateway' && (
      <Field label="Gateway" hint="An http or https URL" problem={problem}>
        {(input) => (
          <input
            {...input}
            type="url"
            value={draft.text}
            onInput={({ currentTarget }) => onChange({ ...draft, text: currentTarget.value })}
          />
        )}
      </Field>
    )}
  </>
);
