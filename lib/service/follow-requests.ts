import { REQUEST_LOG_RETENTION_MS, SECOND_MS } from '../core/limits.ts';
import type { RequestLogEntry, RequestLogPlace } from '../ports/request-log.ts';
import type { Dependencies } from './dependencies.ts';

/** Between two looks: nobody announces a request that was answered, here or in another process. */
const LOOK_MS = SECOND_MS;

/**
 * What stands behind a place of a tenant's request log, oldest first; none when `until` (epoch ms) has come. What is not settled yet is
 * left for the next call, so that nothing comes to stand before what has been told.
 */
export const followRequests = async (
  deps: Pick<Dependencies, 'clock' | 'timer' | 'watch' | 'requestLog'>,
  params: {
    readonly tenant: string;
    readonly after: RequestLogPlace;
    readonly until: number;
    readonly limit: number;
    readonly signal: AbortSignal;
  },
): Promise<readonly RequestLogEntry[]> => {
  const { clock, timer, watch, requestLog } = deps;
  const { tenant, until, limit, signal } = params;
  for (;;) {
    const now = clock.now();
    const oldest = { endedAt: now - REQUEST_LOG_RETENTION_MS, id: '' };
    const after = params.after.endedAt < oldest.endedAt ? oldest : params.after;
    const entries = await requestLog.readAfter(tenant, { after, to: now - requestLog.settlesAfterMs, limit });
    const isTimeUp = now >= until || watch.isClosed === true || signal.aborted;
    if (entries.length > 0 || isTimeUp) return entries;
    await new Promise<void>((resolve) => void timer.after(Math.min(LOOK_MS, until - now), resolve));
  }
};

const PLACE = /^(\d{1,15})(?:\.([0-9a-f]{32}))?$/;

export const placeText = ({ endedAt, id }: RequestLogPlace): string => (id === '' ? `${endedAt}` : `${endedAt}.${id}`);

/** `undefined`: it is none. */
export const readPlace = (text: string): RequestLogPlace | undefined => {
  const [, endedAt, id = ''] = PLACE.exec(text) ?? [];
  return endedAt === undefined ? undefined : { endedAt: Number(endedAt), id };
};
