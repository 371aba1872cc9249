import { type Metadata, unwrapParams } from '../core/envelope.ts';
import { MissingDispatcherMetadataError } from './envelope-error.ts';

/** Something with a tenant's `run`: what `loadRunner` gives. */
export interface WorkflowRunner<Step> {
  run(event: RunnerEvent, step: Step): unknown;
}

/** `payload` is the tenant's own, the envelope taken off. */
export interface RunnerEvent {
  readonly payload: unknown;
  readonly timestamp: Date;
  readonly instanceId: string;
  readonly workflowName?: string;
}

/** The operator's extension point: from metadata to the code that this turn runs. Called once a turn. */
export type LoadRunner<Step, Env = unknown, Context = unknown> = (
  context: LoadRunnerContext<Env, Context>,
) => WorkflowRunner<Step> | Promise<WorkflowRunner<Step>>;

export interface LoadRunnerContext<Env, Context> {
  readonly metadata: Metadata;
  readonly env: Env;
  readonly ctx: Context;
}

/**
 * Takes the envelope off, loads the runner that it names and hands over. `step` goes through untouched.
 * @throws MissingDispatcherMetadataError, whatever `loadRunner` throws, whatever the runner throws
 */
export const dispatchWorkflow = async <Step, Env, Context>(
  context: { readonly env: Env; readonly ctx: Context },
  event: RunnerEvent,
  step: Step,
  loadRunner: LoadRunner<Step, Env, Context>,
): Promise<unknown> => {
  const envelope = unwrapParams(event.payload);
  if (!envelope.ok) throw new MissingDispatcherMetadataError();
  const runner = await loadRunner({ metadata: envelope.metadata, env: context.env, ctx: context.ctx });
  return runner.run({ ...event, payload: envelope.params }, step);
};
