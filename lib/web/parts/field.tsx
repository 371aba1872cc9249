import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { RefusedError } from '../../client/http-client.ts';

interface FieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What the server says of this field. */
  readonly problem?: string | undefined;
  /** Spread on the input: joins it with its label, its hint and its problem. */
  readonly children: (input: FieldInput) => ComponentChildren;
}

export interface FieldInput {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

export const Field = ({ label, hint, problem, children }: FieldProps) => {
  const id = useId();
  const about = [hint !== undefined && `${id}-hint`, problem !== undefined && `${id}-problem`].filter((one) => !!one);
  return (
    <div class="field">
      <label for={id} class="label">
        {label}
      </label>
      {children({
        id,
        'aria-describedby': about.length === 0 ? undefined : about.join(' '),
        'aria-invalid': problem !== undefined,
      })}
      {problem !== undefined && (
        <div id={`${id}-problem`} class="field-problem">
          {problem}
        </div>
      )}
      {hint !== undefined && (
        <div id={`${id}-hint`} class="hint">
          {hint}
        </div>
      )}
    </div>
  );
};

/** What the server has found at a field, by the field's path or one below it. */
export const problemAt = (error: unknown, path: string): string | undefined => {
  if (!(error instanceof RefusedError)) return undefined;
  const found = (error.problem.errors ?? []).filter(
    (one) => one.path === path || one.path.startsWith(`${path}.`) || one.path.startsWith(`${path}[`),
  );
  return found.length === 0 ? undefined : found.map(({ message }) => message).join('; ');
};
