import { dispatchWorkflow, type LoadRunner, type RunnerEvent } from './dispatch-workflow.ts';

/** A workflow class of the dispatcher's own: made anew for each turn. */
export type DynamicWorkflowEntrypoint<Step, Env, Context> = new (
  ctx: Context,
  env: Env,
) => { readonly ctx: Context; readonly env: Env; run(event: RunnerEvent, step: Step): Promise<unknown> };

/**
 * The class that an engine runs for every tenant's instances: takes the envelope off and hands over to the runner that
 * `loadRunner` gives for its metadata. It may be extended: `ctx` and `env` stand on `this`, as in Workers.
 */
export const createDynamicWorkflowEntrypoint = <Step = unknown, Env = unknown, Context = unknown>(
  loadRunner: LoadRunner<Step, Env, Context>,
): DynamicWorkflowEntrypoint<Step, Env, Context> =>
  class DynamicWorkflow {
    readonly ctx: Context;
    readonly env: Env;

    constructor(ctx: Context, env: Env) {
      this.ctx = ctx;
      this.env = env;
    }

    run(event: RunnerEvent, step: Step): Promise<unknown> {
      return dispatchWorkflow({ env: this.env, ctx: this.ctx }, event, step, loadRunner);
    }
  };
