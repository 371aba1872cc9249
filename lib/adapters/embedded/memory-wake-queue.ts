import type { Clock } from '../../ports/clock.ts';
import type { InstanceStore } from '../../ports/instance-store.ts';
import type { Wake, WakeQueue } from '../../ports/wake-queue.ts';

const PAGE = 500;
/** Looked at in any case this often: what a clock that was set, or a lease that ran out, has made due. */
const SWEEP_MS = 10_000;
/** While more is due than one page, the next is read after this, so that turns get their share of the processor. */
const NEXT_PAGE_MS = 20;

/**
 * Wake-ups in one process: at once by a call, later by one timer for the earliest `wakeAt` in the store. Nothing is held for
 * an instance that sleeps: a million sleepers cost a million rows and one timer.
 */
export class MemoryWakeQueue implements WakeQueue {
  readonly #instances: Pick<InstanceStore, 'findDue' | 'nextDueAt'>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #consume: ((wake: Wake) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(params: {
    readonly instances: Pick<InstanceStore, 'findDue' | 'nextDueAt'>;
    readonly clock: Clock;
    readonly onError: (error: unknown) => void;
  }) {
    this.#instances = params.instances;
    this.#clock = params.clock;
    this.#onError = params.onError;
  }

  /** From now on due instances go to `consume`; what was due while nobody listened comes first. */
  start(consume: (wake: Wake) => void): void {
    this.#consume = consume;
    this.#arm(this.#clock.now());
  }

  stop(): void {
    this.#consume = undefined;
    clearTimeout(this.#timer);
  }

  async wake(wake: Wake): Promise<void> {
    if (wake.at === undefined || wake.at <= this.#clock.now()) this.#consume?.(wake);
    else this.#arm(wake.at);
  }

  #arm(at: number): void {
    if (this.#consume === undefined || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    // No further than to the next look in any case: a timer counts in 32 bits, and a sleep may last a year.
    const delayMs = Math.min(Math.max(0, at - this.#clock.now()), SWEEP_MS);
    this.#timer = setTimeout(() => void this.#sweep(), delayMs);
  }

  async #sweep(): Promise<void> {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    let next = now + SWEEP_MS;
    try {
      const due = await this.#instances.findDue({ now, limit: PAGE });
      for (const key of due) this.#consume?.({ key });
      if (due.length === PAGE) next = now + NEXT_PAGE_MS;
      else {
        const dueAt = await this.#instances.nextDueAt();
        // What is due and was handed over stays due until its turn has claimed it.
        if (dueAt !== undefined) next = Math.min(next, Math.max(dueAt, now + NEXT_PAGE_MS));
      }
    } catch (error) {
      this.#onError(error);
    }
    this.#arm(next);
  }
}
