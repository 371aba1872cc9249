import { makeSqsClient } from '../adapters/aws/aws-clients.ts';
import { type CheckName, readCheckRun, SqsCheckRuns } from '../adapters/aws/sqs-check-runs.ts';
import { readScheduleTick } from '../adapters/aws/sqs-schedule-ticks.ts';
import { readRemoval, SqsTenantRemovals } from '../adapters/aws/sqs-tenant-removals.ts';
import { clock } from '../adapters/node/system.ts';
import { MINUTE_MS } from '../core/limits.ts';
import { removeTenantData } from '../service/delete-tenant.ts';
import { fireSchedule } from '../service/fire-schedules.ts';
import { type RunCheckNeeds, runCheck } from '../service/run-check.ts';
import type { Credentials } from './parts.ts';
import { logError } from './told.ts';
import { variable } from './variables.ts';

/** After this a check makes room for what else is in the batch. */
const CHECK_MS = MINUTE_MS;
/** What a page may take that is begun last. */
const CHECK_PAGE_MS = 4 * MINUTE_MS;

interface Times {
  /** The invocation's work is over by then, epoch ms. */
  readonly endsAt: number;
  readonly deadline: Promise<'time_is_up'>;
}

/** What comes by the work queue beside wake-ups, a portion at a time: what is left is asked for again. */
export const composeQueuedWork = (
  credentials: Credentials,
  deps: Parameters<typeof removeTenantData>[0] & RunCheckNeeds & Parameters<typeof fireSchedule>[0],
): { readonly run: (body: string, times: Times) => Promise<void> } => {
  const queue = { client: makeSqsClient({ credentials }), queueUrl: variable('queueUrl') };
  const removals = new SqsTenantRemovals(queue);
  const checkRuns = new SqsCheckRuns(queue);

  const remove = async (tenant: string, { deadline }: Times): Promise<void> => {
    const outcome = await Promise.race([removeTenantData(deps, { tenant }), deadline]);
    // What is gone stays gone: another invocation goes on.
    if (outcome === 'time_is_up') await removals.request(tenant);
  };
  const check = async (name: CheckName, { endsAt }: Times): Promise<void> => {
    const until = Math.min(clock.now() + CHECK_MS, endsAt - CHECK_PAGE_MS);
    const outcome = await runCheck(deps, { ...name, hasTime: () => clock.now() < until, onError: logError });
    if (outcome === 'goes_on') await checkRuns.request(name);
  };

  return {
    run: async (body, times) => {
      const tenant = readRemoval(body);
      if (tenant !== undefined) await remove(tenant, times);
      const tick = readScheduleTick(body);
      if (tick !== undefined) await fireSchedule(deps, tick);
      const name = readCheckRun(body);
      if (name !== undefined) await check(name, times);
    },
  };
};
