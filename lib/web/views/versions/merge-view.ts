import { javascript } from '@codemirror/lang-javascript';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Lines around a change that stay in sight. */
const MARGIN = 4;

interface Difference {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Shows it below `place`; gives what takes it away again. In a shadow tree: there the editor's styles are objects, where in
 * a document they would be an element, which the page's policy refuses.
 */
export const showDifference = (place: HTMLElement, { path, before, after }: Difference): (() => void) => {
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: after,
      extensions: [
        lineNumbers(),
        javascript({ typescript: true }),
        syntaxHighlighting(COLOURS),
        EditorState.readOnly.of(true),
        EditorView.contentAttributes.of({ 'aria-label': `Changes of ${path}` }),
        EditorView.lineWrapping,
        unifiedMergeView({
          original: before,
          mergeControls: false,
          collapseUnchanged: { margin: MARGIN, minSize: 2 * MARGIN },
        }),
        LOOK,
      ],
    }),
  });
  return () => view.destroy();
};

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier], color: 'var(--accent)' },
  { tag: [tags.string, tags.regexp], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--held)' },
  { tag: tags.comment, color: 'var(--quiet)', fontStyle: 'italic' },
]);

const LOOK = EditorView.theme({
  '&': { backgroundColor: 'var(--paper)', color: 'var(--ink)', fontSize: '0.9rem' },
  '.cm-content': { fontFamily: 'var(--code)' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--quiet)', borderColor: 'var(--line)' },
  '.cm-changedLine': { backgroundColor: 'light-dark(#e7f6ec, #15301f) !important' },
  '.cm-changedText': { background: 'light-dark(#c3ebd0, #16402a) !important' },
  '.cm-deletedChunk': { backgroundColor: 'light-dark(#fdecea, #3a1a1a)' },
  '.cm-deletedChunk .cm-deletedText': { background: 'light-dark(#f8cfca, #5c2020)' },
  '.cm-collapsedLines::before, .cm-collapsedLines::after': { content: '"⋯"' },
  '.cm-collapsedLines': {
    background: 'var(--raised)',
    color: 'var(--quiet)',
    padding: '0.2rem 0.75rem',
  },
});
