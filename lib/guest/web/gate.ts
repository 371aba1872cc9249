/**
 * The only door of the web globals to the outside of their isolate. Whoever sets up the guest implements it and decides by
 * owner (`run()` or one attempt) what time and randomness mean.
 */
export interface WebGate {
  /** Epoch ms, real or replayed. */
  now(): number;
  /** As many random bytes as asked for, real or seeded. */
  random(bytes: number): Uint8Array;
  /** A number from 0 inclusive to 1 exclusive, real or seeded: what `Math.random` gives. */
  randomFloat(): number;
  /**
   * Calls `fire` once after `ms` (whole, 0 or more). `holdsTurn` is false for a deadline (`AbortSignal.timeout`) that nobody
   * waits for by itself: a turn may end while one is pending. May throw where a timer of that length is not allowed.
   */
  setTimer(ms: number, fire: () => void, holdsTurn: boolean): number;
  clearTimer(id: number): void;
  /** False while logs are suppressed, so that nothing is formatted for nobody. */
  isLogging(): boolean;
  /** `text` is formatted and unbounded. */
  log(level: LogLevel, text: string): void;
  /** A host call with structured values. */
  call(binding: string, method: string, args: unknown[]): Promise<unknown>;
  /** An error that no tenant code can catch: thrown by a timer, a microtask or an event listener. */
  report(error: unknown): void;
}

export type LogLevel = 'debug' | 'log' | 'info' | 'warn' | 'error';

let current: WebGate | undefined;
const resets: (() => void)[] = [];

/** One gate per context: the prelude is evaluated anew in each. */
export function setGate(gate: WebGate): void {
  current = gate;
}

export function gate(): WebGate {
  if (current === undefined) throw new Error('The web globals are used before they are installed.');
  return current;
}

/** For a module that counts. */
export function resetEachTurn(reset: () => void): void {
  resets.push(reset);
}

/** See `beginTurn` of `install.ts`. */
export function beginTurn(): void {
  for (const reset of resets) reset();
}
