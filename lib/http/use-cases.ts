import type {
  BindingCall,
  ErrorData,
  RollbackOutcome,
  Status,
  StepConfig,
  StoredValue,
  Verdict,
  WaitingFor,
} from '../core/records.ts';
import type { ReplayReport } from '../ports/replay-report.ts';
import type { DeferredOutcome } from '../ports/workflow-control.ts';

/**
 * The use cases that touch the engine, as the HTTP layer calls them; a composition root fills them in. All of them throw
 * `TenonError`. Times are epoch ms, values are in encoded form.
 */
export interface InstanceUseCases {
  /** @throws `workflow.not_found`, `version.*`, `instance.already_exists`, `rate.limited`, `quota.exceeded` */
  createInstance(params: CreateInstanceParams): Promise<{ readonly summary: InstanceSummary }>;
  createBatch(params: CreateBatchParams): Promise<BatchResult>;
  /** The summary as soon as the instance has finished, or as it is after `waitMs`. @throws `instance.not_found` */
  awaitFinish(params: {
    readonly key: InstanceName;
    readonly waitMs: number;
    readonly signal?: AbortSignal;
  }): Promise<InstanceSummary>;
  /** @throws `instance.not_found` */
  readInstance(params: { readonly key: InstanceName }): Promise<InstanceDetail>;
  /** @throws `instance.not_found`, `instance.finished`, `request.invalid` (same idempotency key, other body) */
  sendEvent(params: {
    readonly key: InstanceName;
    readonly eventType: string;
    readonly payload?: string;
    readonly idempotency?: { readonly key: string; readonly digest: string };
  }): Promise<{ readonly eventId: string }>;
  /**
   * @throws `deferred.not_found`, `deferred.settled`, `instance.finished`, `tenant.suspended`, `quota.exceeded`
   */
  completeDeferred(params: { readonly token: string; readonly outcome: DeferredOutcome }): Promise<void>;
  /** @throws `instance.not_found`, `approval.not_found`, `approval.settled`, `instance.finished`, `quota.exceeded` */
  decideApproval(params: {
    readonly key: InstanceName;
    readonly approval: string;
    readonly verdict: Verdict;
  }): Promise<void>;
  /** @throws `instance.not_found`, `instance.cannot_terminate`, `instance.cannot_restart` */
  controlInstance(params: {
    readonly key: InstanceName;
    readonly action: ControlAction;
  }): Promise<{ readonly status: Status }>;
  /** @throws `instance.not_found` */
  deleteInstance(params: { readonly key: InstanceName }): Promise<void>;
  deleteBatch(params: {
    readonly tenant: string;
    readonly workflow: string;
    readonly ids: readonly string[];
  }): Promise<DeleteResult>;
  /**
   * Replays without effects, with the instance's version or another one.
   * @throws `instance.not_found`, `version.not_found`, `rate.limited`
   */
  replayInstance(params: {
    readonly key: InstanceName;
    readonly version?: string;
  }): Promise<ReplayReport & { readonly version: string }>;
  /** @throws `instance.not_found`, `version.not_found`, `instance.finished`, `instance.cannot_move`, `rate.limited` */
  moveInstance(params: { readonly key: InstanceName; readonly version: string }): Promise<InstanceSummary>;
  /**
   * The tenant's `default.fetch`. `path` starts with `/` and holds the query; the request's body is whole and within
   * bounds, and its headers hold no Tenon key. @throws `version.none_active`, `fetch.not_exported`
   */
  handleTenantRequest(params: {
    readonly tenant: string;
    readonly request: Request;
    readonly path: string;
    readonly traceId?: string;
  }): Promise<Response>;
}

export interface InstanceName {
  readonly tenant: string;
  readonly workflow: string;
  readonly id: string;
}

export interface CreateInstanceParams {
  readonly tenant: string;
  readonly workflow: string;
  readonly id?: string;
  readonly params?: string;
  readonly version?: string;
  readonly retentionMs?: number;
  readonly source: 'api';
  readonly traceId?: string;
}

export interface CreateBatchParams {
  readonly tenant: string;
  readonly workflow: string;
  readonly instances: readonly { readonly id?: string; readonly params?: string }[];
  readonly reportsDuplicates: boolean;
  readonly source: 'api';
  readonly traceId?: string;
}

export interface BatchProblem {
  readonly index: number;
  readonly id?: string;
  readonly code: string;
  readonly message: string;
}

export interface BatchResult {
  readonly created: readonly { readonly id: string }[];
  readonly errors: readonly BatchProblem[];
}

export interface DeleteResult {
  /** Ids, or how many. */
  readonly deleted: readonly string[] | readonly { readonly id: string }[] | number;
  readonly errors: readonly BatchProblem[];
}

export type ControlAction =
  | { readonly kind: 'pause' | 'resume' }
  | { readonly kind: 'terminate'; readonly rollback: boolean }
  | {
      readonly kind: 'restart';
      readonly from?: {
        readonly name: string;
        readonly count: number;
        readonly type: 'do' | 'sleep' | 'waitForEvent';
      };
      readonly toActiveVersion?: boolean;
    };

/** The part of a summary row that is shown. */
export interface InstanceSummary extends InstanceName {
  readonly version: string;
  readonly status: Status;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly waitingFor: readonly WaitingFor[];
  readonly stepCount: number;
  readonly envelope: {
    readonly __dispatcherMetadata: Readonly<Record<string, unknown>>;
    readonly params: StoredValue | null;
  };
  readonly trigger: { readonly source: string };
  readonly output?: StoredValue;
  readonly error?: ErrorData;
}

export interface InstanceDetail {
  readonly summary: InstanceSummary;
  readonly steps: readonly InstanceStep[];
  readonly rollback?: RollbackOutcome;
}

export interface InstanceStep {
  readonly type: 'step' | 'sleep' | 'waitForEvent' | 'rollback';
  readonly name: string;
  readonly count: number;
  readonly ordinal: number;
  readonly status: 'running' | 'waiting' | 'completed' | 'errored' | 'timedOut';
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly output?: StoredValue;
  readonly error?: ErrorData;
  readonly config?: StepConfig;
  readonly eventType?: string;
  readonly until?: number;
  readonly attempts: readonly {
    readonly number: number;
    readonly startedAt: number;
    readonly endedAt?: number;
    readonly error?: ErrorData;
  }[];
  readonly approvals?: readonly {
    readonly id: string;
    readonly policy: string;
    readonly call?: BindingCall;
    readonly status: 'pending' | 'approved' | 'refused' | 'expired';
    readonly askedAt: number;
    readonly until: number;
    readonly decidedAt?: number;
    readonly reason?: string;
    readonly by?: string;
  }[];
}
