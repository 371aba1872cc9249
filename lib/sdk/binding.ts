/** The types of `env.WORKFLOWS`: how a tenant's code starts and steers instances of its own workflows. */

import type { WorkflowInstanceSubscribeOptions, WorkflowInstanceSubscription } from './instance-events.ts';
import type { WorkflowRetentionDuration } from './step.ts';

/** How long an instance is kept once it has ended; then it is removed with all that is stored of it. */
export interface WorkflowInstanceRetention {
  /** How long an instance is kept after it has completed. @default '30 days' */
  successRetention?: WorkflowRetentionDuration;
  /** How long it is kept after it has failed or was terminated. @default '30 days' */
  errorRetention?: WorkflowRetentionDuration;
}

/** What a new instance is made of. */
export interface WorkflowInstanceCreateOptions<Params = unknown> {
  /** Unique within the workflow, `^[a-zA-Z0-9_][a-zA-Z0-9-_]*$`, at most 100 characters. Made where it is absent. */
  id?: string;
  /** Becomes `event.payload`; at most 1 MiB as JSON text. Absent: `{}`. */
  params?: Params;
  retention?: WorkflowInstanceRetention;
}

/** Many instances in one call: so many alike, or a list. */
export type WorkflowBatchCreateOptions<Params = unknown> =
  | {
      /** Creates so many alike, with ids that are made; at most 100. */
      count: number;
      params?: Params;
      retention?: WorkflowInstanceRetention;
      instances?: never;
    }
  | {
      /** At most 100. */
      instances: WorkflowInstanceCreateOptions<Params>[];
      count?: never;
      params?: never;
      retention?: never;
    };

/** What became of a batch; those that failed keep none of the others back. */
export interface WorkflowBatchCreateResult {
  created: WorkflowInstance[];
  /** One for each that could not be created; `index` is its place in the list. */
  errors: { index: number; id?: string; code: string | number; message: string }[];
}

/** What became of each id. */
export interface WorkflowBatchDeleteResult {
  deleted: { id: string }[];
  errors: { id: string; code: string | number; message: string }[];
}

/** Where an instance stands. `errored`, `terminated` and `complete` are final. */
export type WorkflowInstanceStatus =
  /** Has not started yet. */
  | 'queued'
  | 'running'
  /** Rests until a sleep or a retry delay is over or an event comes. */
  | 'waiting'
  | 'paused'
  /** Running callbacks finish, then it is paused. */
  | 'waitingForPause'
  | 'rollingBack'
  | 'errored'
  | 'terminated'
  | 'complete'
  | 'unknown';

/** What `status()` of a handle gives. */
export interface InstanceStatus {
  status: WorkflowInstanceStatus;
  /** With `errored`. */
  error?: { name: string; message: string };
  /** What `run` returned, with `complete`. */
  output?: unknown;
  /** Once it has rolled back; `error`: of the handler that failed, or why none could be run. */
  rollback?: { outcome: 'complete' | 'failed'; error?: { name: string; message: string } };
}

/** What `terminate` takes. */
export interface WorkflowInstanceTerminateOptions {
  /** Runs the rollback handlers first. @default false */
  rollback?: boolean;
}

/** What `restart` takes. */
export interface WorkflowInstanceRestartOptions {
  /** Keeps what was recorded before this step. Absent: from the beginning. */
  from?: {
    name: string;
    /** Which of the steps of that name, from 1. @default 1 */
    count?: number;
    /** @default 'do' */
    type?: 'do' | 'sleep' | 'waitForEvent';
  };
}

/** A handle; making one costs nothing and each call asks anew. */
export interface WorkflowInstance {
  id: string;
  /** Running callbacks finish and nothing new starts. Does nothing to a finished instance. */
  pause(): Promise<void>;
  /** Timers move by the time spent paused. Does nothing to a finished instance. */
  resume(): Promise<void>;
  /** @throws Error `(instance.cannot_terminate) ...` for a finished instance */
  terminate(options?: WorkflowInstanceTerminateOptions): Promise<void>;
  /** At any status. @throws Error `(instance.cannot_restart) ...` for a step that was never reached */
  restart(options?: WorkflowInstanceRestartOptions): Promise<void>;
  /** With all that is stored of it, without rollback. */
  delete(): Promise<void>;
  /** Asked anew at each call. @throws Error `(instance.not_found) ...` once it is deleted */
  status(): Promise<InstanceStatus>;
  /** @throws Error `(instance.finished) ...` for a finished instance */
  sendEvent(event: { type: string; payload?: unknown }): Promise<void>;
  /** Tells the instance's events from its beginning, or from a cursor on. */
  subscribe(options?: WorkflowInstanceSubscribeOptions): Promise<WorkflowInstanceSubscription>;
}

/** A workflow of the tenant's active version. */
export interface Workflow<Params = unknown> {
  /** @throws Error `(instance.not_found) ...` */
  get(id: string): Promise<WorkflowInstance>;
  /** @throws Error `(instance.already_exists) ...`, or for an id or params that are not allowed */
  create(options?: WorkflowInstanceCreateOptions<Params>): Promise<WorkflowInstance>;
  /** Reports each that failed. */
  createBatch(options: WorkflowBatchCreateOptions<Params>): Promise<WorkflowBatchCreateResult>;
  /** Skips ids that are taken without a word. @throws Error for an empty list or one above 100 */
  createBatch(batch: WorkflowInstanceCreateOptions<Params>[]): Promise<WorkflowInstance[]>;
  /** At most 100. */
  deleteBatch(instanceIds: string[]): Promise<WorkflowBatchDeleteResult>;
}

/** How a deferred result ends: with the step's result, or with an error that its attempt fails with. */
export type DeferredOutcome =
  | { result: unknown; error?: never }
  | { error: { name?: string; message: string }; result?: never };

/** `env.WORKFLOWS`: stands for the bundle's workflow, and leads to its others. */
export interface TenantWorkflows<Params = unknown> extends Workflow<Params> {
  /** Another workflow of the same bundle, by the name of its class. An addition of Tenon's. */
  for<Other = unknown>(workflow: string): Workflow<Other>;
  /**
   * Gives a deferred result of the same tenant its outcome; the first one counts, and the same one again changes nothing. An
   * addition of Tenon's.
   * @throws Error `(deferred.not_found) ...`, `(deferred.settled) ...` or `(instance.finished) ...`
   */
  complete(token: string, outcome: DeferredOutcome): Promise<void>;
}
