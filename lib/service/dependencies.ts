import type { Prices } from '../core/usage.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { BindingHost } from '../ports/binding-host.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { BundleStore } from '../ports/bundle-store.ts';
import type { ChangeWatch } from '../ports/change-watch.ts';
import type { CheckRuns } from '../ports/check-runs.ts';
import type { CheckStore } from '../ports/check-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Compiler } from '../ports/compiler.ts';
import type { CreationAllowance } from '../ports/creation-allowance.ts';
import type { DownloadSigner } from '../ports/downloads.ts';
import type { Executor } from '../ports/executor.ts';
import type { InstanceKey, InstanceStore, Lease, Summary } from '../ports/instance-store.ts';
import type { MicroVms } from '../ports/micro-vms.ts';
import type { PolicyStore } from '../ports/policy-store.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { RequestLog } from '../ports/request-log.ts';
import type { Sandbox } from '../ports/sandbox.ts';
import type { ScheduleStore } from '../ports/schedule-store.ts';
import type { ScheduleTicks } from '../ports/schedule-ticks.ts';
import type { SlotStore } from '../ports/slot-store.ts';
import type { TenantRemovals } from '../ports/tenant-removals.ts';
import type { Isolation, TenantStore } from '../ports/tenant-store.ts';
import type { Timer } from '../ports/timer.ts';
import type { Tracer } from '../ports/tracer.ts';
import type { UploadSigner } from '../ports/uploads.ts';
import type { UsageMeter, UsageStore } from '../ports/usage.ts';
import type { Validations } from '../ports/validations.ts';
import type { Vault } from '../ports/vault.ts';
import type { WakeQueue } from '../ports/wake-queue.ts';

/** What the use cases stand on; made by a composition root, by hand. A use case names the part that it needs. */
export interface Dependencies {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly randomness: Randomness;
  readonly instances: InstanceStore;
  readonly tenants: TenantStore;
  readonly bundles: BundleStore;
  readonly checks: CheckStore;
  readonly checkRuns: CheckRuns;
  readonly blobs: BlobStore;
  readonly uploads: UploadSigner;
  readonly downloads: DownloadSigner;
  readonly vault: Vault;
  readonly policies: PolicyStore;
  readonly wakes: WakeQueue;
  readonly watch: ChangeWatch;
  readonly compiler: Compiler;
  readonly executor: Executor;
  readonly bindings: BindingHost;
  /** What has to let go of a tenant's commands and workspaces when it is removed. */
  readonly sandbox?: Pick<Sandbox, 'removeTenant'>;
  readonly firstTurns?: FirstTurns;
  /** Where what is of tenants of level `microvm` is replayed. @default here, beside that of the others */
  readonly microVms?: Pick<MicroVms, 'rehearse'>;
  /** Where many processes create instances: counts for all of them. @default each process counts for itself */
  readonly creationAllowance?: CreationAllowance;
  /** Where uploads go past this process to the store, and are validated by another one. @default here, as they come in */
  readonly validations?: Validations;
  /** Where a caller cannot wait until everything of a tenant is gone. @default it is removed before the answer */
  readonly tenantRemovals?: TenantRemovals;
  readonly schedules: ScheduleStore;
  /** Where who looks for what is due comes once a minute. @default he comes every second */
  readonly ticks?: ScheduleTicks;
  readonly audit: AuditLog;
  readonly requestLog: RequestLog;
  readonly slots: SlotStore;
  readonly usageStore: UsageStore;
  /** @default nothing is counted */
  readonly usage?: UsageMeter;
  /** @default nobody is told what happened when */
  readonly tracer?: Tracer;
  /** What the operator asks for what tenants use. @default about what AWS bills for it */
  readonly prices?: Prices;
  /** Levels that tenants may have here, first the one that a tenant gets without asking. @default both, `isolate` first */
  readonly isolationLevels?: readonly [Isolation, ...Isolation[]];
}

/**
 * Claims an instance in the very write that creates it, for its first turn: either that is run here, without waiting for a
 * message, or the lease is handed on with one, so that whoever gets it has nothing left to claim.
 */
export interface FirstTurns {
  /** `undefined`: too much to do already. */
  offerLease(key: InstanceKey, now: number): OfferedLease | undefined;
  /** `created`: settles with the creation. A turn may begin before, since its appends come after it in the store's order. */
  adopt(summary: Summary, created: Promise<'created' | 'already_exists'>): void | Promise<void>;
}

export interface OfferedLease {
  readonly lease: Lease;
  /** The turn is run here: it counts as claimed. */
  readonly isTurnBegun: boolean;
}
