/** A replay of everything unfinished of a tenant against one of its versions. */
export interface Check {
  readonly id: string;
  /** Rises with each write: tells two that work on it from each other. */
  readonly revision: number;
  readonly tenant: string;
  readonly version: string;
  readonly status: 'running' | 'passed' | 'failed';
  /** The tenant's active version when it began; `undefined`: there was none. */
  readonly activeVersion?: string;
  readonly counts: CheckCounts;
  /** The first of them. */
  readonly divergences: readonly CheckDivergence[];
  /** Epoch ms. */
  readonly createdAt: number;
  readonly endedAt?: number;
  /** When somebody last got on with it, epoch ms. */
  readonly movedAt: number;
  /** Where to go on; absent: at the beginning, or it has ended. */
  readonly cursor?: string;
}

export interface CheckCounts {
  /** All of the others together. */
  readonly checked: number;
  readonly ok: number;
  readonly diverged: number;
  readonly failed: number;
  /** Could not be looked at to the end of their journals. */
  readonly skipped: number;
}

export interface CheckDivergence {
  readonly workflow: string;
  readonly instance: string;
  readonly step: string;
  readonly expected: string;
  readonly got: string;
}

/** The latest check of each version: a new one takes the place of the one before. */
export interface CheckStore {
  put(check: Check): Promise<void>;
  get(tenant: string, version: string): Promise<Check | undefined>;
  /** Where the one that is there has id and revision of `expected`; `false`: somebody else has got on with it. */
  replace(check: Check, expected: Pick<Check, 'id' | 'revision'>): Promise<boolean>;
  /** Those that have not ended, in any order. */
  listRunning(): Promise<readonly Check[]>;
  removeTenant(tenant: string): Promise<void>;
}
