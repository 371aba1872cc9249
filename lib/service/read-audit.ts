import { AUDIT_RETENTION_MS, MINUTE_MS } from '../core/limits.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Dependencies } from './dependencies.ts';

/** Clocks of the machines that write entries differ by less. */
const CLOCKS_DIFFER_MS = MINUTE_MS;

export interface ReadAuditParams {
  /** Absent: what concerns any tenant, and none. */
  readonly tenant?: string | undefined;
  /** Epoch ms, both included. @default as far back as entries are kept, until now */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Newest first. An entry past its time is not shown, though a store may take longer to remove it. */
export const readAudit = (
  { audit, clock }: Pick<Dependencies, 'audit' | 'clock'>,
  { tenant, from = 0, to, limit, cursor }: ReadAuditParams,
): ReturnType<AuditLog['read']> => {
  const now = clock.now();
  return audit.read({
    ...(tenant !== undefined && { tenant }),
    from: Math.max(from, now - AUDIT_RETENTION_MS),
    to: Math.min(to ?? Number.POSITIVE_INFINITY, now + CLOCKS_DIFFER_MS),
    limit,
    ...(cursor !== undefined && { cursor }),
  });
};
