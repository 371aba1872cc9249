import type { ExecutableBundle, Executor, Guest, GuestListener, GuestOptions, Inspection } from '../ports/executor.ts';
import type { FetchStart, TurnStart } from '../ports/turn-messages.ts';
import { ExecutorChild } from './executor-child.ts';

export interface SupervisorOptions {
  /** The script that sets up a context; made from `lib/guest`. */
  readonly prelude: string;
  /** Executor processes; one is enough for two cores. */
  readonly processes?: number;
  /** A process above this is killed and replaced, bytes. */
  readonly maxRssBytes?: number;
  /** A process says something each second; one that says nothing for so long is stuck, and replaced, ms. @default 15_000 */
  readonly silenceMs?: number;
}

const DEFAULT_MAX_RSS_BYTES = 3_000_000_000;
const DEFAULT_SILENCE_MS = 15_000;

/** Keeps executor processes alive, gives them turns, and kills those that do not behave. */
export class Supervisor implements Executor {
  readonly #options: Required<SupervisorOptions>;
  #children: ExecutorChild[] = [];
  #next = 0;
  #isClosed = false;

  constructor(options: SupervisorOptions) {
    this.#options = {
      processes: 1,
      maxRssBytes: DEFAULT_MAX_RSS_BYTES,
      silenceMs: DEFAULT_SILENCE_MS,
      ...options,
    };
    for (let index = 0; index < this.#options.processes; index++) this.#spawn();
  }

  /** Process ids of the executors, for tests that end one and for operators who look. */
  get pids(): readonly number[] {
    return this.#children.map((child) => child.pid);
  }

  start(options: GuestOptions, start: TurnStart | FetchStart, listener: GuestListener): Guest {
    return this.#pick().start(options, start, listener);
  }

  inspect(bundle: ExecutableBundle): Promise<Inspection> {
    return this.#pick().inspect(bundle);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#children.map((child) => child.close()));
  }

  #pick(): ExecutorChild {
    if (this.#isClosed) throw new Error('The executor is closed');
    this.#next = (this.#next + 1) % this.#children.length;
    return this.#children[this.#next] ?? this.#spawn();
  }

  #spawn(): ExecutorChild {
    const { prelude, maxRssBytes, silenceMs } = this.#options;
    const child = new ExecutorChild({
      prelude,
      maxRssBytes,
      silenceMs,
      onRetired: () => {
        this.#children = this.#children.filter((other) => other !== child);
        if (!this.#isClosed) this.#spawn();
      },
    });
    this.#children.push(child);
    return child;
  }
}
