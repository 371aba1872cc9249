import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryFolder } from './machine.ts';

/** Two lines of a document, between which stands what a program writes. */
export type Marks = Readonly<{
  /** From the root of the repository. */
  page: string;
  begin: string;
  end: string;
}>;

/** What stands between the marks. Throws where the document has lost them. */
export function markedText(marks: Marks, text = readFileSync(fileOf(marks.page), 'utf8')): string {
  const { from, to } = find(marks, text);
  return text.slice(from + marks.begin.length, to).trim();
}

/** The document with something else between its marks. Throws where it has lost them. */
export function withMarked(marks: Marks, text: string, shown: string): string {
  const { from, to } = find(marks, text);
  return `${text.slice(0, from)}${marks.begin}\n\n${shown}\n\n${text.slice(to)}`;
}

export function rewritePage(page: string, change: (text: string) => string): void {
  writeFileSync(fileOf(page), change(readFileSync(fileOf(page), 'utf8')));
}

function find({ page, begin, end }: Marks, text: string): Readonly<{ from: number; to: number }> {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} needs the lines ${begin} and ${end}`);
  return { from, to };
}

function fileOf(page: string): string {
  return path.join(repositoryFolder, page);
}
