import type { InstanceKey } from './instance-store.ts';

/**
 * Asks that somebody claims a turn of this instance. A message may be lost, doubled, late or out of order: `wakeAt` on
 * the summary row is the truth, and this makes it punctual.
 */
export interface WakeQueue {
  wake(wake: Wake): Promise<void>;
}

export interface Wake {
  readonly key: InstanceKey;
  /** Absent: whichever life the instance is in. */
  readonly incarnation?: string;
  /** Epoch ms; absent: now. */
  readonly at?: number;
  /** Whose lease stands on the row for whoever gets this: the first turn of an instance needs no claim of its own. */
  readonly leaseOwner?: string;
  /** It is the instance's turn in line: claimed although it would ask by itself only later. */
  readonly isForced?: true;
  /** Run in a machine of the tenant's own, whatever the tenant's level. */
  readonly isApart?: true;
}
