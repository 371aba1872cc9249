/** One message of a stream of server-sent events. */
export interface StreamedEvent {
  readonly id: string;
  /** Its type. */
  readonly event: string;
  /** Sent as JSON. */
  readonly data: object;
}

export interface StreamChunk {
  /** None: a sign that the stream is still there. */
  readonly events: readonly StreamedEvent[];
  /** Nothing comes after these. */
  readonly isOver: boolean;
}

/** So long a client waits before it asks again where the stream has ended, ms. */
const RETRY_MS = 250;

/**
 * An answer that goes on: each chunk is asked for when the one before it has been taken, so that a slow reader holds up itself and
 * nobody's memory.
 */
export const eventStream = (params: {
  readonly first: StreamChunk;
  readonly next: () => Promise<StreamChunk>;
  /** The client has gone. */
  readonly onGone: () => void;
}): Response => {
  const encoder = new TextEncoder();
  let chunk: StreamChunk | undefined = params.first;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`)),
    pull: async (controller) => {
      const { events, isOver } = chunk ?? (await params.next());
      chunk = undefined;
      controller.enqueue(encoder.encode(events.length === 0 ? ':\n\n' : events.map(messageOf).join('')));
      if (isOver) controller.close();
    },
    cancel: params.onGone,
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // Proxies that gather what they pass on would hold events back.
      'x-accel-buffering': 'no',
    },
  });
};

const messageOf = ({ id, event, data }: StreamedEvent): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
