/** The part of a `Workflow` binding that is wrapped, in Cloudflare's shapes. Options go through as they come. */

export interface CreateOptions {
  readonly id?: string;
  readonly params?: unknown;
  readonly [option: string]: unknown;
}

export type BatchOptions = readonly CreateOptions[] | BatchObject;

export type BatchObject =
  | { readonly count: number; readonly params?: unknown; readonly [option: string]: unknown }
  | { readonly instances: readonly CreateOptions[]; readonly [option: string]: unknown };

/** `id` may be a promise where the handle stands on the other side of a wire. */
export interface WorkflowHandle {
  readonly id: string | PromiseLike<string>;
  status(...options: unknown[]): Promise<unknown>;
  pause(...options: unknown[]): Promise<unknown>;
  resume(...options: unknown[]): Promise<unknown>;
  terminate(...options: unknown[]): Promise<unknown>;
  restart(...options: unknown[]): Promise<unknown>;
  sendEvent(...options: unknown[]): Promise<unknown>;
  /** These two are younger than the others: not every binding's handles have them. */
  delete?(...options: unknown[]): Promise<unknown>;
  subscribe?(...options: unknown[]): Promise<unknown>;
}

export interface BatchReport {
  readonly created: readonly WorkflowHandle[];
  readonly errors: readonly unknown[];
}

export interface WorkflowBinding {
  create(options?: CreateOptions): Promise<WorkflowHandle>;
  createBatch(batch: BatchOptions): Promise<readonly WorkflowHandle[] | BatchReport>;
  get(id: string): Promise<WorkflowHandle>;
  deleteBatch?(ids: readonly string[]): Promise<unknown>;
}
