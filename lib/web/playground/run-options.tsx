import { Field } from '../parts/field.tsx';
import { chosenWorkflow } from './run-playground.ts';
import type { PlaygroundState } from './state.ts';
import { workflowNames } from './workflow-names.ts';

/** Submitted by the button that runs, wherever that stands. */
export const OPTIONS_FORM = 'run-options';

interface RunOptionsProps {
  readonly state: PlaygroundState;
  readonly onRun: () => void;
}

/** Which workflow, under which name, and for whom. */
export const RunOptions = ({ state, onRun }: RunOptionsProps) => {
  const names = workflowNames(state.source.value);
  return (
    <form
      id={OPTIONS_FORM}
      class="run-options"
      onSubmit={(event) => {
        event.preventDefault();
        onRun();
      }}
    >
      <Field label="Workflow">
        {(field) => (
          <select
            {...field}
            value={chosenWorkflow(state)}
            disabled={names.length === 0}
            onChange={({ currentTarget }) => {
              state.workflow.value = currentTarget.value;
            }}
          >
            {names.length === 0 && <option>none yet</option>}
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Instance id">
        {(field) => (
          <input
            {...field}
            autocomplete="off"
            placeholder="a new one"
            value={state.id.value}
            onInput={({ currentTarget }) => {
              state.id.value = currentTarget.value;
            }}
          />
        )}
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={state.isToActivate.value}
          onChange={({ currentTarget }) => {
            state.isToActivate.value = currentTarget.checked;
          }}
        />
        Make it the active version
      </label>
    </form>
  );
};
