import type { InvocationResult } from '../contract.ts';
import type { Outcome } from './environment.ts';
import type { FunctionError } from './runtime-messages.ts';

/** Bytes of an event or a result of a synchronous invocation. */
export const MAX_SYNC_BYTES = 6 * 1_024 * 1_024;
export const MAX_ASYNC_BYTES = 1_024 * 1_024;
/** Lambda gives a result a little more room than an event. */
const MAX_RESULT_BYTES = MAX_SYNC_BYTES + 100;

/** What whoever invoked is told. */
export const resultOf = (
  outcome: Outcome,
  { requestId, limitMs }: { readonly requestId: string; readonly limitMs: number },
): InvocationResult => {
  switch (outcome.kind) {
    case 'answered':
      return Buffer.byteLength(outcome.result) > MAX_RESULT_BYTES
        ? failure({
            errorType: 'Function.ResponseSizeTooLarge',
            errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESULT_BYTES} bytes).`,
          })
        : { payload: JSON.parse(outcome.result) };
    case 'failed':
      return failure(outcome.error);
    case 'died':
      return failure(
        outcome.error ?? {
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${outcome.how}`,
        },
      );
    case 'timed_out':
      return failure({
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(limitMs / 1_000).toFixed(2)} seconds`,
      });
    case 'ready':
      throw new Error('an environment that has just started has no result');
  }
};

const failure = (error: FunctionError): InvocationResult => ({ payload: error, functionError: 'Unhandled' });
