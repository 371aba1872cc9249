export type AuditActor =
  | { readonly kind: 'operator' }
  /** A key of the tenant; its id, never the key. */
  | { readonly kind: 'key'; readonly keyId: string };

/** One call that was to change something. */
export interface AuditEntry {
  readonly id: string;
  /** When it was let in, epoch ms. */
  readonly at: number;
  readonly by: AuditActor;
  /** Method and pattern of the path: `DELETE /v1/tenants/{tenant}/keys/{keyId}`. */
  readonly operation: string;
  /** What the pattern's other names stood for, and the names of what was made. */
  readonly names: Readonly<Record<string, string>>;
  /** Absent where the call concerns no one tenant. */
  readonly tenant?: string;
  readonly traceId: string;
  /** Of the answer. Absent: the call was let in, and whether it took effect is not known. */
  readonly status?: number;
}

/** Who did what. Nothing that tenants' code or credentials reach; it outlives its tenants and goes by age alone. */
export interface AuditLog {
  /** Durable once it settles. What has the same time and id is replaced. */
  write(entry: AuditEntry): Promise<void>;
  /** Newest first, `from` and `to` (epoch ms) included; without `tenant` all of them. @throws TenonError `request.invalid` (a cursor that no page gave) */
  read(params: {
    readonly tenant?: string;
    readonly from: number;
    readonly to: number;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly AuditEntry[]; readonly cursor?: string }>;
}
