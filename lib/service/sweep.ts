import { MINUTE_MS, SECOND_MS } from '../core/limits.ts';
import type { ScheduleTicks } from '../ports/schedule-ticks.ts';
import type { Dependencies } from './dependencies.ts';
import { fireSchedules, TICKS_AHEAD_MS } from './fire-schedules.ts';
import { removeExpired } from './remove-expired.ts';

/** What is due since less than this has a message on its way. */
const GRACE_MS = 5 * SECOND_MS;
/** A validation takes less. */
const VALIDATION_MS = 3 * MINUTE_MS;
/** A page of a check takes less; asked for too early, it is looked at twice. */
const CHECK_PAGE_MS = 5 * MINUTE_MS;
/** Of due instances that one sweep wakes; the next one finds the rest. */
const MAX_WOKEN = 5_000;
const SENDS_AT_A_TIME = 32;
const MAX_TICKS = 5_000;

export interface Swept {
  /** Overdue instances that were woken. */
  readonly woken: number;
  /** Finished instances that were removed since their time was up. */
  readonly removed: number;
  /** Uploads whose validation was cut off, handed to it again. */
  readonly validations: number;
  /** Checks whose message got lost, asked for again. */
  readonly checks: number;
  /** Instances of schedules that nobody had fired when they rang. */
  readonly fired: number;
}

/** Makes good what got lost: messages, turns that died, validations that were cut off; removes what has expired. */
export const sweep = async (
  deps: Pick<Dependencies, 'checks' | 'checkRuns'> &
    Required<Pick<Dependencies, 'validations'>> &
    Parameters<typeof fireSchedules>[0] & {
      readonly ticks: ScheduleTicks;
      readonly onError: (error: unknown) => void;
    },
): Promise<Swept> => {
  const now = deps.clock.now();
  const due = await deps.instances.findDue({ now: now - GRACE_MS, limit: MAX_WOKEN });
  for (let from = 0; from < due.length; from += SENDS_AT_A_TIME) {
    const some = due.slice(from, from + SENDS_AT_A_TIME);
    await Promise.all(some.map((key) => deps.wakes.wake({ key })));
  }
  let validations = 0;
  for (const { tenant, id, createdAt } of await deps.bundles.listValidating()) {
    if (now - createdAt < VALIDATION_MS) continue;
    await deps.validations.request({ tenant, bundleId: id });
    validations += 1;
  }
  let checks = 0;
  for (const check of await deps.checks.listRunning()) {
    if (now - check.movedAt < CHECK_PAGE_MS) continue;
    await deps.checkRuns.request(check);
    checks += 1;
  }
  const fired = await fireSchedules(deps, { onError: deps.onError });
  const coming = await deps.schedules.listDue({ until: now + TICKS_AHEAD_MS, limit: MAX_TICKS });
  for (const schedule of coming) if (schedule.nextAt > now) await deps.ticks.request(schedule);
  const removed = await removeExpired(deps);
  return { woken: due.length, removed, validations, checks, fired };
};
