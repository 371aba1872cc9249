import type { BundleProblem } from './api-types.ts';
import type { Paint } from './terminal.ts';
import type { UploadSource } from './upload-source.ts';

/**
 * `file:line:column message`, columns from 1 as editors open them, then the line and a caret under the place.
 */
export const problemText = (problem: BundleProblem, source: UploadSource, paint: Paint): string => {
  const located = source.locate(problem.file ?? undefined);
  const file = located?.path ?? problem.file ?? source.title;
  const { line, column } = problem;
  if (line === undefined || line === null) return `${paint('bold', file)} ${paint('red', problem.message)}`;
  const head = `${paint('bold', `${file}:${line}:${(column ?? 0) + 1}`)} ${paint('red', problem.message)}`;
  const sourceLine = located?.text.split(/\r?\n/)[line - 1];
  if (sourceLine === undefined) return head;
  // Tabs stay tabs under tabs, so that the caret stands where the eye expects it.
  const indent = sourceLine.slice(0, column ?? 0).replace(/[^\t]/g, ' ');
  return `${head}\n  ${sourceLine}\n  ${indent}${paint('yellow', '^')}`;
};
