import type { Units } from '../core/usage.ts';

/** Whose units they are; `workflow` absent: the tenant's as a whole. */
export interface UsageOwner {
  readonly tenant: string;
  readonly workflow?: string;
}

export interface UsageRow extends UsageOwner {
  /** A UTC day: `2026-01-31`. */
  readonly day: string;
  readonly units: Units;
}

/** Takes note of what has been used; cheap, and never waits. */
export interface UsageMeter {
  count(owner: UsageOwner, units: Partial<Units>): void;
  /** Of a tenant that is gone: what has been noted and not yet written down. */
  forget(tenant: string): void;
}

/** Sums by tenant, day and workflow. */
export interface UsageStore {
  /** Adds to what stands there. */
  add(rows: readonly UsageRow[]): Promise<void>;
  /** Both days included, ordered by day, then workflow; the tenant's own before those of its workflows. */
  read(params: {
    readonly tenant: string;
    readonly fromDay: string;
    readonly toDay: string;
  }): Promise<readonly UsageRow[]>;
  removeTenant(tenant: string): Promise<void>;
}
