import { type Diagnostic, linter } from '@codemirror/lint';
import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';

/** As the API tells it: `line` from 1, `column` from 0. */
export interface UploadProblem {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

const put = StateEffect.define<readonly UploadProblem[]>();

/** They belong to the text that was uploaded: the next change of it takes them away. */
const problems = StateField.define<readonly UploadProblem[]>({
  create: () => [],
  update: (value, { docChanged, effects }) =>
    effects.reduce<readonly UploadProblem[]>(
      (last, effect) => (effect.is(put) ? effect.value : last),
      docChanged ? [] : value,
    ),
});

const toDiagnostic = (state: EditorState, { code, message, line = 1, column = 0 }: UploadProblem): Diagnostic => {
  const { from, to } = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  const start = Math.min(from + column, to);
  const end = state.wordAt(start)?.to ?? Math.min(start + 1, to);
  return { from: start, to: end, severity: 'error', source: code, message };
};

export const uploadProblems = (): Extension => [
  problems,
  linter(({ state }) => state.field(problems).map((problem) => toDiagnostic(state, problem)), {
    delay: 0,
    needsRefresh: ({ startState, state }) => startState.field(problems) !== state.field(problems),
  }),
];

export const showUploadProblems = (view: EditorView, found: readonly UploadProblem[]): void =>
  view.dispatch({ effects: put.of(found) });
