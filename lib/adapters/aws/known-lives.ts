import { HOUR_MS, SECOND_MS } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstanceKey, Lease } from '../../ports/instance-store.ts';

/** Lives remembered at a time: a few hundred bytes each. */
const MAX_LIVES = 20_000;
/** Well below the time for which a closed life's end stays taken. */
const FORGET_AFTER_MS = HOUR_MS;
/** Clocks of two machines may differ by this much. */
const CLOCK_SKEW_MS = 5 * SECOND_MS;

interface Known {
  /** Records that the journal holds at least; a batch ends here. */
  end: number;
  lease: Lease | undefined;
  at: number;
}

/**
 * What this process has seen of lives that it works on, so that an append need not look before it writes. Nothing here can
 * be wrong, only old: a journal grows at its end alone, so whoever puts a row where one once ended either is the first
 * there or is refused; and a lease that has time left can have been taken by a control call only, which takes that place too.
 */
export class KnownLives {
  readonly #clock: Clock;
  readonly #lives = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Records that the journal is known to hold; `undefined`: nothing is known of this life. */
  endOf(key: InstanceKey, incarnation: string): number | undefined {
    return this.#find(key, incarnation)?.end;
  }

  /** Nobody else can have claimed since `owner` did. */
  isHeldBy(key: InstanceKey, incarnation: string, owner: string): boolean {
    const lease = this.#find(key, incarnation)?.lease;
    return lease?.owner === owner && this.#clock.now() + CLOCK_SKEW_MS < lease.until;
  }

  saw(key: InstanceKey, incarnation: string, end: number): void {
    const known = this.#find(key, incarnation);
    if (known === undefined) this.#add(key, incarnation, end);
    else {
      known.end = Math.max(known.end, end);
      known.at = this.#clock.now();
    }
  }

  /** Of a life whose journal's end is known; without that a lease alone saves nothing. `undefined`: it is free. */
  sawLease(key: InstanceKey, incarnation: string, lease: Lease | undefined): void {
    const known = this.#find(key, incarnation);
    if (known !== undefined) known.lease = lease;
  }

  forget(key: InstanceKey, incarnation: string): void {
    this.#lives.delete(nameOf(key, incarnation));
  }

  #find(key: InstanceKey, incarnation: string): Known | undefined {
    const known = this.#lives.get(nameOf(key, incarnation));
    return known !== undefined && this.#clock.now() - known.at < FORGET_AFTER_MS ? known : undefined;
  }

  #add(key: InstanceKey, incarnation: string, end: number): void {
    const name = nameOf(key, incarnation);
    this.#lives.delete(name);
    this.#lives.set(name, { end, lease: undefined, at: this.#clock.now() });
    if (this.#lives.size <= MAX_LIVES) return;
    // The one that came first; whoever still works on it looks again.
    for (const oldest of this.#lives.keys()) {
      this.#lives.delete(oldest);
      return;
    }
  }
}

const nameOf = ({ tenant, workflow, id }: InstanceKey, incarnation: string): string =>
  `${tenant}/${workflow}/${id}/${incarnation}`;
