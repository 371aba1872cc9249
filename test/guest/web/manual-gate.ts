import type { LogLevel, WebGate } from '../../../lib/guest/web/gate.ts';

interface Timer {
  readonly id: number;
  readonly at: number;
  readonly fire: () => void;
  readonly holdsTurn: boolean;
}

/** A gate whose time, chance and host are set by hand. It runs in Node and inside an isolate alike. */
export class ManualGate implements WebGate {
  time = 1_700_000_000_123;
  seed = 1;
  isQuiet = false;
  readonly logs: { level: LogLevel; text: string }[] = [];
  readonly reports: unknown[] = [];
  readonly calls: { binding: string; method: string; args: unknown[] }[] = [];
  timers: Timer[] = [];
  answer: (args: unknown[]) => Promise<unknown> = () => Promise.reject(new Error('no host'));
  #lastId = 0;

  now(): number {
    return this.time;
  }

  random(bytes: number): Uint8Array {
    return Uint8Array.from({ length: bytes }, () => Math.floor(this.randomFloat() * 256));
  }

  randomFloat(): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.seed / 2 ** 32;
  }

  setTimer(ms: number, fire: () => void, holdsTurn: boolean): number {
    this.#lastId += 1;
    this.timers.push({ id: this.#lastId, at: this.time + ms, fire, holdsTurn });
    return this.#lastId;
  }

  clearTimer(id: number): void {
    this.timers = this.timers.filter((timer) => timer.id !== id);
  }

  isLogging(): boolean {
    return !this.isQuiet;
  }

  log(level: LogLevel, text: string): void {
    this.logs.push({ level, text });
  }

  call(binding: string, method: string, args: unknown[]): Promise<unknown> {
    this.calls.push({ binding, method, args });
    return this.answer(args);
  }

  report(error: unknown): void {
    this.reports.push(error);
  }

  /** Lets time pass, fires what is due in its order, and drains microtasks after each. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (next === undefined) break;
      this.time = next.at;
      this.clearTimer(next.id);
      next.fire();
      await settled();
    }
    this.time = end;
    await settled();
  }
}

/** Long enough for chains of promises, without any timer. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined;
}
