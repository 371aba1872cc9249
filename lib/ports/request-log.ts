import type { ErrorData, LogLine } from '../core/records.ts';

/** What `default.fetch` has said while it answered one request. */
export interface RequestLogEntry {
  readonly id: string;
  /** When the request came, epoch ms. */
  readonly at: number;
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

/** Kept for a while, by tenant. */
export interface RequestLog {
  write(tenant: string, entry: RequestLogEntry): Promise<void>;
  /** Newest first, those before `to` (epoch ms, included). @throws TenonError `request.invalid` (a cursor that no page gave) */
  read(
    tenant: string,
    params: { readonly from: number; readonly to: number; readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly items: readonly RequestLogEntry[]; readonly cursor?: string }>;
  removeTenant(tenant: string): Promise<void>;
}
