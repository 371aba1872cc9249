import { fromLocalInput, toLocalInput } from '../text/local-input.ts';

interface SpanInputsProps {
  /** ISO 8601. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** What lies in between, such as `Created from`. */
  readonly label: string;
  readonly onChange: (changed: { readonly from?: string | undefined; readonly to?: string | undefined }) => void;
}

/** From when, to when. */
export const SpanInputs = ({ from, to, label, onChange }: SpanInputsProps) => (
  <>
    <label>
      <span class="label">{label}</span>
      <input
        type="datetime-local"
        value={toLocalInput(from)}
        onChange={({ currentTarget }) => onChange({ from: fromLocalInput(currentTarget.value) })}
      />
    </label>
    <label>
      <span class="label">to</span>
      <input
        type="datetime-local"
        value={toLocalInput(to)}
        onChange={({ currentTarget }) => onChange({ to: fromLocalInput(currentTarget.value) })}
      />
    </label>
  </>
);
