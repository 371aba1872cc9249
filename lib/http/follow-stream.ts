import { SECOND_MS } from '../core/limits.ts';
import { eventStream, type StreamChunk } from './event-stream.ts';
import type { AppContext } from './route.ts';

/** How long a stream says nothing before it says that it is still there. */
const HEARTBEAT_MS = 15 * SECOND_MS;

export const wantsStream = (request: Request): boolean =>
  request.headers.get('accept')?.includes('text/event-stream') === true;

/** Where a client that was cut off has got to. */
export const lastEventId = (request: Request): string | undefined => request.headers.get('last-event-id') ?? undefined;

/**
 * What comes, chunk by chunk, for as long as somebody listens. The first answer is waited for here, so that what is refused is a
 * problem and no stream. `read` waits for at most so many ms.
 */
export const followStream = async (
  app: AppContext,
  params: {
    readonly waitMs: number;
    readonly read: (waitMs: number, signal: AbortSignal) => Promise<StreamChunk>;
  },
): Promise<Response> => {
  const gone = new AbortController();
  const chunk = async (ms: number): Promise<StreamChunk> => {
    const { events, isOver } = await params.read(ms, gone.signal);
    return { events, isOver: isOver || app.deps.watch.isClosed === true };
  };
  return eventStream({
    first: await chunk(app.canStream ? 0 : params.waitMs),
    // Where an answer leaves in one piece, the client asks for the next one.
    next: () => (app.canStream ? chunk(HEARTBEAT_MS) : Promise.resolve({ events: [], isOver: true })),
    onGone: () => gone.abort(),
  });
};
