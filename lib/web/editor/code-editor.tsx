import { indentWithTab } from '@codemirror/commands';
import { EditorState, type Extension, Prec } from '@codemirror/state';
import { EditorView, keymap, tooltips } from '@codemirror/view';
import { effect, type Signal } from '@preact/signals';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'preact/hooks';
import { look } from './look.ts';

export interface CodeEditorProps {
  /** What it is for, for those who do not see it. */
  readonly label: string;
  /** What is typed goes there at once; what is put there by others takes the text's place. */
  readonly text: Signal<string>;
  /** Called once: the language. */
  readonly extensions: () => Extension;
  /** Ctrl-Enter, Cmd-Enter. */
  readonly onRun?: () => void;
  readonly onView?: (view: EditorView | undefined) => void;
}

/** Tab belongs to the text until then. */
const HOW_TO_LEAVE = 'Escape, then Tab, leaves the editor.';

/**
 * CodeMirror, in a shadow root: there its rules are constructed style sheets, where in the document they would be `<style>`
 * elements, which the page's policy refuses.
 */
export const CodeEditor = (props: CodeEditorProps) => {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    if (host.current === null) return;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    const { label, text, extensions, onView } = latest.current;
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text.value,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => run(latest.current) }])),
          basicSetup,
          keymap.of([indentWithTab]),
          tooltips({ position: 'fixed' }),
          look,
          extensions(),
          EditorView.contentAttributes.of({ 'aria-label': label, 'aria-description': HOW_TO_LEAVE, tabindex: '0' }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) text.value = state.doc.toString();
          }),
        ],
      }),
    });
    onView?.(made);
    const stop = effect(() => {
      const { length } = made.state.doc;
      if (text.value !== made.state.doc.toString())
        made.dispatch({ changes: { from: 0, to: length, insert: text.value } });
    });
    return () => {
      stop();
      onView?.(undefined);
      made.destroy();
    };
  }, []);

  return <div class="code-editor" ref={host} />;
};

const run = ({ onRun }: CodeEditorProps): boolean => {
  onRun?.();
  return onRun !== undefined;
};
