import type { WorkflowBackoff, WorkflowSleepDuration, WorkflowStepSensitivity } from './step.ts';

interface ShownError {
  readonly name: string;
  readonly message: string;
}

interface ShownConfig {
  readonly retries: {
    readonly limit: number;
    readonly delay: WorkflowSleepDuration | '[dynamic]';
    readonly backoff?: WorkflowBackoff;
  };
  readonly timeout: WorkflowSleepDuration;
  readonly sensitive?: WorkflowStepSensitivity;
}

interface OfInstance {
  readonly instanceId: string;
  /** Rises with every event of the instance; the cursor to go on from. */
  readonly eventId: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

type Plain<Type extends string> = { readonly type: Type };
type OfStep<Type extends string, More = unknown> = { readonly type: Type; readonly stepName: string } & More;
type OfAttempt<Type extends string, More = unknown> = OfStep<Type, { readonly attempt: number } & More>;
type AttemptError = { readonly retryDelayMs?: number; readonly error: ShownError };

/** What a subscription tells. `replay_diverged`, `log` and the approvals are additions of Tenon's. */
export type WorkflowInstanceEvent = OfInstance &
  (
    | Plain<'workflow_queued'>
    | (Plain<'workflow_started'> & { readonly params?: unknown })
    | Plain<'workflow_running'>
    | Plain<'workflow_paused'>
    | Plain<'workflow_waiting_for_pause'>
    | Plain<'workflow_waiting'>
    | (Plain<'workflow_completed'> & { readonly output?: unknown })
    | (Plain<'workflow_errored'> & { readonly error: ShownError })
    | Plain<'workflow_terminated'>
    | OfStep<'step_started', { readonly config?: ShownConfig }>
    | OfStep<'step_completed', { readonly output?: unknown }>
    | OfStep<'step_errored'>
    | OfAttempt<'attempt_started'>
    | OfAttempt<'attempt_completed'>
    | OfAttempt<'attempt_errored', AttemptError>
    | OfStep<'sleep_started', { readonly durationMs: number }>
    | OfStep<'sleep_completed'>
    | OfStep<'wait_started', { readonly eventType: string }>
    | OfStep<'wait_completed'>
    | OfStep<'wait_timed_out'>
    | OfStep<'approval_requested', { readonly approval: string; readonly policy: string; readonly call?: string }>
    | OfStep<
        'approval_received',
        { readonly approval: string; readonly approved: boolean; readonly reason?: string; readonly by?: string }
      >
    | Plain<'rollback_started'>
    | OfStep<'rollback_step_started', { readonly config?: ShownConfig }>
    | OfStep<'rollback_step_completed'>
    | OfStep<'rollback_step_errored', { readonly error: ShownError }>
    | OfAttempt<'rollback_attempt_started'>
    | OfAttempt<'rollback_attempt_completed'>
    | OfAttempt<'rollback_attempt_errored', AttemptError>
    | Plain<'rollback_completed'>
    | Plain<'rollback_errored'>
    | (Plain<'replay_diverged'> & { readonly expected: string; readonly got: string })
    | (Plain<'log'> & { readonly level: string; readonly message: string })
  );

/** The kinds of events, to filter by. */
export type WorkflowInstanceEventType = WorkflowInstanceEvent['type'];

/** Which events a subscription tells. */
export interface WorkflowInstanceSubscribeOptions {
  /** Only events after this `eventId`. */
  cursor?: number;
  /** Only events of these types. */
  filter?: WorkflowInstanceEventType[];
}

/** The events of one instance, one by one; `using` ends it. */
export interface WorkflowInstanceSubscription extends Disposable {
  /** The next event, as soon as there is one; `done` after the instance's last. */
  next(): Promise<IteratorResult<WorkflowInstanceEvent, undefined>>;
}
