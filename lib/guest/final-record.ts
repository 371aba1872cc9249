import type { JournalRecord } from '../core/records.ts';
import { MAX_VALUE_BYTES } from '../core/replay/budget.ts';
import { encodeBounded, TooLargeError } from './bounded-value.ts';
import { errorDataOf } from './error-data.ts';
import { text } from './values.ts';

/** How `run()` ended. */
export type RunOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/** The last record of a journal. A value that cannot be stored is a failure, too. */
export const finalRecord = (outcome: RunOutcome, at: number, mapStack: (stack: string) => string): JournalRecord => {
  if (!outcome.ok) return { kind: 'errored', at, error: errorDataOf(outcome.error, mapStack) };
  try {
    return { kind: 'completed', at, output: encodeBounded(outcome.value, MAX_VALUE_BYTES) };
  } catch (error) {
    const why =
      error instanceof TooLargeError
        ? 'output is too large. Maximum allowed size is 1MiB.'
        : text(() => (error as Error).message, 'it cannot be encoded');
    const message = `run() returned a value that cannot be stored: ${why}`;
    return { kind: 'errored', at, error: { name: 'WorkflowFatalError', message } };
  }
};
