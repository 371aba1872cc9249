import type { Clock } from '../ports/clock.ts';

/** Time by hand, epoch ms. It never goes back. */
export class VirtualClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  goOnTo(at: number): void {
    this.#now = Math.max(this.#now, at);
  }
}
