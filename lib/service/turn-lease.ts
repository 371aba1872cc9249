import { LEASE_MS, LEASE_RENEWAL_MS } from '../core/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { InstanceStore, Summary } from '../ports/instance-store.ts';
import type { Timer } from '../ports/timer.ts';

interface Needs {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly instances: Pick<InstanceStore, 'renew'>;
  /** What is held as long as the lease is: renewed before it. `false`: it is lost, and the lease with it. */
  readonly renewFirst: (until: number) => Promise<boolean>;
}

/** The lease of one turn: renewed while the turn is at work, and asked for again where it may have run out. */
export class TurnLease {
  readonly owner: string;
  readonly #needs: Needs;
  readonly #summary: Summary;
  #heldUntil: number;
  #cancel: () => void = () => {};

  /** `summary` is as claimed. */
  constructor(needs: Needs, summary: Summary) {
    this.#needs = needs;
    this.#summary = summary;
    this.owner = summary.lease?.owner ?? '';
    this.#heldUntil = summary.lease?.until ?? 0;
  }

  /** Until when it is ours for certain, epoch ms. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  /** A process that stood still may have lost it without a word: asked before anything is written or leaves (E3). */
  async isHeld(): Promise<boolean> {
    // The process may stand still during a renewal too, and hear of it only when that one has run out again.
    while (this.#needs.clock.now() >= this.#heldUntil) if (!(await this.#renew())) return false;
    return true;
  }

  /** From now on, until `end()`. `inTurn`: does what it is given between the turn's other actions. */
  keep(inTurn: (action: () => Promise<void>) => void, onLost: () => void): void {
    this.#cancel = this.#needs.timer.after(LEASE_RENEWAL_MS, () => {
      inTurn(async () => {
        if (!(await this.#renew())) return onLost();
        this.keep(inTurn, onLost);
      });
    });
  }

  end(): void {
    this.#cancel();
  }

  async #renew(): Promise<boolean> {
    const { tenant, workflow, id, incarnation } = this.#summary;
    const lease = { owner: this.owner, until: this.#needs.clock.now() + LEASE_MS };
    if (!(await this.#needs.renewFirst(lease.until))) return false;
    const isOurs = await this.#needs.instances.renew({ key: { tenant, workflow, id }, incarnation, lease });
    if (isOurs) this.#heldUntil = lease.until;
    return isOurs;
  }
}
