import type { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import { CodeEditor } from '../editor/code-editor.tsx';
import { jsonValue } from '../editor/json.ts';
import { typescript } from '../editor/typescript.ts';
import { showUploadProblems, uploadProblems } from '../editor/upload-problems.ts';
import { Field } from '../parts/field.tsx';
import { Problem } from '../parts/problem.tsx';
import { EXAMPLES } from './examples.ts';
import { readPayload } from './payload.ts';
import { ProblemList } from './problem-list.tsx';
import { RunOptions } from './run-options.tsx';
import type { PlaygroundState } from './state.ts';

interface SourcePaneProps {
  readonly state: PlaygroundState;
  readonly onRun: () => void;
}

/** What is run: the source, its payload, and how the instance is to be called. */
export const SourcePane = ({ state, onRun }: SourcePaneProps) => {
  const view = useRef<EditorView>(undefined);
  const problems = state.problems.value;
  useEffect(() => {
    if (view.current !== undefined) showUploadProblems(view.current, problems);
  }, [problems]);
  const payload = readPayload(state.payload.value);

  const choose = (name: string): void => {
    const example = EXAMPLES.find((one) => one.name === name);
    if (example === undefined) return;
    state.source.value = example.source;
    state.payload.value = example.payload;
    state.problems.value = [];
  };

  return (
    <section class="playground-source" aria-label="Source">
      <div class="playground-head">
        <Field label="Example">
          {(field) => (
            <select
              {...field}
              value={EXAMPLES.find(({ source }) => source === state.source.value)?.name ?? ''}
              onChange={({ currentTarget }) => choose(currentTarget.value)}
            >
              <option value="" disabled>
                your own
              </option>
              {EXAMPLES.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <p class="hint playground-keys">
          <kbd>Ctrl Enter</kbd> runs, <kbd>Esc</kbd> then <kbd>Tab</kbd> leaves the editor.
        </p>
      </div>
      <div class="playground-code">
        <CodeEditor
          label="Source of the workflow"
          text={state.source}
          extensions={() => [typescript(), uploadProblems()]}
          onRun={onRun}
          onView={(made) => {
            view.current = made;
          }}
        />
      </div>
      <ProblemList problems={problems} onSelect={(problem) => view.current && goTo(view.current, problem)} />
      <Problem error={state.error.value} />
      <div class="playground-payload">
        <h2>Payload</h2>
        <CodeEditor label="Payload, as JSON" text={state.payload} extensions={jsonValue} onRun={onRun} />
        {payload.kind === 'invalid' && (
          <p class="field-problem" role="alert">
            The payload is no JSON: {payload.message}
          </p>
        )}
      </div>
      <RunOptions state={state} onRun={onRun} />
    </section>
  );
};

const goTo = (view: EditorView, { line = 1, column = 0 }: { readonly line?: number; readonly column?: number }) => {
  const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(at.from + column, at.to) }, scrollIntoView: true });
  view.focus();
};
