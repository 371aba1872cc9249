/** Thrown into `run()` where a wait or an attempt took too long; catchable. */
export class WorkflowTimeoutError extends Error {
  override name = 'WorkflowTimeoutError';
}

/** A mistake in how the workflow API is called: never retried. */
export class WorkflowFatalError extends Error {
  override name = 'WorkflowFatalError';
}

/** The code and the journal of an instance differ where `determinism: 'strict'` forbids it. */
export class NonDeterminismError extends Error {
  override name = 'NonDeterminismError';
}

export const timeoutError = (ms: number): WorkflowTimeoutError =>
  new WorkflowTimeoutError(`Execution timed out after ${ms}ms`);
