/**
 * What `import ... from 'cloudflare:workers'` (and `'tenon:workers'`) gives a tenant. The names and generics are those
 * of `@cloudflare/workers-types`, so that code type-checks with either.
 */

import type { WorkflowStep } from './step.ts';

export type * from './binding.ts';
export type * from './bucket.ts';
export type * from './cache.ts';
export type * from './instance-events.ts';
export type * from './queue.ts';
export type * from './sandbox.ts';
export type * from './step.ts';
export type * from './storage.ts';

/** `this.ctx`: as in Workers. */
export interface ExecutionContext<Props = unknown> {
  /** Keeps a request's work alive after its answer; in a workflow, prefer a step. */
  waitUntil(promise: Promise<unknown>): void;
  /** There for code that calls it: does nothing. */
  passThroughOnException(): void;
  readonly props: Props;
}

/** The tick of a schedule that started an instance. */
export interface WorkflowCronSchedule {
  readonly cron: string;
  /** Epoch milliseconds. */
  readonly scheduledTime: number;
}

/** What an instance was started with; read-only. */
export interface WorkflowEvent<T> {
  /** The params; `{}` where none were given. */
  readonly payload: Readonly<T>;
  /** When the instance was created. */
  readonly timestamp: Date;
  readonly instanceId: string;
  readonly workflowName: string;
  /** Only where a schedule started it. */
  readonly schedule?: WorkflowCronSchedule;
}

/**
 * A workflow: each exported class that extends it is one, named by its export.
 * @typeParam Env what `this.env` holds: variables, secrets and bindings
 * @typeParam T the params
 */
export abstract class WorkflowEntrypoint<Env = unknown, T = unknown> {
  protected ctx: ExecutionContext;
  protected env: Env;

  constructor(ctx: ExecutionContext, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }

  /**
   * Called from the top at each turn; what steps have recorded comes back at once. Its result becomes the instance's
   * output (1 MiB at most), an error thrown out of it makes the instance `errored`.
   */
  abstract run(event: Readonly<WorkflowEvent<T>>, step: WorkflowStep): Promise<unknown>;
}

/** A class with `fetch`, an alternative to a plain `export default { fetch }`. */
export abstract class WorkerEntrypoint<Env = unknown, Props = unknown> {
  protected ctx: ExecutionContext<Props>;
  protected env: Env;

  constructor(ctx: ExecutionContext<Props>, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }

  /** Answers a request to the tenant's front door, as `default.fetch` does. */
  fetch?(request: Request): Response | Promise<Response>;
}

/** Marks a class whose instances may be handed out as capabilities. */
export abstract class RpcTarget {}
