import { SECOND_MS } from '../../core/limits.ts';
import type { ChangeWatch } from '../../ports/change-watch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';

/** The first look comes after this, each further one half as much later again, up to the last. */
const FIRST_LOOK_MS = 100;
const GROWTH = 1.5;
const LAST_LOOK_MS = SECOND_MS;

/** What a change is told by. */
export interface Look {
  /** Another one after each change. */
  readonly mark: string;
  /** Nothing more will come: whoever waits for the end has missed it. */
  readonly isFinal: boolean;
}

interface Wait {
  readonly until: number;
  readonly end: () => void;
}

/**
 * For many processes that hear nothing of each other: looks at the row again and again while somebody waits. A change that
 * this process announces ends the wait at once. All waits for one instance share its looks.
 */
export class PollingChangeWatch implements ChangeWatch {
  readonly #look: (key: InstanceKey) => Promise<Look | undefined>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #watched = new Map<string, Watched>();
  #isClosed = false;

  /** `look`: strongly consistent; `undefined`: there is no such instance, and it is not looked for again. */
  constructor(params: {
    readonly look: (key: InstanceKey) => Promise<Look | undefined>;
    readonly clock: Clock;
    readonly onError: (error: unknown) => void;
  }) {
    this.#look = params.look;
    this.#clock = params.clock;
    this.#onError = params.onError;
  }

  changed(key: InstanceKey, until: number): Promise<void> {
    if (this.#isClosed || until <= this.#clock.now()) return Promise.resolve();
    const name = nameOf(key);
    let watched = this.#watched.get(name);
    if (watched === undefined) {
      watched = new Watched(
        () => this.#look(key),
        this.#clock,
        this.#onError,
        () => this.#watched.delete(name),
      );
      this.#watched.set(name, watched);
    }
    return watched.wait(until);
  }

  announce(key: InstanceKey): void {
    this.#watched.get(nameOf(key))?.endAll();
  }

  /** How many instances are looked at. */
  get size(): number {
    return this.#watched.size;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends every wait, so that a process that stops keeps no timer and lets its long polls answer. */
  close(): void {
    this.#isClosed = true;
    for (const watched of [...this.#watched.values()]) watched.endAll();
  }
}

/** One instance that somebody waits for. Gone with the last wait. */
class Watched {
  readonly #look: () => Promise<Look | undefined>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #onEmpty: () => void;
  readonly #waits = new Set<Wait>();
  #mark: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    look: () => Promise<Look | undefined>,
    clock: Clock,
    onError: (error: unknown) => void,
    onEmpty: () => void,
  ) {
    this.#look = look;
    this.#clock = clock;
    this.#onError = onError;
    this.#onEmpty = onEmpty;
    void this.#lookNow(FIRST_LOOK_MS);
  }

  wait(until: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#end(wait), until - this.#clock.now());
      const wait: Wait = {
        until,
        end: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waits.add(wait);
    });
  }

  endAll(): void {
    for (const wait of [...this.#waits]) this.#end(wait);
  }

  #end(wait: Wait): void {
    this.#waits.delete(wait);
    wait.end();
    if (this.#waits.size > 0) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#onEmpty();
  }

  async #lookNow(nextMs: number): Promise<void> {
    try {
      const look = await this.#look();
      if (this.#isOver) return;
      const hasChanged = this.#mark !== undefined && look?.mark !== this.#mark;
      if (hasChanged || look?.isFinal === true) return this.endAll();
      if (look === undefined) return;
      this.#mark = look.mark;
    } catch (error) {
      this.#onError(error);
    }
    if (this.#isOver) return;
    this.#timer = setTimeout(() => void this.#lookNow(Math.min(nextMs * GROWTH, LAST_LOOK_MS)), nextMs);
  }
}

const nameOf = ({ tenant, workflow, id }: InstanceKey): string => `${tenant}/${workflow}/${id}`;
