import type { InstanceKey } from './instance-store.ts';

/** What the slots are of: one workflow, or, without one, everything that a tenant runs. */
export interface SlotScope {
  readonly tenant: string;
  readonly workflow?: string;
}

/**
 * A turn that is at work. `token`: its own, so that a turn that was late lets go of nothing of the next. Two turns have the
 * same one only where one message has come twice.
 */
export interface SlotHolder {
  readonly incarnation: string;
  readonly token: string;
}

/** A place in line: by age of the instance, so that what has begun comes before what is new. */
export interface Ticket extends InstanceKey {
  readonly createdAt: number;
}

export type SlotResult =
  /** `slot`: its number. A ticket there was is gone. */
  | { readonly kind: 'taken'; readonly slot: number }
  /** All are taken, or older tickets come first. `since`: when the ticket was drawn, epoch ms. */
  | { readonly kind: 'refused'; readonly since: number }
  /** Another turn of the instance has it: under the same token, or with a lease that ends later. */
  | { readonly kind: 'doubled' };

/**
 * Who may be at work at the same time: a row a slot, with the expiry of its holder's lease, and a line of tickets for those
 * that have to wait. No counter, so that what died without a word gives its slot back by time alone.
 */
export interface SlotStore {
  /** One that is free, or the instance's own once more; else a ticket is drawn, in the place that the instance had before. */
  take(params: {
    readonly scope: SlotScope;
    readonly limit: number;
    readonly holder: SlotHolder;
    readonly ticket: Ticket;
    readonly now: number;
    readonly until: number;
  }): Promise<SlotResult>;
  /** `false`: it ran out, and is another's or nobody's. */
  renew(params: HeldSlot & { readonly until: number }): Promise<boolean>;
  /** Does nothing where it is another's. */
  giveBack(held: HeldSlot): Promise<void>;
  /** How many slots are free, and the oldest tickets, at most `max`. */
  look(params: {
    readonly scope: SlotScope;
    readonly limit: number;
    readonly now: number;
    readonly max: number;
  }): Promise<{ readonly free: number; readonly tickets: readonly Ticket[] }>;
  /** Takes tickets out of the line. */
  leave(scope: SlotScope, tickets: readonly Ticket[]): Promise<void>;
  removeTenant(tenant: string): Promise<void>;
}

export interface HeldSlot {
  readonly scope: SlotScope;
  readonly slot: number;
  readonly holder: SlotHolder;
}
