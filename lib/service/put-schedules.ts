import { type FieldProblem, TenonError } from '../core/errors.ts';
import type { Schedule } from '../ports/schedule-store.ts';
import { nextTick, readCron } from './cron.ts';
import type { Dependencies } from './dependencies.ts';
import { TICKS_AHEAD_MS } from './fire-schedules.ts';

export const MAX_SCHEDULES = 10;

/**
 * In place of the schedules that the workflow had. One that it had stays as it is, with a tick that is about to come.
 * @throws TenonError `request.invalid` for each cron that is none, or given twice
 */
export const putSchedules = async (
  deps: Pick<Dependencies, 'clock' | 'schedules' | 'ticks'>,
  params: { readonly tenant: string; readonly workflow: string; readonly crons: readonly string[] },
): Promise<void> => {
  const { tenant, workflow, crons } = params;
  const now = deps.clock.now();
  const had = new Map(
    (await deps.schedules.list(tenant))
      .filter((schedule) => schedule.workflow === workflow)
      .map(({ cron, nextAt }) => [cron, nextAt]),
  );
  const problems: FieldProblem[] = [];
  const schedules = new Map<string, Schedule>();
  for (const [index, text] of crons.entries()) {
    const read = readCron(text, now);
    const path = `schedules[${index}].cron`;
    if (!read.ok) problems.push({ path, message: read.problem });
    else if (schedules.has(read.cron)) problems.push({ path, message: 'is given twice' });
    else {
      const nextAt = had.get(read.cron) ?? nextTick(read.cron, now) ?? now;
      schedules.set(read.cron, { tenant, workflow, cron: read.cron, nextAt });
    }
  }
  const [first] = problems;
  if (first !== undefined) {
    throw new TenonError('request.invalid', `${first.path}: ${first.message}`, { fields: problems });
  }
  await deps.schedules.put(tenant, workflow, [...schedules.values()]);
  // Whoever looks next may come after the first tick. Where this fails he still makes it good, late.
  const soon = [...schedules.values()].filter(({ cron, nextAt }) => !had.has(cron) && nextAt - now <= TICKS_AHEAD_MS);
  await Promise.allSettled(soon.map((schedule) => deps.ticks?.request(schedule)));
};
