import type { ChangeWatch } from '../../ports/change-watch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';

/** The longest delay a timer takes. */
const MAX_TIMER_MS = 2_147_483_647;

/** For one process. Holds a listener and a timer for each wait under way, and nothing for an instance nobody watches. */
export class MemoryChangeWatch implements ChangeWatch {
  readonly #clock: Clock;
  readonly #listeners = new Map<string, Set<() => void>>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  changed(key: InstanceKey, until: number): Promise<void> {
    const delayMs = until - this.#clock.now();
    if (delayMs <= 0 || this.#isClosed) return Promise.resolve();
    const name = nameOf(key);
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          const listeners = this.#listeners.get(name);
          listeners?.delete(listener);
          if (listeners?.size === 0) this.#listeners.delete(name);
          resolve();
        },
        Math.min(delayMs, MAX_TIMER_MS),
      );
      const listener = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const listeners = this.#listeners.get(name);
      if (listeners === undefined) this.#listeners.set(name, new Set([listener]));
      else listeners.add(listener);
    });
  }

  announce(key: InstanceKey): void {
    const name = nameOf(key);
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    this.#listeners.delete(name);
    for (const listener of listeners) listener();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How many waits are under way. */
  get size(): number {
    let size = 0;
    for (const listeners of this.#listeners.values()) size += listeners.size;
    return size;
  }

  /** Ends every wait, so that a server that stops keeps no timer and lets its long polls answer. */
  close(): void {
    this.#isClosed = true;
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener();
    this.#listeners.clear();
  }
}

/** None of the three can hold a slash. */
const nameOf = (key: InstanceKey): string => `${key.tenant}/${key.workflow}/${key.id}`;
