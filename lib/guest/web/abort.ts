import { DOMException } from './dom-exception.ts';
import { Event, EventTarget } from './event.ts';
import { gate } from './gate.ts';

const creation = Symbol('only by AbortController and the static methods');

let abortSignal: (signal: AbortSignal, reason: unknown) => void;
let follow: (signal: AbortSignal, source: AbortSignal) => void;

/** https://dom.spec.whatwg.org/#interface-AbortSignal */
export class AbortSignal extends EventTarget {
  #isAborted = false;
  #reason: unknown;
  #handler: ((event: Event) => unknown) | null = null;
  /** Signals made by `any` of this one; aborted right after it, before any listener of theirs can see a mixed state. */
  #dependents: AbortSignal[] = [];
  #sources: AbortSignal[] | undefined;

  static {
    abortSignal = (signal, reason) => signal.#abort(reason);
    follow = (signal, source) => {
      signal.#sources ??= [];
      // A signal made by `any` is only a way to its own sources.
      for (const origin of source.#sources ?? [source]) {
        signal.#sources.push(origin);
        origin.#dependents.push(signal);
      }
    };
  }

  constructor(key: typeof creation) {
    if (key !== creation) throw new TypeError('Illegal constructor');
    super();
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(creation);
    abortSignal(signal, reason);
    return signal;
  }

  static timeout(ms: number): AbortSignal {
    const delay = Math.trunc(Number(ms));
    if (!(delay >= 0 && delay <= Number.MAX_SAFE_INTEGER)) {
      throw new TypeError('AbortSignal.timeout takes a number of milliseconds, 0 or more.');
    }
    const signal = new AbortSignal(creation);
    const fire = () =>
      abortSignal(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    gate().setTimer(delay, fire, false);
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const all = [...signals];
    if (!all.every((each) => each instanceof AbortSignal)) throw new TypeError('AbortSignal.any takes signals only.');
    const aborted = all.find((each) => each.aborted);
    if (aborted !== undefined) return AbortSignal.abort(aborted.reason);
    const signal = new AbortSignal(creation);
    for (const source of all) follow(signal, source);
    signal.#sources ??= [];
    return signal;
  }

  get aborted(): boolean {
    return this.#isAborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#isAborted) throw this.#reason;
  }

  get onabort(): ((event: Event) => unknown) | null {
    return this.#handler;
  }

  set onabort(handler: ((event: Event) => unknown) | null) {
    if (this.#handler === null) this.addEventListener('abort', (event) => this.#handler?.call(this, event));
    this.#handler = typeof handler === 'function' ? handler : null;
  }

  #abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
    const dependents = this.#dependents.filter((dependent) => !dependent.#isAborted);
    this.#dependents = [];
    for (const dependent of dependents) {
      dependent.#isAborted = true;
      dependent.#reason = this.#reason;
    }
    this.dispatchEvent(new Event('abort'));
    for (const dependent of dependents) dependent.dispatchEvent(new Event('abort'));
  }

  override get [Symbol.toStringTag](): string {
    return 'AbortSignal';
  }
}

export class AbortController {
  readonly signal: AbortSignal = new AbortSignal(creation);

  abort(reason?: unknown): void {
    abortSignal(this.signal, reason);
  }

  get [Symbol.toStringTag](): string {
    return 'AbortController';
  }
}
