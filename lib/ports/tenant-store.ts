/** Egress policy of a tenant. Hosts are names, `*.name`, or either with `:port`. */
export type Egress = 'none' | 'public' | { readonly allow: readonly string[] } | { readonly gateway: string };

export type Isolation = 'isolate' | 'microvm';

export interface TenantLimits {
  readonly cpuMs?: number;
  readonly memoryMb?: number;
  readonly steps?: number;
  readonly createPerSecond?: number;
  readonly concurrent?: number;
  readonly subrequests?: number;
  readonly storageMb?: number;
}

export interface Strike {
  /** Epoch ms. */
  readonly at: number;
  /** In words for operator and tenant. */
  readonly what: string;
}

export interface Tenant {
  readonly id: string;
  readonly name?: string;
  readonly isolation: Isolation;
  readonly limits: TenantLimits;
  readonly egress: Egress;
  readonly suspended: boolean;
  /** Why, where the service did it by itself. */
  readonly suspension?: { readonly at: number; readonly reason: string };
  /** When the tenant's code has cost a process; the latest ones, in order. */
  readonly strikes?: readonly Strike[];
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface StoredKey {
  readonly keyId: string;
  readonly tenant: string;
  /** SHA-256 of the key, hex: the key itself is never kept. */
  readonly hash: string;
  readonly createdAt: number;
  /** Epoch ms from which on it opens nothing. */
  readonly expiresAt?: number;
}

export interface EnvEntry {
  readonly name: string;
  /** As stored: a secret's value is sealed by the `Vault`. */
  readonly value: string;
  readonly isSecret: boolean;
}

export interface TenantStore {
  createTenant(tenant: Tenant, key: StoredKey): Promise<'created' | 'already_exists'>;
  getTenant(id: string): Promise<Tenant | undefined>;
  listTenants(params: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly Tenant[]; readonly cursor?: string }>;
  /**
   * The row as `change` makes it of what is there, with nothing lost that others change at the same time: it may be called
   * more than once. `undefined`: there is no such tenant.
   */
  changeTenant(id: string, change: (tenant: Tenant) => Tenant): Promise<Tenant | undefined>;
  /** The tenant, its keys and env. `false`: there was none. */
  removeTenant(id: string): Promise<boolean>;

  addKey(key: StoredKey): Promise<void>;
  /** Strongly consistent: a revoked key is not found at once. One that has expired may be found. */
  findKey(hash: string): Promise<StoredKey | undefined>;
  listKeys(tenant: string): Promise<readonly StoredKey[]>;
  /** Gives a key its end, in place of one that it had. `false`: there is no such key. */
  expireKey(tenant: string, keyId: string, expiresAt: number): Promise<boolean>;
  removeKey(tenant: string, keyId: string): Promise<boolean>;

  putEnv(tenant: string, entry: EnvEntry): Promise<void>;
  removeEnv(tenant: string, name: string): Promise<boolean>;
  listEnv(tenant: string): Promise<readonly EnvEntry[]>;
}
