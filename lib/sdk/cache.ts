/** The types of `env.CACHE`: values of the tenant that it can do without. An addition of Tenon's. */

import type { WorkflowTimeoutDuration } from './step.ts';

/** Keys and values are bounded as those of `env.STORAGE`. Anything may be gone at any time. */
export interface TenantCache {
  /** `undefined`: it is not there, or not any more. */
  get<Value = unknown>(key: string): Promise<Value | undefined>;
  /** @param options.ttl after that it is not there any more. @default '1 hour' */
  put(key: string, value: unknown, options?: { ttl?: WorkflowTimeoutDuration }): Promise<void>;
  /** Whether it was there or not. */
  delete(key: string): Promise<void>;
}
