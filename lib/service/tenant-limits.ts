import {
  DEFAULT_CPU_MS,
  DEFAULT_CREATES_PER_SECOND,
  DEFAULT_MEMORY_MB,
  DEFAULT_STEP_LIMIT,
  DEFAULT_STORAGE_MB,
  DEFAULT_SUBREQUESTS,
  MAX_CPU_MS,
  MAX_STEP_LIMIT,
} from '../core/limits.ts';
import type { TenantLimits } from '../ports/tenant-store.ts';

export type { TenantLimits } from '../ports/tenant-store.ts';

const MAX_CONCURRENT_TURNS = 1_000_000;

export interface LimitBounds {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** What the operator may set, and what holds where nothing is set. Whole numbers. */
export const TENANT_LIMIT_BOUNDS = {
  /** CPU of one activation, ms. */
  cpuMs: { min: 10, max: MAX_CPU_MS, default: DEFAULT_CPU_MS },
  /** V8 refuses an isolate below 8 MiB. */
  memoryMb: { min: 8, max: 2_048, default: DEFAULT_MEMORY_MB },
  steps: { min: 1, max: MAX_STEP_LIMIT, default: DEFAULT_STEP_LIMIT },
  createPerSecond: { min: 0, max: 100_000, default: DEFAULT_CREATES_PER_SECOND },
  /** Turns at the same time; above `MAX_COUNTED_TURNS` they are not counted. */
  concurrent: { min: 1, max: MAX_CONCURRENT_TURNS, default: MAX_CONCURRENT_TURNS },
  /** Calls to the outside of one activation. */
  subrequests: { min: 0, max: 100_000, default: DEFAULT_SUBREQUESTS },
  /** Of all objects in `BUCKET`, MiB. */
  storageMb: { min: 1, max: 1_000_000, default: DEFAULT_STORAGE_MB },
} as const satisfies Record<keyof TenantLimits, LimitBounds>;

export type TenantLimitName = keyof typeof TENANT_LIMIT_BOUNDS;
export const TENANT_LIMIT_NAMES = Object.keys(TENANT_LIMIT_BOUNDS) as readonly TenantLimitName[];

/** `null` takes a limit back to its default. */
export type LimitChanges = { readonly [Name in TenantLimitName]?: number | null | undefined };

/** `current` with `changes` over it, each within its bounds. */
export const changeLimits = (current: TenantLimits, changes: LimitChanges): TenantLimits => {
  const limits: { -readonly [Name in TenantLimitName]?: number } = { ...current };
  for (const name of TENANT_LIMIT_NAMES) {
    const value = changes[name];
    if (value === undefined) continue;
    if (value === null) delete limits[name];
    else {
      const { min, max } = TENANT_LIMIT_BOUNDS[name];
      limits[name] = Math.min(max, Math.max(min, Math.trunc(value)));
    }
  }
  return limits;
};

/** What a workflow of that tenant may set for itself: as far as the operator lets it, where he has said. */
export const maxStepLimit = (limits: TenantLimits): number => limits.steps ?? MAX_STEP_LIMIT;

/** The steps that an instance of a workflow may make. The operator may have lowered the tenant's after the workflow's was set. */
export const stepLimit = (limits: TenantLimits, ofWorkflow: number | undefined): number =>
  Math.min(ofWorkflow ?? limits.steps ?? DEFAULT_STEP_LIMIT, maxStepLimit(limits));

/** Every limit as it holds, defaults filled in. */
export const effectiveLimits = (limits: TenantLimits): Required<TenantLimits> => ({
  cpuMs: limits.cpuMs ?? TENANT_LIMIT_BOUNDS.cpuMs.default,
  memoryMb: limits.memoryMb ?? TENANT_LIMIT_BOUNDS.memoryMb.default,
  steps: limits.steps ?? TENANT_LIMIT_BOUNDS.steps.default,
  createPerSecond: limits.createPerSecond ?? TENANT_LIMIT_BOUNDS.createPerSecond.default,
  concurrent: limits.concurrent ?? TENANT_LIMIT_BOUNDS.concurrent.default,
  subrequests: limits.subrequests ?? TENANT_LIMIT_BOUNDS.subrequests.default,
  storageMb: limits.storageMb ?? TENANT_LIMIT_BOUNDS.storageMb.default,
});
