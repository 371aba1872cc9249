import { MAX_COUNTED_TURNS } from '../core/limits.ts';
import type { SlotScope } from '../ports/slot-store.ts';
import type { Dependencies } from './dependencies.ts';

type Needs = Pick<Dependencies, 'clock' | 'instances' | 'slots' | 'wakes'>;

/** Tickets looked at beyond those that may be woken, for those that wait no more. */
const SPARE = 5;

/**
 * Wakes those that are first in line, as many as may be at work, and takes out of the line whose instance waits no more:
 * it has ended, or is paused or gone. Whoever has let go of a slot calls this, and whoever has just drawn a ticket, since
 * the slot may have been let go of in between. Should a message get lost, each in line asks again by itself.
 */
export const wakeQueued = async (
  { clock, instances, slots, wakes }: Needs,
  { scope, limit, atMost }: { readonly scope: SlotScope; readonly limit: number; readonly atMost: number },
): Promise<void> => {
  let woken = 0;
  let seen = 0;
  for (;;) {
    // Those that were woken stay in line until they have a slot.
    const max = seen + Math.min(atMost, limit) + SPARE;
    const { free, tickets } = await slots.look({ scope, limit, now: clock.now(), max });
    for (const ticket of tickets.slice(seen)) {
      if (woken >= Math.min(atMost, free)) return;
      const { tenant, workflow, id } = ticket;
      const summary = await instances.get({ tenant, workflow, id });
      const isWaiting = summary?.status === 'queued' || summary?.status === 'rollingBack';
      // A turn that has just been refused says so with its release, and then looks for itself.
      if (!isWaiting && summary?.lease === undefined) {
        await slots.leave(scope, [ticket]);
        continue;
      }
      seen += 1;
      if (!isWaiting) continue;
      await wakes.wake({ key: { tenant, workflow, id }, isForced: true });
      woken += 1;
    }
    if (tickets.length < max) return;
  }
};

/** After the limit has been changed: `null`, or above what is counted, is none, and what is in line then goes by itself. */
export const wakeAllowed = (deps: Needs, scope: SlotScope, limit: number | null): Promise<void> =>
  wakeQueued(deps, {
    scope,
    limit: Math.min(limit ?? MAX_COUNTED_TURNS, MAX_COUNTED_TURNS),
    atMost: MAX_COUNTED_TURNS,
  });
