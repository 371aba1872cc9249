/**
 * Values of a tenant by key, strongly consistent: what is behind `env.STORAGE`. Keys are well-formed text of 1 to 512 bytes
 * of UTF-8, in the order of those bytes; values are encoded text, which the store does not look into.
 */
export interface TenantStorage {
  /** `undefined`: there is none, or its time is over by `now`. */
  get(tenant: string, params: { readonly key: string; readonly now: number }): Promise<StoredValue | undefined>;
  /**
   * One page in the order of keys. It may hold fewer than `limit`, even none, and still not be the last: that one has no `next`,
   * the key to go on after.
   */
  list(tenant: string, params: StoragePageParams): Promise<StoragePage>;
  /** All of the writes or none. Each key once, at most `MAX_STORAGE_WRITES`. */
  commit(
    tenant: string,
    params: { readonly writes: readonly StorageWrite[]; readonly etag: string; readonly now: number },
  ): Promise<StorageOutcome>;
  /**
   * Counts bytes that the tenant keeps elsewhere under these keys. `false`: with them there were more than `mostBytes`, and
   * nothing is counted.
   */
  reserve(tenant: string, params: { readonly bytes: number; readonly mostBytes: number }): Promise<boolean>;
  /** Takes back what was reserved. */
  release(tenant: string, bytes: number): Promise<void>;
  removeTenant(tenant: string): Promise<void>;
}

export interface StoredValue {
  readonly key: string;
  readonly value: string;
  /** That of the commit that wrote it; no two commits have the same. */
  readonly etag: string;
  /** Epoch ms. */
  readonly expiresAt?: number;
}

export interface StoragePageParams {
  /** Empty: all keys. */
  readonly prefix: string;
  /** A key that begins with `prefix`. */
  readonly after?: string;
  readonly limit: number;
  readonly now: number;
}

export interface StoragePage {
  readonly items: readonly StoredValue[];
  readonly next?: string;
}

/** `ifMatch`: the etag that must be there, or `null`: nothing may be there. What has expired is not there. */
export type StorageWrite =
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: string;
      readonly expiresAt?: number;
      readonly ifMatch?: string | null;
    }
  | { readonly kind: 'delete'; readonly key: string; readonly ifMatch?: string }
  /** Writes nothing. */
  | { readonly kind: 'check'; readonly key: string; readonly ifMatch: string | null };

export type StorageOutcome =
  | { readonly kind: 'done' }
  /** `index`: the first write whose `ifMatch` did not hold. */
  | { readonly kind: 'conflict'; readonly index: number }
  /** The tenant has as much as it may have; deletes alone are done nevertheless. */
  | { readonly kind: 'full' };

export const MAX_STORAGE_WRITES = 25;
/** Of one page, keys and values: what one read of DynamoDB gives. */
export const STORAGE_PAGE_BYTES = 1_000_000;
