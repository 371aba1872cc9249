import type { SandboxListener, SandboxResults } from '../ports/sandbox.ts';

export interface FinishSandboxParams {
  /** As the service that ran it names it. */
  readonly job: string;
  readonly outcome: 'built' | 'failed';
  /** With `failed`, for the operator. */
  readonly cause?: string;
}

/**
 * The end of a command that another service ran: what it left is taken in, and its step is told. Twice is as once: the job
 * goes after its step was told.
 */
export const finishSandbox = async (
  deps: { readonly results: SandboxResults; readonly tell: SandboxListener },
  { job, outcome, cause }: FinishSandboxParams,
): Promise<void> => {
  const ended = await deps.results.read({ name: job, ...(outcome === 'built' ? {} : { failure: cause ?? '' }) });
  if (ended === undefined) return;
  await deps.tell(ended);
  await deps.results.settle(job);
};
