import { MAX_REQUEST_LOG_CHARS } from '../core/limits.ts';
import type { ErrorData, LogLine } from '../core/records.ts';
import type { RequestLogEntry } from '../ports/request-log.ts';
import type { GuestMessage } from '../ports/turn-messages.ts';

/** What `default.fetch` says while it answers one request, as much as is kept of it. */
export class RequestSaid {
  /** Epoch ms. */
  readonly #at: number;
  readonly #lines: LogLine[] = [];
  #room = MAX_REQUEST_LOG_CHARS;
  #dropped = 0;
  #error: ErrorData | undefined;

  constructor(at: number) {
    this.#at = at;
  }

  add({ lines, dropped }: Extract<GuestMessage, { kind: 'logs' }>): void {
    this.#dropped += dropped;
    for (const line of lines) {
      if (line.message.length > this.#room) this.#dropped += 1;
      else this.#lines.push(line);
      this.#room = Math.max(0, this.#room - line.message.length);
    }
  }

  fail(error: ErrorData): void {
    const { name, message, stack } = error;
    this.#error = { name, message: clipped(message), ...(stack !== undefined && { stack: clipped(stack) }) };
  }

  /** `undefined`: it has said nothing, and nothing has gone wrong. */
  entry(request: Omit<RequestLogEntry, 'at' | 'lines' | 'error'>): RequestLogEntry | undefined {
    const lines = [...this.#lines];
    if (this.#dropped > 0) {
      const message = `${this.#dropped} ${this.#dropped === 1 ? 'line was' : 'lines were'} dropped: a request keeps 1,000 and 64 KiB`;
      lines.push({ at: this.#lines.at(-1)?.at ?? this.#at, level: 'warn', message });
    }
    if (lines.length === 0 && this.#error === undefined) return undefined;
    return { ...request, at: this.#at, lines, ...(this.#error !== undefined && { error: this.#error }) };
  }
}

const MAX_ERROR_CHARS = 8_192;
const clipped = (text: string): string => (text.length > MAX_ERROR_CHARS ? `${text.slice(0, MAX_ERROR_CHARS)}…` : text);
