import { json, jsonParseLinter } from '@codemirror/lang-json';
import { linter } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';

const parse = jsonParseLinter();

/** What is no JSON is underlined; nothing at all may stand there too. */
export const jsonValue = (): Extension => [
  json(),
  linter((view) => (view.state.doc.toString().trim() === '' ? [] : parse(view)), { delay: 100 }),
];
