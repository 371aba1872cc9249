import type { ErrorData, LogLine } from '../core/records.ts';

/** What `default.fetch` has said while it answered one request. */
export interface RequestLogEntry {
  readonly id: string;
  /** When the request came, epoch ms. */
  readonly at: number;
  /** When it was answered, epoch ms: what entries are ordered by, since they are written then. */
  readonly endedAt: number;
  readonly version: string;
  readonly method: string;
  /** Behind the tenant's prefix, without the query, which may hold what nobody is to read. */
  readonly path: string;
  /** Of the answer. */
  readonly status: number;
  readonly lines: readonly LogLine[];
  /** Where it threw. */
  readonly error?: ErrorData;
  readonly traceId?: string;
}

/** In the order of `endedAt` and `id`: an entry, or a moment before all entries that end in it. */
export interface RequestLogPlace {
  readonly endedAt: number;
  /** Empty: before every id. */
  readonly id: string;
}

/** Kept for a while, by tenant, in the order in which requests were answered. */
export interface RequestLog {
  /** Once an entry has been over for so long, none comes to stand before it any more. */
  readonly settlesAfterMs: number;
  write(tenant: string, entry: RequestLogEntry): Promise<void>;
  /** Newest first, those that were answered from `from` to `to` (epoch ms, included). @throws TenonError `request.invalid` (a cursor that no page gave) */
  read(
    tenant: string,
    params: { readonly from: number; readonly to: number; readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly items: readonly RequestLogEntry[]; readonly cursor?: string }>;
  /** Oldest first, those that stand behind a place, up to `to` (epoch ms, included). */
  readAfter(
    tenant: string,
    params: { readonly after: RequestLogPlace; readonly to: number; readonly limit: number },
  ): Promise<readonly RequestLogEntry[]>;
  removeTenant(tenant: string): Promise<void>;
}
