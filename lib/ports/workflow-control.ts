import type { InstanceEvent, InstanceEventType } from '../core/instance-events.ts';
import type { RollbackOutcome, StepKind, StoredValue } from '../core/records.ts';
import type { InstanceKey, Summary } from './instance-store.ts';

export interface NewInstanceRequest {
  readonly id?: string;
  /** Encoded; absent: none. */
  readonly params?: string;
  readonly retentionMs?: number;
}

export interface WorkflowBatchError {
  readonly index: number;
  readonly id?: string;
  readonly code: string;
  readonly message: string;
}

export type WorkflowControlAction =
  | { readonly kind: 'pause' | 'resume' }
  | { readonly kind: 'terminate'; readonly rollback: boolean }
  | {
      readonly kind: 'restart';
      readonly from?: { readonly name: string; readonly count: number; readonly type: StepKind };
    };

/** What a deferred attempt is completed with. `value`: encoded. */
export type DeferredOutcome =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly error: { readonly name: string; readonly message: string } };

/**
 * The use cases that `env.WORKFLOWS` leads to; a composition root fills them in with those of the services, whose shapes
 * they have. All refuse with `TenonError`. The tenant is always the caller's own (E8).
 */
export interface WorkflowControl {
  /** Names of the workflows that a version exports; none where there is no such version. */
  listWorkflows(params: { readonly tenant: string; readonly version: string }): Promise<readonly string[]>;
  hasInstance(params: { readonly key: InstanceKey }): Promise<boolean>;
  createInstance(
    params: NewInstanceRequest & {
      readonly tenant: string;
      readonly workflow: string;
      /** @default the active one */
      readonly version?: string;
      readonly source: 'binding';
      readonly traceId?: string;
    },
  ): Promise<{ readonly summary: { readonly id: string } }>;
  createBatch(params: {
    readonly tenant: string;
    readonly workflow: string;
    readonly instances: readonly NewInstanceRequest[];
    /** `false`: an id that is taken is skipped without a word. */
    readonly reportsDuplicates: boolean;
    readonly source: 'binding';
    readonly traceId?: string;
  }): Promise<{
    readonly created: readonly { readonly id: string }[];
    readonly errors: readonly WorkflowBatchError[];
  }>;
  readInstance(params: {
    readonly key: InstanceKey;
  }): Promise<{ readonly summary: Summary; readonly rollback?: RollbackOutcome }>;
  /**
   * The next events after a cursor, waited for as long as `waitMs`.
   * @throws TenonError `instance.not_found`, `request.invalid` (cursor)
   */
  readEvents(params: {
    readonly key: InstanceKey;
    readonly cursor?: string;
    readonly types?: readonly InstanceEventType[];
    readonly waitMs: number;
    readonly signal: AbortSignal;
  }): Promise<{ readonly events: readonly InstanceEvent[]; readonly cursor: string; readonly isOver: boolean }>;
  /** The encoded text of a stored value. */
  loadValue(value: StoredValue): Promise<string>;
  sendEvent(params: {
    readonly key: InstanceKey;
    readonly eventType: string;
    readonly payload?: string;
  }): Promise<unknown>;
  /**
   * Tokens of another tenant are not found.
   * @throws TenonError `deferred.not_found`, `deferred.settled`, `instance.finished`
   */
  completeDeferred(params: {
    readonly token: string;
    readonly tenant: string;
    readonly outcome: DeferredOutcome;
  }): Promise<void>;
  controlInstance(params: { readonly key: InstanceKey; readonly action: WorkflowControlAction }): Promise<unknown>;
  deleteInstance(params: { readonly key: InstanceKey }): Promise<void>;
  deleteBatch(params: {
    readonly tenant: string;
    readonly workflow: string;
    readonly ids: readonly string[];
  }): Promise<{ readonly deleted: readonly string[]; readonly errors: readonly WorkflowBatchError[] }>;
}
