import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.self], color: 'light-dark(#8a1f7a, #e59bd8)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'light-dark(#146c3a, #8fdcae)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'light-dark(#8a4b00, #f3c06b)' },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'light-dark(#0b5f7a, #83d0ea)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'light-dark(#2452c4, #9db9ff)' },
  { tag: tags.propertyName, color: 'light-dark(#34406b, #c3cdf0)' },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

const frame = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--paper)', color: 'var(--ink)', fontSize: '13.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--code)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--quiet)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'light-dark(#2452c40d, #8fb0ff12)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#cfdcf9, #2b3b63)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'light-dark(#d7e3d9, #2f4a3a)' },
  '.cm-tooltip, .cm-panels': {
    backgroundColor: 'var(--raised)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
  },
  '.cm-tooltip': { maxWidth: 'min(36rem, 90vw)', boxShadow: '0 4px 16px light-dark(#1b213026, #00000080)' },
  '.cm-tooltip-hover': { padding: '0', fontSize: '12.5px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--code)', maxHeight: '14em' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeftWidth: '3px', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnosticSource': { color: 'var(--quiet)', opacity: '1', fontSize: 'inherit' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy light-dark(#b3261e, #ff9c94)',
    textUnderlineOffset: '3px',
  },
  '.cm-panels input, .cm-panels button': {
    color: 'var(--ink)',
    backgroundColor: 'var(--paper)',
    backgroundImage: 'none',
  },
});

/** The page's own colours, in both schemes. */
export const look: Extension = [frame, syntaxHighlighting(colours)];
