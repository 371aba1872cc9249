import { RefusedError } from '../../client/http-client.ts';
import { createSseParser, type SseParser, type StreamMessage } from './sse-parser.ts';

/** `live`: connected; `reconnecting`: it was cut off, and will be tried again; `over`: nothing more can come. */
export type StreamState = 'live' | 'reconnecting' | 'over';

export interface StreamOptions {
  /** Asks for the stream after an event; an `EventSource` could not send the key. */
  readonly open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<Response>;
  readonly onMessages: (messages: readonly StreamMessage[]) => void;
  readonly onState: (state: StreamState) => void;
  /** What is followed has ended: a response that brings nothing more is then the last one. */
  readonly isOver: () => boolean;
  readonly signal: AbortSignal;
  /** Waits so many ms; ends early when the signal is aborted. @default by timer */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Where the server has not said how soon. */
const RETRY_MS = 1_000;
const MAX_BACK_OFF_MS = 10_000;
/** The server speaks at least every 15 s; a connection that has been silent for longer is dead. */
const SILENCE_MS = 40_000;

/**
 * Follows a stream of server-sent events to its end: goes on after the last event whenever a response ends (where answers leave
 * in one piece, each ends after what there is) or a connection breaks, waiting longer each time that nobody answers.
 * @throws RefusedError where the server says no: the instance is gone, the key is not taken
 */
export const followStream = async (options: StreamOptions): Promise<void> => {
  const { open, onState, isOver, signal, wait = waitFor } = options;
  let lastEventId: string | undefined;
  let retryMs = RETRY_MS;
  let failures = 0;
  while (!signal.aborted) {
    const wasOver = isOver();
    let received = 0;
    // A parser for each response: half a message of a broken one must not run into the next.
    const parser = createSseParser();
    try {
      received = await readOnce(await open(lastEventId, signal), parser, options);
      failures = 0;
      if (wasOver && received === 0 && !signal.aborted) return onState('over');
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RefusedError && !isPassing(error)) throw error;
      failures += 1;
      onState('reconnecting');
    }
    lastEventId = parser.lastEventId ?? lastEventId;
    retryMs = parser.retryMs ?? retryMs;
    await wait(Math.min(MAX_BACK_OFF_MS, retryMs * 2 ** failures), signal);
  }
};

const isPassing = ({ problem }: RefusedError): boolean => problem.status >= 500 || problem.status === 429;

/** How many messages came. */
const readOnce = async (
  response: Response,
  parser: SseParser,
  { onMessages, onState, signal }: StreamOptions,
): Promise<number> => {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return 0;
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', stop);
  onState('live');
  let count = 0;
  try {
    for (;;) {
      const { value, done } = await withinMs(SILENCE_MS, reader.read());
      if (done) return count;
      const messages = parser.push(value);
      count += messages.length;
      if (messages.length > 0 && !signal.aborted) onMessages(messages);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
};

const withinMs = <T>(ms: number, promise: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream has been silent for too long')), ms);
  });
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
};

const waitFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
