import { TenonError } from '../core/errors.ts';
import { SECOND_MS } from '../core/limits.ts';
import type { Schedule, ScheduleName } from '../ports/schedule-store.ts';
import { type CreateDependencies, createInstance } from './create-instance.ts';
import { lastTick, nextTick, tickId } from './cron.ts';
import type { Dependencies } from './dependencies.ts';

type Needs = CreateDependencies & Pick<Dependencies, 'schedules'>;

/** Where who fires comes once a minute: until its next look but one, should that be late. */
export const TICKS_AHEAD_MS = 65 * SECOND_MS;

/** Of schedules that one call fires; the next one finds the rest. */
const MAX_FIRED = 1_000;
/** What keeps an instance from being created for now, and not for good. */
const PASSING: ReadonlySet<string> = new Set(['rate.limited', 'quota.exceeded', 'internal']);

/** Fires everything that has been due, and gives how many instances came of it. Ticks that were missed fire once, as the last one. */
export const fireSchedules = async (
  deps: Needs,
  { onError }: { readonly onError: (error: unknown) => void },
): Promise<number> => {
  const due = await deps.schedules.listDue({ until: deps.clock.now(), limit: MAX_FIRED });
  let fired = 0;
  for (const schedule of due) {
    try {
      if (await fire(deps, schedule)) fired += 1;
    } catch (error) {
      // One tenant's trouble is no other one's.
      onError(error);
    }
  }
  return fired;
};

/** The same for one of them, if it is due. */
export const fireSchedule = async (deps: Needs, name: ScheduleName): Promise<void> => {
  const schedule = await deps.schedules.get(name);
  if (schedule !== undefined && schedule.nextAt <= deps.clock.now()) await fire(deps, schedule);
};

/** First the instance, whose id is the tick's: whoever crashes between the two makes it once all the same. */
const fire = async (deps: Needs, schedule: Schedule): Promise<boolean> => {
  const { tenant, workflow, cron } = schedule;
  const now = deps.clock.now();
  const tick = lastTick(cron, now) ?? schedule.nextAt;
  const isMade = await create(deps, { tenant, workflow, cron, tick });
  const next = nextTick(cron, now);
  if (next !== undefined) await deps.schedules.advance(schedule, next);
  return isMade;
};

const create = async (
  deps: CreateDependencies,
  { tenant, workflow, cron, tick }: ScheduleName & { readonly tick: number },
): Promise<boolean> => {
  try {
    const schedule = { cron, scheduledAt: tick };
    await createInstance(deps, { tenant, workflow, id: tickId(cron, tick), source: 'schedule', schedule });
    return true;
  } catch (error) {
    // Made before, or by nobody: the tenant is suspended or gone, or its active version has no such workflow.
    if (error instanceof TenonError && !PASSING.has(error.code)) return false;
    throw error;
  }
};
