/** One message of `text/event-stream`; `data` is as it was sent, its lines joined. */
export interface StreamMessage {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

export interface SseParser {
  /** What a piece of the stream completes, wherever it was cut. */
  push(text: string): readonly StreamMessage[];
  /** Of the last message that had one: where a new stream goes on. */
  readonly lastEventId: string | undefined;
  /** How long to wait before the next try, as the server has asked, ms. */
  readonly retryMs: number | undefined;
}

/** A `\r` at the very end may be half of a `\r\n`: it ends a line only when something else follows. */
const LINE_END = /\r\n|\n|\r(?=[\s\S])/;

/** Reads a stream by the rules of the HTML standard. What is not complete when the stream ends is no message. */
export const createSseParser = (): SseParser => {
  let rest = '';
  let isAtStart = true;
  /** As the field says it, and as it holds since the last message that was complete. */
  let id: string | undefined;
  let lastEventId: string | undefined;
  let retryMs: number | undefined;
  let event = '';
  let data: string[] = [];

  const takeField = (name: string, value: string): void => {
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
  };

  const takeLine = (line: string): StreamMessage | undefined => {
    if (line !== '') {
      const colon = line.indexOf(':');
      if (colon === -1) takeField(line, '');
      else if (colon > 0) takeField(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
      return undefined;
    }
    lastEventId = id;
    const message = data.length === 0 ? undefined : { id, event: event || 'message', data: data.join('\n') };
    event = '';
    data = [];
    return message;
  };

  return {
    push: (text) => {
      const lines = `${rest}${isAtStart ? text.replace(/^\uFEFF/, '') : text}`.split(LINE_END);
      isAtStart &&= text === '';
      rest = lines.pop() ?? '';
      return lines.map(takeLine).filter((message) => message !== undefined);
    },
    get lastEventId() {
      return lastEventId;
    },
    get retryMs() {
      return retryMs;
    },
  };
};
