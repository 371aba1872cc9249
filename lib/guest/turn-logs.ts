import type { LogLine } from '../core/records.ts';
import { MAX_LOG_LINE_CHARS, MAX_TURN_LOG_CHARS, MAX_TURN_LOG_LINES } from '../core/replay/budget.ts';
import type { GuestMessage } from '../ports/turn-messages.ts';
import type { Owner } from './attempt.ts';
import type { TurnHost } from './turn-host.ts';

/** Lines that gather go out with this many, or after this long at the next line. */
const SEND_LINES = 64;
const SEND_AFTER_MS = 500;

interface TurnLogsParams {
  readonly post: (message: GuestMessage) => void;
  /** Epoch ms, real. */
  readonly now: () => number;
}

/** What tenant code says in one turn: bounded, and sent before whatever is posted next, so that it stands where it was said. */
export class TurnLogs {
  readonly #params: TurnLogsParams;
  #lines: LogLine[] = [];
  #dropped = 0;
  #count = 0;
  #chars = 0;
  #sentAt = 0;

  constructor(params: TurnLogsParams) {
    this.#params = params;
  }

  add(owner: Owner, level: LogLine['level'], text: string): void {
    const message = text.length > MAX_LOG_LINE_CHARS ? `${text.slice(0, MAX_LOG_LINE_CHARS)}…` : text;
    this.#count += 1;
    this.#chars += message.length;
    if (this.#count > MAX_TURN_LOG_LINES || this.#chars > MAX_TURN_LOG_CHARS) {
      this.#dropped += 1;
      return;
    }
    const at = this.#params.now();
    const { key, number } =
      owner.kind === 'attempt' ? { key: owner.attempt.call.key, number: owner.attempt.number } : {};
    const of = key === undefined ? {} : { step: { name: key.name, count: key.count }, attempt: number };
    this.#lines.push({ at, level, message, ...of } as LogLine);
    if (this.#lines.length >= SEND_LINES || at - this.#sentAt >= SEND_AFTER_MS) this.send();
  }

  send(): void {
    if (this.#lines.length === 0 && this.#dropped === 0) return;
    const [lines, dropped] = [this.#lines, this.#dropped];
    this.#lines = [];
    this.#dropped = 0;
    this.#sentAt = this.#params.now();
    this.#params.post({ kind: 'logs', lines, dropped });
  }
}

/** The same host; what was said before a message goes before it. */
export const sayingFirst = (logs: TurnLogs, host: TurnHost): TurnHost => ({
  now: () => host.now(),
  post: (message) => {
    logs.send();
    host.post(message);
  },
  setAlarm: (at) => host.setAlarm(at),
  postEntry: () => host.postEntry(),
  makeToken: (prefix) => host.makeToken(prefix),
  mapStack: (stack) => host.mapStack(stack),
});
