import { MINUTE_MS, SECOND_MS } from '../core/limits.ts';
import type { Summary } from '../ports/instance-store.ts';
import type { HeldSlot, SlotScope } from '../ports/slot-store.ts';
import type { Dependencies } from './dependencies.ts';
import type { TurnSettings } from './turn-settings.ts';
import { wakeQueued } from './wake-queued.ts';

type Needs = Pick<Dependencies, 'clock' | 'randomness' | 'instances' | 'slots' | 'wakes'>;

/** Whoever is in line asks again by itself: after as long as it has waited, since what wakes it may have got lost. */
const MIN_ASK_MS = 5 * SECOND_MS;
const MAX_ASK_MS = 5 * MINUTE_MS;
/** Of the line, when a turn has ended: one for the slot, and one for what a turn that died has left free. */
const WOKEN_AFTER_TURN = 2;

export type Admission =
  /** It may run. */
  | { readonly kind: 'admitted' }
  /** It has to wait, and asks again then by itself, epoch ms. */
  | { readonly kind: 'in_line'; readonly askAgainAt: number }
  /** Another turn of the same lease is at work. */
  | { readonly kind: 'doubled' };

interface Limited {
  readonly scope: SlotScope;
  readonly limit: number;
}

/** The slots that a turn needs to run code, where workflow or tenant have a limit: taken before, given back after. */
export class TurnSlots {
  readonly #needs: Needs;
  readonly #summary: Summary;
  readonly #isNew: boolean;
  readonly #held: HeldSlot[] = [];
  /** Whose lines have to be looked at when the turn has ended. */
  readonly #touched = new Set<Limited>();

  /** `summary` is as claimed. `isNew`: it is the first turn, whose message may have come twice. */
  constructor(needs: Needs, summary: Summary, { isNew }: { readonly isNew: boolean }) {
    this.#needs = needs;
    this.#isNew = isNew;
    this.#summary = summary;
  }

  /** `until`: of the lease. */
  async take({ tenant, workflow }: TurnSettings['concurrency'], until: number): Promise<Admission> {
    if (this.#held.length > 0) return { kind: 'admitted' };
    const { tenant: name, workflow: ofWorkflow, id, createdAt, incarnation } = this.#summary;
    const limits: readonly Limited[] = [
      ...(workflow === undefined ? [] : [{ scope: { tenant: name, workflow: ofWorkflow }, limit: workflow }]),
      ...(tenant === undefined ? [] : [{ scope: { tenant: name }, limit: tenant }]),
    ];
    if (limits.length === 0) return { kind: 'admitted' };
    const { clock, randomness, slots } = this.#needs;
    const holder = { incarnation, token: this.#isNew ? incarnation : randomness.id() };
    const ticket = { tenant: name, workflow: ofWorkflow, id, createdAt };
    for (const limited of limits) {
      const { scope, limit } = limited;
      this.#touched.add(limited);
      const result = await slots.take({ scope, limit, holder, ticket, now: clock.now(), until });
      if (result.kind === 'doubled') return result;
      if (result.kind === 'taken') {
        this.#held.push({ scope, slot: result.slot, holder });
        continue;
      }
      // One line at a time: nobody waits there behind an instance that could not go on if it were its turn.
      for (const other of limits) if (other !== limited) await slots.leave(other.scope, [ticket]);
      await this.#giveBack();
      return { kind: 'in_line', askAgainAt: askAgainAt(clock.now(), result.since, holder.token) };
    }
    return { kind: 'admitted' };
  }

  /** `false`: one of them is lost, and the turn with it. */
  async renew(until: number): Promise<boolean> {
    for (const held of this.#held) if (!(await this.#needs.slots.renew({ ...held, until }))) return false;
    return true;
  }

  /** When the turn is over, whatever ended it: then those in line are woken. */
  async end(): Promise<void> {
    await this.#giveBack();
    for (const limited of this.#touched) await wakeQueued(this.#needs, { ...limited, atMost: WOKEN_AFTER_TURN });
  }

  async #giveBack(): Promise<void> {
    for (const held of this.#held.splice(0)) await this.#needs.slots.giveBack(held);
  }
}

/** Apart from each other by what `random` says, so that they do not all ask at once. */
const askAgainAt = (now: number, since: number, random: string): number => {
  const share = Number.parseInt(random.slice(0, 4), 16) / 0x1_0000;
  const waitMs = Math.min(Math.max(now - since, MIN_ASK_MS), MAX_ASK_MS);
  return Math.ceil(now + waitMs * (1 + share / 4));
};
