import type { ErrorData, Termination } from '../core/records.ts';
import { decode, encode, fieldsOf, reviveError, text } from './values.ts';

/** Characters of a message or a stack that are kept. */
const MAX_TEXT = 16_384;
const MAX_NAME = 256;

/** What was thrown, as it is recorded. Reading it may run tenant code, which may throw; every field is bounded. */
export const errorDataOf = (thrown: unknown, mapStack: (stack: string) => string): ErrorData => {
  if (!(thrown instanceof Error)) {
    const message = text(
      () => (typeof thrown === 'string' ? thrown : JSON.stringify(thrown)),
      'a value that is no error was thrown',
    );
    return { name: 'Error', message: clip(message, MAX_TEXT) };
  }
  const name = text(() => thrown.name, 'Error');
  const message = text(() => thrown.message, '');
  const stack = text(() => thrown.stack, '');
  const fields = fieldsOf(thrown);
  const encoded = Object.keys(fields).length === 0 ? undefined : encode(fields);
  return {
    name: clip(name, MAX_NAME),
    message: clip(message, MAX_TEXT),
    ...(stack === '' ? {} : { stack: mapStack(clip(stack, MAX_TEXT)) }),
    ...(encoded === undefined || encoded.length > MAX_TEXT ? {} : { encoded }),
  };
};

/** A recorded error as `run()` gets it, live and on replay alike. */
export const reviveRecorded = ({ name, message, stack, encoded }: ErrorData): Error => {
  const fields = typeof encoded === 'string' ? (decode(encoded) as Record<string, unknown>) : undefined;
  return reviveError({ name, message, stack, fields });
};

const LOST: Readonly<Record<Termination, readonly [name: string, why: string]>> = {
  cpu_limit: ['CpuLimitExceededError', 'it used more CPU time than the limit'],
  memory_limit: ['MemoryLimitExceededError', 'it used more memory than the limit'],
  wall_limit: ['WorkflowInternalError', 'it did not answer'],
  executor_lost: ['WorkflowInternalError', 'its executor was lost'],
  protocol_violation: ['WorkflowInternalError', 'it sent what the platform does not accept'],
  bundle_failed: ['WorkflowInternalError', 'its bundle could not be loaded'],
};

/** Why an attempt that was cut off counts as failed. */
export const lostError = (cause: Termination, attempt: number): Error => {
  const [name, why] = LOST[cause];
  return reviveError({ name, message: `Attempt ${attempt} ended since ${why}` });
};

const clip = (value: string, limit: number): string => (value.length > limit ? `${value.slice(0, limit)}…` : value);
