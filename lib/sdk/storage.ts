/** The types of `env.STORAGE`: values of the tenant by key, strongly consistent. An addition of Tenon's. */

import type { WorkflowTimeoutDuration } from './step.ts';

/** A value with what a later write can be held to. */
export interface StoredItem<Value = unknown> {
  value: Value;
  /** That of the write that left it there. */
  etag: string;
  /** Only with a `ttl`. */
  expiresAt?: Date;
}

/** Conditions and end of a write. */
export interface StoragePutOptions {
  /** Only if this is there now; `null`: only if nothing is. */
  ifMatch?: string | null;
  /** After that it is not there any more. @default it stays */
  ttl?: WorkflowTimeoutDuration;
}

/** One write of a transaction. */
export type StorageWrite =
  | { put: string; value: unknown; ifMatch?: string | null; ttl?: WorkflowTimeoutDuration }
  | { delete: string; ifMatch?: string }
  /** Writes nothing, and holds the others to it. */
  | { check: string; ifMatch: string | null };

/** Which keys a page of a list has. */
export interface StorageListOptions {
  prefix?: string;
  /** From the page before. */
  cursor?: string | undefined;
  /** 1 to 1,000. @default 100 */
  limit?: number;
}

/** A page of a list. */
export interface StorageList<Value = unknown> {
  items: (StoredItem<Value> & { key: string })[];
  /** There may be more. A page holds about a megabyte at most: it may have fewer items than `limit`, even none. */
  cursor?: string;
}

/**
 * A key has 1 to 512 bytes of UTF-8 without control characters; a value is anything that a step may give, up to 128 KiB as it is
 * stored.
 */
export interface TenantStorage {
  /** `undefined`: there is no such key, or its `ttl` is over. */
  get<Value = unknown>(key: string): Promise<StoredItem<Value> | undefined>;
  /** `null`: `ifMatch` did not hold, and nothing was written. */
  put(key: string, value: unknown, options?: StoragePutOptions): Promise<{ etag: string } | null>;
  /** `false`: `ifMatch` did not hold, and nothing was deleted. */
  delete(key: string, options?: { ifMatch?: string }): Promise<boolean>;
  /** In the order of the keys' bytes. */
  list<Value = unknown>(options?: StorageListOptions): Promise<StorageList<Value>>;
  /**
   * All of the writes or none: 1 to 25, of different keys. `failed`: the place in the list of the first one whose `ifMatch` did
   * not hold.
   */
  transaction(
    writes: readonly StorageWrite[],
  ): Promise<{ committed: true; etag: string } | { committed: false; failed: number }>;
}
