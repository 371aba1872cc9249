/** The types of `env.BUCKET`: objects of the tenant by key. An addition of Tenon's. */

import type { WorkflowTimeoutDuration } from './step.ts';

/** What is known of an object without its bytes. */
export interface BucketObjectHead {
  key: string;
  /** Bytes. */
  size: number;
  /** As it was put. @default 'application/octet-stream' */
  contentType: string;
  /** That of the put that left it there. */
  etag: string;
  uploadedAt: Date;
}

/** An object, whole in memory. */
export interface BucketObject extends BucketObjectHead {
  bytes: Uint8Array;
}

/** Which keys a page of a list has. */
export interface BucketListOptions {
  prefix?: string;
  /** From the page before. */
  cursor?: string | undefined;
  /** 1 to 1,000. @default 100 */
  limit?: number;
}

/** A key has 1 to 512 bytes of UTF-8 without control characters; an object has 5 MiB at most. */
export interface TenantBucket {
  /** `undefined`: there is no such object. */
  get(key: string): Promise<BucketObject | undefined>;
  /** A text is put as UTF-8. Takes the place of what was there, whole or not at all. */
  put(
    key: string,
    body: string | ArrayBuffer | ArrayBufferView,
    options?: { contentType?: string },
  ): Promise<BucketObjectHead>;
  /** The same without the bytes. */
  head(key: string): Promise<BucketObjectHead | undefined>;
  /** `false`: there was none. */
  delete(key: string): Promise<boolean>;
  /** In the order of the keys' bytes. Go on while there is a cursor. */
  list(options?: BucketListOptions): Promise<{ items: BucketObjectHead[]; cursor?: string }>;
  /**
   * A URL at which whoever has it may download what is there now, as a file to be saved, until it expires or the object is put
   * anew or deleted.
   * @param options.expiresIn 1 second to 1 hour. @default '5 minutes'
   * @throws Error where there is no such object
   */
  link(key: string, options?: { expiresIn?: WorkflowTimeoutDuration }): Promise<string>;
}
