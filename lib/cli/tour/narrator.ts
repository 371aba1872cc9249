import { setTimeout as sleep } from 'node:timers/promises';
import { painter, type Terminal } from '../terminal.ts';

/** What a person reads in a second, about. */
const CHARS_PER_S = 17;
/** For a picture. */
const LOOK_MS = 6_000;

/** Tells the tour, at the speed of reading. */
export class Narrator {
  readonly #terminal: Terminal;
  readonly #isFast: boolean;
  readonly #signal: AbortSignal;

  /** `isFast`: without pauses. */
  constructor(terminal: Terminal, params: { readonly isFast: boolean; readonly signal: AbortSignal }) {
    this.#terminal = terminal;
    this.#isFast = params.isFast;
    this.#signal = params.signal;
  }

  act(title: string): void {
    this.#terminal.print(`\n${painter(this.#terminal.isColoured)('bold', title)}`);
  }

  /** @throws AbortError where the tour was stopped */
  async say(text: string): Promise<void> {
    this.#terminal.print(`  ${text}`);
    await this.#pause((text.length / CHARS_PER_S) * 1_000);
  }

  /** Several lines as they are. @throws AbortError */
  async show(text: string): Promise<void> {
    this.#terminal.print(text.replace(/^(?=.)/gm, '    '));
    await this.#pause(LOOK_MS);
  }

  async #pause(ms: number): Promise<void> {
    if (!this.#isFast) await sleep(ms, undefined, { signal: this.#signal });
    this.#signal.throwIfAborted();
  }
}
