/** Written by `npm run client:types` from the OpenAPI document, and a test holds it against that: not edited by hand. */
export interface Operations {
  /** Whether the service answers */
  readonly 'GET /healthz': {
    readonly path: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: { readonly status: 'ok' };
  };
  /** Create a tenant; its first key is shown here and never again */
  readonly 'POST /v1/tenants': {
    readonly path: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: {
      readonly id: string;
      readonly name?: string;
      readonly isolation?: 'isolate' | 'microvm';
      readonly limits?: {
        readonly cpuMs?: number;
        readonly memoryMb?: number;
        readonly steps?: number;
        readonly createPerSecond?: number;
        readonly concurrent?: number;
        readonly subrequests?: number;
        readonly storageMb?: number;
      };
      readonly egress?: 'none' | 'public' | { readonly allow: readonly string[] } | { readonly gateway: string };
    };
    readonly answer: { readonly tenant: Tenant; readonly apiKey: string };
  };
  /** List the tenants */
  readonly 'GET /v1/tenants': {
    readonly path: Readonly<Record<string, never>>;
    readonly query: { readonly limit?: number; readonly cursor?: string };
    readonly body: undefined;
    readonly answer: { readonly tenants: readonly Tenant[]; readonly cursor?: string };
  };
  /** Read a tenant */
  readonly 'GET /v1/tenants/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: Tenant;
  };
  /** Change a tenant's name, limits, egress or isolation, suspend it or lift that */
  readonly 'PATCH /v1/tenants/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: {
      readonly name?: string;
      readonly isolation?: 'isolate' | 'microvm';
      readonly limits?: {
        readonly cpuMs?: number | null;
        readonly memoryMb?: number | null;
        readonly steps?: number | null;
        readonly createPerSecond?: number | null;
        readonly concurrent?: number | null;
        readonly subrequests?: number | null;
        readonly storageMb?: number | null;
      };
      readonly egress?: 'none' | 'public' | { readonly allow: readonly string[] } | { readonly gateway: string };
      readonly suspended?: boolean;
    };
    readonly answer: Tenant;
  };
  /** Delete a tenant with all its data */
  readonly 'DELETE /v1/tenants/{tenant}': {
    readonly path: { readonly tenant: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: { readonly id: string };
  };
  /** Make one more key for a tenant, for good or until `expiresAt`; it is shown here and never again */
  readonly 'POST /v1/tenants/{tenant}/keys': {
    readonly path: { readonly tenant: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly expiresAt?: string } | undefined;
    readonly answer: { readonly keyId: string; readonly apiKey: string };
  };
  /** List the ids of a tenant's keys */
  readonly 'GET /v1/tenants/{tenant}/keys': {
    readonly path: { readonly tenant: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: {
      readonly keys: readonly { readonly keyId: string; readonly createdAt: string; readonly expiresAt?: string }[];
    };
  };
  /** Make a key in place of another, which goes on for `grace`, an hour if left out */
  readonly 'POST /v1/tenants/{tenant}/keys/{keyId}/rotate': {
    readonly path: { readonly tenant: string; readonly keyId: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly grace?: number | string } | undefined;
    readonly answer: {
      readonly keyId: string;
      readonly apiKey: string;
      readonly replaced: { readonly keyId: string; readonly expiresAt: string };
    };
  };
  /** Revoke a key: it is refused from the next call on */
  readonly 'DELETE /v1/tenants/{tenant}/keys/{keyId}': {
    readonly path: { readonly tenant: string; readonly keyId: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: undefined;
  };
  /** List the tenant's variables; a secret's value is not shown */
  readonly 'GET /v1/tenants/{tenant}/env': {
    readonly path: { readonly tenant: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: {
      readonly env: readonly { readonly name: string; readonly secret: boolean; readonly value?: string }[];
    };
  };
  /** Set a variable */
  readonly 'PUT /v1/tenants/{tenant}/env/{NAME}': {
    readonly path: { readonly tenant: string; readonly NAME: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly value: string; readonly secret?: boolean };
    readonly answer: { readonly name: string; readonly secret: boolean };
  };
  /** Remove a variable */
  readonly 'DELETE /v1/tenants/{tenant}/env/{NAME}': {
    readonly path: { readonly tenant: string; readonly NAME: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: undefined;
  };
  /** Announce a bundle; the answer holds the link to upload it with */
  readonly 'POST /v1/tenants/{tenant}/bundles': {
    readonly path: { readonly tenant: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: {
      readonly size: number;
      readonly sha256: string;
      readonly contentType: 'text/typescript' | 'text/javascript' | 'application/zip';
      readonly activate?: boolean;
    };
    readonly answer: {
      readonly bundle: {
        readonly id: string;
        readonly status: 'awaiting_upload' | 'validating' | 'ready' | 'rejected';
      };
      readonly upload: {
        readonly method: 'PUT';
        readonly url: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly expiresAt: string;
      };
    };
  };
  /** Read a bundle; with `wait` as soon as it is ready or rejected */
  readonly 'GET /v1/tenants/{tenant}/bundles/{id}': {
    readonly path: { readonly tenant: string; readonly id: string };
    readonly query: { readonly wait?: number };
    readonly body: undefined;
    readonly answer: {
      readonly id: string;
      readonly status: 'awaiting_upload' | 'validating' | 'ready' | 'rejected';
      readonly version?: string;
      readonly workflows: readonly { readonly name: string }[];
      readonly hasFetch: boolean;
      readonly problems: readonly {
        readonly code: string;
        readonly message: string;
        readonly file?: string;
        readonly line?: number;
        readonly column?: number;
      }[];
    };
  };
  /** List the tenant's versions, newest first */
  readonly 'GET /v1/tenants/{tenant}/versions': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly limit?: number; readonly cursor?: string };
    readonly body: undefined;
    readonly answer: { readonly versions: readonly Version[]; readonly cursor?: string };
  };
  /** The modules that a version was made of, as they were uploaded */
  readonly 'GET /v1/tenants/{tenant}/versions/{version}/source': {
    readonly path: { readonly tenant: string; readonly version: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: VersionSource;
  };
  /** Make a version the one that new instances take */
  readonly 'POST /v1/tenants/{tenant}/versions/{version}/activate': {
    readonly path: { readonly tenant: string; readonly version: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly requireCheck?: boolean | string } | undefined;
    readonly answer: Version;
  };
  /** Replay all unfinished instances of the tenant against a version, without effects */
  readonly 'POST /v1/tenants/{tenant}/versions/{version}/checks': {
    readonly path: { readonly tenant: string; readonly version: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: Readonly<Record<string, never>> | undefined;
    readonly answer: { readonly check: { readonly id: string; readonly status: 'running' | 'passed' | 'failed' } };
  };
  /** Read the latest check of a version */
  readonly 'GET /v1/tenants/{tenant}/versions/{version}/checks/{id}': {
    readonly path: { readonly tenant: string; readonly version: string; readonly id: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: Check;
  };
  /** List the workflows that the active version exports */
  readonly 'GET /v1/tenants/{tenant}/workflows': {
    readonly path: { readonly tenant: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: { readonly workflows: readonly Workflow[] };
  };
  /** Read a workflow and its settings */
  readonly 'GET /v1/tenants/{tenant}/workflows/{workflow}': {
    readonly path: { readonly tenant: string; readonly workflow: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: Workflow;
  };
  /** Change a workflow's settings; only what is named is changed */
  readonly 'PATCH /v1/tenants/{tenant}/workflows/{workflow}': {
    readonly path: { readonly tenant: string; readonly workflow: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: {
      readonly retention?: { readonly success?: number | string; readonly error?: number | string };
      readonly limits?: { readonly steps?: number };
      readonly determinism?: 'strict' | 'lenient';
      readonly concurrency?: { readonly limit: number | null };
      readonly schedules?: readonly { readonly cron: string }[];
    };
    readonly answer: Workflow;
  };
  /** Start up to 100 instances */
  readonly 'POST /v1/tenants/{tenant}/workflows/{workflow}/instances/batch': {
    readonly path: { readonly tenant: string; readonly workflow: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: {
      readonly instances?: readonly { readonly id?: string; readonly params?: unknown }[];
      readonly count?: number;
      readonly params?: unknown;
    };
    readonly answer: { readonly created: readonly { readonly id: string }[]; readonly errors: readonly BatchProblem[] };
  };
  /** Delete up to 100 instances */
  readonly 'POST /v1/tenants/{tenant}/workflows/{workflow}/instances/batch/delete': {
    readonly path: { readonly tenant: string; readonly workflow: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly ids: readonly string[] };
    readonly answer: {
      readonly deleted: readonly string[] | readonly { readonly id: string }[] | number;
      readonly errors: readonly BatchProblem[];
    };
  };
  /** Start an instance; with `wait` the answer comes when it has finished or the time is up */
  readonly 'POST /v1/tenants/{tenant}/workflows/{workflow}/instances': {
    readonly path: { readonly tenant: string; readonly workflow: string };
    readonly query: { readonly wait?: number };
    readonly body:
      | {
          readonly id?: string;
          readonly params?: unknown;
          readonly version?: string;
          readonly retention?: number | string;
        }
      | undefined;
    readonly answer: CreatedInstance;
  };
  /** List a workflow's instances, newest first */
  readonly 'GET /v1/tenants/{tenant}/workflows/{workflow}/instances': {
    readonly path: { readonly tenant: string; readonly workflow: string };
    readonly query: {
      readonly status?: Status;
      readonly from?: string;
      readonly to?: string;
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly answer: { readonly instances: readonly InstanceItem[]; readonly cursor?: string };
  };
  /** Read an instance with its first 100 steps; with `wait` as soon as it has finished or the time is up */
  readonly 'GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: { readonly wait?: number };
    readonly body: undefined;
    readonly answer: Instance;
  };
  /** Delete an instance at any status, without rollback */
  readonly 'DELETE /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: undefined;
  };
  /** List an instance's steps in the order in which they started */
  readonly 'GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/steps': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: { readonly limit?: number; readonly cursor?: string };
    readonly body: undefined;
    readonly answer: { readonly steps: readonly Step[]; readonly cursor?: string };
  };
  /** Read one step whole */
  readonly 'GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/step': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: {
      readonly name: string;
      readonly count?: number;
      readonly type?: 'step' | 'do' | 'sleep' | 'waitForEvent' | 'rollback';
    };
    readonly body: undefined;
    readonly answer: Step;
  };
  /** Pause, resume, terminate or restart an instance */
  readonly 'PATCH /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/status': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: {
      readonly status: 'pause' | 'resume' | 'terminate' | 'restart';
      readonly rollback?: boolean;
      readonly from?: {
        readonly name: string;
        readonly count?: number;
        readonly type?: 'do' | 'sleep' | 'waitForEvent';
      };
      readonly toActiveVersion?: boolean;
    };
    readonly answer: { readonly status: Status };
  };
  /** Send an event; the body is its payload, an empty one sends none */
  readonly 'POST /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/events/{type}': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string; readonly type: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: unknown | undefined;
    readonly answer: { readonly eventId: string };
  };
  /** Follow an instance's events: all that it has had, then each as it comes, to its end; as `text/event-stream`, or page by page as JSON */
  readonly 'GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/subscribe': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: { readonly cursor?: string; readonly filter?: string; readonly wait?: number };
    readonly body: undefined;
    readonly answer: { readonly events: readonly InstanceEvent[]; readonly cursor: string; readonly done: boolean };
  };
  /** Read what an instance has said by `console`, then each line as it comes, in the same two forms */
  readonly 'GET /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/logs': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: { readonly cursor?: string; readonly wait?: number };
    readonly body: undefined;
    readonly answer: { readonly events: readonly LogLine[]; readonly cursor: string; readonly done: boolean };
  };
  /** Replay an instance of any status without effects */
  readonly 'POST /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/replay': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly version?: string } | undefined;
    readonly answer: Replay;
  };
  /** Move an unfinished instance to another version, after a replay that shows no divergence */
  readonly 'POST /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/move': {
    readonly path: { readonly tenant: string; readonly workflow: string; readonly id: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly version: string };
    readonly answer: CreatedInstance;
  };
  /** Complete a deferred result; the token is the permission, and the first outcome counts */
  readonly 'POST /v1/deferred/{token}': {
    readonly path: { readonly token: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly result?: unknown; readonly error?: { readonly name?: string; readonly message: string } };
    readonly answer: Readonly<Record<string, never>>;
  };
  /** Read a tenant's usage by UTC days, both included, and its price; without `from` the last 30 days */
  readonly 'GET /v1/tenants/{tenant}/usage': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly from?: string; readonly to?: string };
    readonly body: undefined;
    readonly answer: Usage;
  };
  /** Read what `default.fetch` has said, by requests, newest first; or follow it with `wait` or `after`, oldest first, page by page or as `text/event-stream`. Requests that said nothing and went well are left out */
  readonly 'GET /v1/tenants/{tenant}/logs': {
    readonly path: { readonly tenant: string };
    readonly query: {
      readonly from?: string;
      readonly to?: string;
      readonly after?: string;
      readonly wait?: number;
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly answer: { readonly requests: readonly RequestLogEntry[]; readonly cursor?: string };
  };
  /** Who changed what, newest first: all calls of the operator, and what was done to keys and variables */
  readonly 'GET /v1/audit': {
    readonly path: Readonly<Record<string, never>>;
    readonly query: {
      readonly tenant?: string;
      readonly from?: string;
      readonly to?: string;
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly answer: { readonly entries: readonly AuditEntry[]; readonly cursor?: string };
  };
  /** The same of one tenant, from after it was made */
  readonly 'GET /v1/tenants/{tenant}/audit': {
    readonly path: { readonly tenant: string };
    readonly query: { readonly from?: string; readonly to?: string; readonly limit?: number; readonly cursor?: string };
    readonly body: undefined;
    readonly answer: { readonly entries: readonly AuditEntry[]; readonly cursor?: string };
  };
  /** List the policies by name, all of them */
  readonly 'GET /v1/policies': {
    readonly path: Readonly<Record<string, never>>;
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: { readonly policies: readonly Policy[] };
  };
  /** Set what holds before a step or a binding's call, for all tenants or some, in place of what had the name */
  readonly 'PUT /v1/policies/{name}': {
    readonly path: { readonly name: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: {
      readonly tenants?: readonly string[];
      readonly workflows?: readonly string[];
      readonly before: { readonly step: string } | { readonly binding: string; readonly method?: string };
      readonly action: 'approve' | 'refuse';
      readonly reason?: string;
      readonly timeout?: number | string;
    };
    readonly answer: Policy;
  };
  /** Read a policy */
  readonly 'GET /v1/policies/{name}': {
    readonly path: { readonly name: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: Policy;
  };
  /** Remove a policy; what waits for an approval by it goes on waiting for that */
  readonly 'DELETE /v1/policies/{name}': {
    readonly path: { readonly name: string };
    readonly query: Readonly<Record<string, never>>;
    readonly body: undefined;
    readonly answer: undefined;
  };
  /** Approve or refuse what a policy holds back; the first answer counts */
  readonly 'POST /v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/approvals/{approval}': {
    readonly path: {
      readonly tenant: string;
      readonly workflow: string;
      readonly id: string;
      readonly approval: string;
    };
    readonly query: Readonly<Record<string, never>>;
    readonly body: { readonly approved: boolean; readonly reason?: string; readonly by?: string };
    readonly answer: { readonly approved: boolean };
  };
}
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly divergences?: readonly { readonly step: string; readonly expected: string; readonly got: string }[];
};
export type Tenant = {
  readonly id: string;
  readonly name?: string;
  readonly isolation: 'isolate' | 'microvm';
  readonly limits: {
    readonly cpuMs: number;
    readonly memoryMb: number;
    readonly steps: number;
    readonly createPerSecond: number;
    readonly concurrent: number;
    readonly subrequests: number;
    readonly storageMb: number;
  };
  readonly egress: 'none' | 'public' | { readonly allow: readonly string[] } | { readonly gateway: string };
  readonly suspended: boolean;
  readonly suspension?: { readonly at: string; readonly reason: string };
  readonly strikes?: readonly { readonly at: string; readonly what: string }[];
  readonly createdAt: string;
};
export type Version = {
  readonly version: string;
  readonly active: boolean;
  readonly createdAt: string;
  readonly workflows: readonly { readonly name: string }[];
  readonly hasFetch: boolean;
  readonly size: number;
  readonly apiLevel: number;
};
export type VersionSource = {
  readonly version: string;
  readonly contentType: 'text/typescript' | 'text/javascript' | 'application/zip';
  readonly files: readonly { readonly path: string; readonly text: string }[];
};
export type Check = {
  readonly id: string;
  readonly version: string;
  readonly status: 'running' | 'passed' | 'failed';
  readonly counts: {
    readonly checked: number;
    readonly ok: number;
    readonly diverged: number;
    readonly failed: number;
    readonly skipped: number;
  };
  readonly divergences: readonly {
    readonly workflow: string;
    readonly instance: string;
    readonly step: string;
    readonly expected: string;
    readonly got: string;
  }[];
  readonly createdAt: string;
  readonly endedAt?: string;
};
export type Workflow = {
  readonly name: string;
  readonly version: string;
  readonly retention?: { readonly success?: number; readonly error?: number };
  readonly limits?: { readonly steps?: number };
  readonly determinism?: 'strict' | 'lenient';
  readonly concurrency?: { readonly limit: number };
  readonly schedules: readonly { readonly cron: string; readonly nextAt: string }[];
};
export type BatchProblem = {
  readonly index: number;
  readonly id?: string;
  readonly code: string;
  readonly message: string;
};
export type CreatedInstance = {
  readonly id: string;
  readonly status: Status;
  readonly version: string;
  readonly workflow: string;
  readonly output?: unknown;
  readonly error?: InstanceError;
};
export type Status =
  | 'queued'
  | 'running'
  | 'waiting'
  | 'paused'
  | 'waitingForPause'
  | 'rollingBack'
  | 'errored'
  | 'terminated'
  | 'complete';
export type InstanceError = { readonly name: string; readonly message: string; readonly stack?: string };
export type InstanceItem = {
  readonly id: string;
  readonly status: Status;
  readonly version: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly waitingFor: readonly WaitingFor[];
};
export type WaitingFor = {
  readonly kind: 'sleep' | 'event' | 'retry' | 'deferred' | 'approval';
  readonly name: string;
  readonly until?: string;
  readonly eventType?: string;
  readonly approval?: string;
};
export type Instance = {
  readonly id: string;
  readonly workflow: string;
  readonly status: Status;
  readonly version: string;
  readonly params?: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly trigger: { readonly source: string };
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly output?: unknown;
  readonly error?: InstanceError;
  readonly waitingFor: readonly WaitingFor[];
  readonly stepCount: number;
  readonly rollback?: { readonly outcome: 'complete' | 'failed'; readonly error?: InstanceError };
  readonly steps: readonly Step[];
  readonly stepsCursor?: string;
};
export type Step = {
  readonly type: 'step' | 'sleep' | 'waitForEvent' | 'rollback';
  readonly name: string;
  readonly count: number;
  readonly status: 'running' | 'waiting' | 'completed' | 'errored' | 'timedOut';
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly output?: unknown;
  readonly truncated?: true;
  readonly error?: InstanceError;
  readonly config?: {
    readonly retries: {
      readonly limit: number;
      readonly delay: number | null;
      readonly backoff: 'exponential' | 'linear' | 'constant';
    };
    readonly timeout: number;
    readonly sensitive?: 'output';
  };
  readonly eventType?: string;
  readonly until?: string;
  readonly attempts: readonly {
    readonly number: number;
    readonly startedAt: string;
    readonly endedAt?: string;
    readonly error?: InstanceError;
  }[];
  readonly approvals?: readonly Approval[];
};
export type Approval = {
  readonly id: string;
  readonly policy: string;
  readonly call?: string;
  readonly status: 'pending' | 'approved' | 'refused' | 'expired';
  readonly askedAt: string;
  readonly until: string;
  readonly decidedAt?: string;
  readonly reason?: string;
  readonly by?: string;
};
export type InstanceEvent = {
  readonly eventId: number;
  readonly type:
    | 'workflow_queued'
    | 'workflow_started'
    | 'workflow_running'
    | 'workflow_paused'
    | 'workflow_waiting_for_pause'
    | 'workflow_waiting'
    | 'workflow_completed'
    | 'workflow_errored'
    | 'workflow_terminated'
    | 'step_started'
    | 'step_completed'
    | 'step_errored'
    | 'attempt_started'
    | 'attempt_completed'
    | 'attempt_errored'
    | 'sleep_started'
    | 'sleep_completed'
    | 'wait_started'
    | 'wait_completed'
    | 'wait_timed_out'
    | 'approval_requested'
    | 'approval_received'
    | 'rollback_started'
    | 'rollback_step_started'
    | 'rollback_step_completed'
    | 'rollback_step_errored'
    | 'rollback_attempt_started'
    | 'rollback_attempt_completed'
    | 'rollback_attempt_errored'
    | 'rollback_completed'
    | 'rollback_errored'
    | 'replay_diverged'
    | 'log';
  readonly instanceId: string;
  readonly timestamp: string;
  readonly stepName?: string;
  readonly step?: { readonly name: string; readonly count: number };
  readonly attempt?: number;
  readonly config?: {
    readonly retries: {
      readonly limit: number;
      readonly delay: number | null;
      readonly backoff: 'exponential' | 'linear' | 'constant';
    };
    readonly timeout: number;
    readonly sensitive?: 'output';
  };
  readonly output?: unknown;
  readonly truncated?: true;
  readonly error?: InstanceError;
  readonly retryDelayMs?: number;
  readonly durationMs?: number;
  readonly eventType?: string;
  readonly expected?: string;
  readonly got?: string;
  readonly approval?: string;
  readonly policy?: string;
  readonly call?: string;
  readonly approved?: boolean;
  readonly reason?: string;
  readonly by?: string;
  readonly level?: string;
  readonly message?: string;
};
export type LogLine = {
  readonly eventId: number;
  readonly time: string;
  readonly level: 'debug' | 'log' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly step?: string;
  readonly attempt?: number;
};
export type Replay = {
  readonly version: string;
  readonly outcome: 'ok' | 'diverged' | 'failed';
  readonly stop: 'caught_up' | 'effect' | 'returned' | 'threw' | 'lost';
  readonly recorded: number;
  readonly delivered: number;
  readonly divergences: readonly {
    readonly step: string;
    readonly expected: string;
    readonly got: string;
    readonly place?: SourcePlace;
  }[];
  readonly next?: string;
  readonly place?: SourcePlace;
  readonly error?: { readonly name: string; readonly message: string; readonly stack?: string };
};
export type SourcePlace = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text?: string;
};
export type Usage = {
  readonly from: string;
  readonly to: string;
  readonly currency: string;
  readonly pricePerMillion: Units;
  readonly total: { readonly units: Units; readonly price: number };
  readonly workflows: readonly { readonly workflow: string; readonly units: Units; readonly price: number }[];
  readonly days: readonly { readonly day: string; readonly units: Units; readonly price: number }[];
};
export type Units = {
  readonly instances: number;
  readonly steps: number;
  readonly cpuMs: number;
  readonly bytes: number;
  readonly requests: number;
};
export type RequestLogEntry = {
  readonly id: string;
  readonly time: string;
  readonly durationMs: number;
  readonly version: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly lines: readonly {
    readonly time: string;
    readonly level: 'debug' | 'log' | 'info' | 'warn' | 'error';
    readonly message: string;
  }[];
  readonly error?: { readonly name: string; readonly message: string; readonly stack?: string };
  readonly traceId?: string;
};
export type AuditEntry = {
  readonly id: string;
  readonly at: string;
  readonly by: { readonly kind: 'operator' } | { readonly kind: 'key'; readonly keyId: string };
  readonly operation: string;
  readonly names: Readonly<Record<string, string>>;
  readonly tenant?: string;
  readonly traceId: string;
  readonly status?: number;
};
export type Policy = {
  readonly name: string;
  readonly tenants?: readonly string[];
  readonly workflows?: readonly string[];
  readonly before: { readonly step: string } | { readonly binding: string; readonly method?: string };
  readonly action: 'approve' | 'refuse';
  readonly reason?: string;
  readonly timeout?: number;
  readonly updatedAt: string;
};
