import { DOMException } from './dom-exception.ts';
import { gate } from './gate.ts';

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

interface EventState {
  target: EventTarget | null;
  currentTarget: EventTarget | null;
  phase: number;
  isDispatching: boolean;
  isStopped: boolean;
  isStoppedAtOnce: boolean;
  isCanceled: boolean;
  inPassiveListener: boolean;
}

let stateOf: (event: Event) => EventState;

/** https://dom.spec.whatwg.org/#interface-event, where every target stands alone: there is no tree to bubble through. */
export class Event {
  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;

  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly timeStamp: number;
  readonly isTrusted = false;
  readonly #state: EventState = {
    target: null,
    currentTarget: null,
    phase: 0,
    isDispatching: false,
    isStopped: false,
    isStoppedAtOnce: false,
    isCanceled: false,
    inPassiveListener: false,
  };

  static {
    stateOf = (event) => event.#state;
  }

  constructor(type: string, init: EventInit = {}) {
    if (type === undefined) throw new TypeError('An event needs a type.');
    this.type = `${type}`;
    this.bubbles = Boolean(init?.bubbles);
    this.cancelable = Boolean(init?.cancelable);
    this.composed = Boolean(init?.composed);
    this.timeStamp = gate().now();
  }

  get target(): EventTarget | null {
    return this.#state.target;
  }

  get srcElement(): EventTarget | null {
    return this.#state.target;
  }

  get currentTarget(): EventTarget | null {
    return this.#state.currentTarget;
  }

  get eventPhase(): number {
    return this.#state.phase;
  }

  get defaultPrevented(): boolean {
    return this.#state.isCanceled;
  }

  get returnValue(): boolean {
    return !this.#state.isCanceled;
  }

  get cancelBubble(): boolean {
    return this.#state.isStopped;
  }

  set cancelBubble(isStopped: boolean) {
    if (isStopped) this.#state.isStopped = true;
  }

  composedPath(): EventTarget[] {
    return this.#state.currentTarget === null ? [] : [this.#state.currentTarget];
  }

  preventDefault(): void {
    if (this.cancelable && !this.#state.inPassiveListener) this.#state.isCanceled = true;
  }

  stopPropagation(): void {
    this.#state.isStopped = true;
  }

  stopImmediatePropagation(): void {
    this.#state.isStopped = true;
    this.#state.isStoppedAtOnce = true;
  }

  get [Symbol.toStringTag](): string {
    return 'Event';
  }
}

export class CustomEvent extends Event {
  readonly detail: unknown;

  constructor(type: string, init: EventInit & { detail?: unknown } = {}) {
    super(type, init);
    this.detail = init?.detail ?? null;
  }

  override get [Symbol.toStringTag](): string {
    return 'CustomEvent';
  }
}

export type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void };
}

interface Registration {
  readonly type: string;
  readonly listener: Listener;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  isRemoved: boolean;
}

export class EventTarget {
  #registrations: Registration[] = [];

  addEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void {
    const chosen = typeof options === 'object' && options !== null ? options : { capture: Boolean(options) };
    if (listener === null || listener === undefined) return;
    if (typeof listener !== 'function' && typeof listener !== 'object') {
      throw new TypeError('A listener is a function or an object with handleEvent.');
    }
    if (chosen.signal?.aborted) return;
    const key = `${type}`;
    const capture = Boolean(chosen.capture);
    if (this.#find(key, listener, capture) !== undefined) return;
    const once = Boolean(chosen.once);
    // Replaced and never changed in place: a dispatch goes on over the list that it began with.
    this.#registrations = [
      ...this.#registrations,
      { type: key, listener, capture, once, passive: Boolean(chosen.passive), isRemoved: false },
    ];
    chosen.signal?.addEventListener('abort', () => this.removeEventListener(key, listener, { capture }));
  }

  removeEventListener(type: string, listener: Listener | null, options?: boolean | { capture?: boolean }): void {
    const capture = Boolean(typeof options === 'object' && options !== null ? options.capture : options);
    const found = listener === null ? undefined : this.#find(`${type}`, listener, capture);
    if (found === undefined) return;
    found.isRemoved = true;
    this.#registrations = this.#registrations.filter((registration) => registration !== found);
  }

  dispatchEvent(event: Event): boolean {
    if (!(event instanceof Event)) throw new TypeError('dispatchEvent takes an Event.');
    const state = stateOf(event);
    if (state.isDispatching) {
      throw new DOMException('The event is already being dispatched.', 'InvalidStateError');
    }
    state.isDispatching = true;
    state.target = this;
    state.currentTarget = this;
    state.phase = Event.AT_TARGET;
    const registrations = this.#registrations;
    for (const wantsCapture of [true, false]) {
      if (state.isStopped) break;
      for (const registration of registrations) {
        if (registration.type !== event.type || registration.capture !== wantsCapture || registration.isRemoved)
          continue;
        if (registration.once) this.removeEventListener(event.type, registration.listener, registration.capture);
        this.#call(registration, event, state);
        if (state.isStoppedAtOnce) break;
      }
    }
    state.isDispatching = false;
    state.isStopped = false;
    state.isStoppedAtOnce = false;
    state.currentTarget = null;
    state.phase = Event.NONE;
    return !state.isCanceled;
  }

  #call({ listener, passive }: Registration, event: Event, state: EventState): void {
    state.inPassiveListener = passive;
    try {
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
    } catch (error) {
      gate().report(error);
    }
    state.inPassiveListener = false;
  }

  #find(type: string, listener: Listener, capture: boolean): Registration | undefined {
    return this.#registrations.find(
      (registration) =>
        registration.type === type && registration.listener === listener && registration.capture === capture,
    );
  }

  get [Symbol.toStringTag](): string {
    return 'EventTarget';
  }
}

for (const [name, value] of Object.entries({ NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 })) {
  Object.defineProperty(Event.prototype, name, { value, enumerable: true });
}
