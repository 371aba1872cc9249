import type { InstanceStore } from '../ports/instance-store.ts';
import type { Wake } from '../ports/wake-queue.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Params {
  readonly clock: VirtualClock;
  readonly instances: Pick<InstanceStore, 'findDue' | 'nextDueAt'>;
  readonly runner: { idle(): Promise<void>; wake(wake: Wake): void };
  /** What has gone wrong in the service itself. */
  readonly failure: () => unknown;
}

/** Due at a time; the rest comes with the next look. */
const PAGE = 500;

/**
 * Moves the clock. It stands still by itself: time goes on when a test waits for what has not come yet, or says so, and then
 * from one due moment to the next, each time when every turn has ended.
 */
export class VirtualTime {
  readonly #params: Params;

  constructor(params: Params) {
    this.#params = params;
  }

  /**
   * Goes on until `look` finds something. It is asked whenever all is at rest.
   * @param nothing the error for when nothing is due any more
   */
  async until<T>(look: () => Promise<{ readonly found: T } | undefined>, nothing: () => Promise<Error>): Promise<T> {
    for (;;) {
      await this.rest();
      const seen = await look();
      if (seen !== undefined) return seen.found;
      if (!(await this.#jump(Number.POSITIVE_INFINITY))) throw await nothing();
    }
  }

  /** Goes on to that moment, through everything that is due before. */
  async goOnTo(at: number): Promise<void> {
    for (;;) {
      await this.rest();
      if (await this.#jump(at)) continue;
      this.#params.clock.goOnTo(at);
      return;
    }
  }

  /** When no turn is at work any more. @throws what has failed meanwhile in the service */
  async rest(): Promise<void> {
    await this.#params.runner.idle();
    const failure = this.#params.failure();
    if (failure !== undefined) throw failure;
  }

  /** To the next due moment; `false`: there is none up to then. */
  async #jump(upTo: number): Promise<boolean> {
    const { clock, instances, runner } = this.#params;
    const at = await instances.nextDueAt();
    if (at === undefined || at > upTo) return false;
    clock.goOnTo(at);
    for (const key of await instances.findDue({ now: clock.now(), limit: PAGE })) runner.wake({ key });
    return true;
  }
}
