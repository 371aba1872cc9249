/**
 * Values of tenants that may be gone at any time: what is behind `env.CACHE`. Keys and values are as in `TenantStorage`. What is
 * put is found by whoever looks afterwards, unless it is gone.
 */
export interface TenantCache {
  get(tenant: string, params: { readonly key: string; readonly now: number }): Promise<string | undefined>;
  put(tenant: string, entry: CacheEntry): Promise<void>;
  delete(tenant: string, key: string): Promise<void>;
  removeTenant(tenant: string): Promise<void>;
}

export interface CacheEntry {
  readonly key: string;
  readonly value: string;
  /** Epoch ms; not there any more from then on. */
  readonly expiresAt: number;
}
