import type { LogLevel } from '../core/records.ts';
import type { FetchStart, HostMessage } from '../ports/turn-messages.ts';
import type { Owner } from './attempt.ts';
import type { Deferred } from './deferred.ts';
import { WorkflowFatalError } from './errors.ts';
import { HostCalls } from './host-calls.ts';
import { Timers } from './timers.ts';
import type { TurnHost } from './turn-host.ts';
import { sayingFirst, TurnLogs } from './turn-logs.ts';
import { text } from './values.ts';

type FetchHandler = (request: Request) => unknown;

const OWNER: Owner = { kind: 'request' };

/** One HTTP request for `default.fetch`: no journal, no replay; time and randomness are real. */
export class RequestTurn {
  readonly owner = OWNER;
  readonly isDeterministic = false;
  readonly #host: TurnHost;
  readonly #logs: TurnLogs;
  readonly #calls = new HostCalls();
  readonly #timers = new Timers();
  readonly #entries: (() => void)[] = [];
  #isOver = false;
  #isEntryPosted = false;

  constructor(host: TurnHost) {
    this.#logs = new TurnLogs({ post: (message) => host.post(message), now: () => host.now() });
    this.#host = sayingFirst(this.#logs, host);
  }

  begin(start: FetchStart, makeHandler: () => FetchHandler): void {
    this.#push(() => {
      this.#answer(start, makeHandler).catch((error: unknown) => this.#fail(error));
    });
  }

  async #answer(start: FetchStart, makeHandler: () => FetchHandler): Promise<void> {
    const { method, url, headers, body } = start.request;
    const request = new Request(url, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      ...(body === undefined ? {} : { body: fromBase64(body) }),
    });
    const response = (await makeHandler()(request)) as Response;
    if (!(response instanceof Response)) throw new TypeError('default.fetch must give a Response');
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.setAlarm(undefined);
    this.#host.post({
      kind: 'response',
      status: response.status,
      headers: [...response.headers].map(([name, value]) => [name, value] as const),
      ...(bytes.length === 0 ? {} : { body: toBase64(bytes) }),
    });
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.setAlarm(undefined);
    const stack = text(() => (error as Error).stack, '');
    this.#host.post({
      kind: 'fetch_failed',
      error: {
        name: text(() => (error as Error).name, 'Error'),
        message: text(() => (error as Error).message, 'default.fetch failed'),
        ...(stack === '' ? {} : { stack: this.#host.mapStack(stack) }),
      },
    });
  }

  now(): number {
    return this.#host.now();
  }

  /** What is said behind the answer has nobody to go to. */
  get isLogging(): boolean {
    return !this.#isOver;
  }

  log(level: LogLevel, line: string): void {
    this.#logs.add(OWNER, level, line);
  }

  setTimer(ms: number, fire: () => void, holdsTurn: boolean): number {
    const id = this.#timers.set({ at: this.#host.now() + ms, owner: OWNER, fire, holdsTurn });
    this.#host.setAlarm(this.#timers.nextAt());
    return id;
  }

  clearTimer(id: number): void {
    this.#timers.clear(id);
    this.#host.setAlarm(this.#timers.nextAt());
  }

  call(binding: string, method: string, args: readonly unknown[]): Promise<unknown> {
    return this.#calls.make(
      OWNER,
      { binding, method, args },
      (call) => this.#host.post(call),
      () => [],
    );
  }

  defer(): Deferred {
    throw new WorkflowFatalError(
      'A deferred result was asked for outside a step: default.fetch has none to leave open',
    );
  }

  onMessage(message: HostMessage): void {
    if (message.kind !== 'answer') return;
    const entry = this.#calls.entryFor(message);
    if (entry !== undefined) this.#push(entry.enter);
  }

  onAlarm(): void {
    for (const { fire } of this.#timers.takeDue(this.#host.now())) this.#push(fire);
    this.#host.setAlarm(this.#timers.nextAt());
  }

  onEntry(): void {
    this.#isEntryPosted = false;
    const enter = this.#entries.shift();
    if (enter === undefined || this.#isOver) return;
    if (this.#entries.length > 0) this.#postEntry();
    enter();
  }

  #push(enter: () => void): void {
    this.#entries.push(enter);
    this.#postEntry();
  }

  #postEntry(): void {
    if (this.#isEntryPosted) return;
    this.#isEntryPosted = true;
    this.#host.postEntry();
  }
}

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

const toBase64 = (bytes: Uint8Array): string => {
  let text = '';
  for (let index = 0; index < bytes.length; index += 8192) {
    text += String.fromCharCode(...bytes.subarray(index, index + 8192));
  }
  return btoa(text);
};
