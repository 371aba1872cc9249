import { LEASE_MS } from '../core/limits.ts';
import type { Dependencies, FirstTurns } from './dependencies.ts';

/**
 * For a process that creates instances and runs no turns: the lease stands on the row from the creation on, and the message
 * that goes out afterwards says whose it is. So the first turn costs no claim. Should the message come twice, the append
 * decides between the two turns as always (E3); should it get lost, the lease runs out like any other.
 */
export const handOnFirstTurns = (deps: Pick<Dependencies, 'randomness' | 'wakes'>): FirstTurns => ({
  offerLease: (_key, now) => ({
    lease: { owner: deps.randomness.id(), until: now + LEASE_MS },
    isTurnBegun: false,
  }),
  adopt: async ({ tenant, workflow, id, incarnation, lease }, created) => {
    if ((await created) !== 'created' || lease === undefined) return;
    await deps.wakes.wake({ key: { tenant, workflow, id }, incarnation, leaseOwner: lease.owner });
  },
});
