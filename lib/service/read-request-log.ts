import { MINUTE_MS, REQUEST_LOG_RETENTION_MS } from '../core/limits.ts';
import type { RequestLog } from '../ports/request-log.ts';
import type { Dependencies } from './dependencies.ts';

/** Clocks of the machines that write entries differ by less. */
const CLOCKS_DIFFER_MS = MINUTE_MS;

/** Newest first. An entry past its time is not shown, though a store may take longer to remove it. */
export const readRequestLog = (
  { requestLog, clock }: Pick<Dependencies, 'requestLog' | 'clock'>,
  params: {
    readonly tenant: string;
    /** Epoch ms, both included. */
    readonly from: number;
    readonly to?: number | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): ReturnType<RequestLog['read']> => {
  const { tenant, from, to, limit, cursor } = params;
  const now = clock.now();
  return requestLog.read(tenant, {
    from: Math.max(from, now - REQUEST_LOG_RETENTION_MS),
    to: Math.min(to ?? Number.POSITIVE_INFINITY, now + CLOCKS_DIFFER_MS),
    limit,
    ...(cursor !== undefined && { cursor }),
  });
};
