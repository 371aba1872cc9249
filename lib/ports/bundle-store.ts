export type BundleContentType = 'text/typescript' | 'text/javascript' | 'application/zip';

/** A mistake in a tenant's source. `line` from 1, `column` from 0, as editors and esbuild count. */
export interface BundleProblem {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export type BundleStatus = 'awaiting_upload' | 'validating' | 'ready' | 'rejected';

/** What a tenant uploads. */
export interface Bundle {
  readonly id: string;
  readonly tenant: string;
  readonly status: BundleStatus;
  readonly contentType: BundleContentType;
  /** Bytes, and lower-case hex: what the link was signed for. */
  readonly size: number;
  readonly sha256: string;
  readonly activate: boolean;
  readonly createdAt: number;
  /** After this the link is refused, epoch ms. */
  readonly expiresAt: number;
  readonly version?: string;
  readonly problems: readonly BundleProblem[];
}

/** A validated, immutable bundle; its name is its content's hash. */
export interface Version {
  readonly version: string;
  readonly tenant: string;
  readonly createdAt: number;
  readonly workflows: readonly { readonly name: string }[];
  readonly hasFetch: boolean;
  /** Bytes of the executable text. */
  readonly size: number;
  /** Which tenant-facing API the bundle was made for. */
  readonly apiLevel: number;
}

export interface WorkflowSettings {
  readonly concurrency?: { readonly limit: number };
  /** Milliseconds. */
  readonly retention?: { readonly success?: number; readonly error?: number };
  readonly limits?: { readonly steps?: number };
  readonly determinism?: 'strict' | 'lenient';
}

export interface BundleStore {
  createBundle(bundle: Bundle): Promise<void>;
  getBundle(tenant: string, id: string): Promise<Bundle | undefined>;
  /** Moves on only from `expected`; `false`: it was elsewhere, which is how an upload link is used once. */
  updateBundle(bundle: Bundle, expected: BundleStatus): Promise<boolean>;
  /** Bundles whose validation was cut off by a crash. */
  listValidating(): Promise<readonly Bundle[]>;

  /** Idempotent per tenant and version; optionally active at once. */
  addVersion(version: Version, activate: boolean): Promise<void>;
  getVersion(tenant: string, version: string): Promise<Version | undefined>;
  /** Newest first. */
  listVersions(params: {
    readonly tenant: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly Version[]; readonly cursor?: string }>;
  getActiveVersion(tenant: string): Promise<Version | undefined>;
  /** `false`: no such version. */
  activateVersion(tenant: string, version: string): Promise<boolean>;

  getWorkflowSettings(tenant: string, workflow: string): Promise<WorkflowSettings | undefined>;
  putWorkflowSettings(tenant: string, workflow: string, settings: WorkflowSettings): Promise<void>;

  removeTenant(tenant: string): Promise<void>;
}
