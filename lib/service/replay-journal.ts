import { TenonError } from '../core/errors.ts';
import type { Version } from '../ports/bundle-store.ts';
import type { Summary } from '../ports/instance-store.ts';
import { MicroVmBusy } from '../ports/micro-vms.ts';
import type { ReplayReport } from '../ports/replay-report.ts';
import type { Dependencies } from './dependencies.ts';
import { type RehearsalNeeds, rehearse } from './rehearse.ts';
import { readReplayReport } from './replay-report.ts';

export type ReplayNeeds = RehearsalNeeds & Pick<Dependencies, 'microVms'>;

/**
 * A rehearsal where the tenant's level says: here, or in a machine of its own.
 * @throws TenonError `rate.limited` where no such machine is free
 */
export const replayJournal = async (
  deps: ReplayNeeds,
  { summary, version }: { readonly summary: Summary; readonly version: Version },
): Promise<ReplayReport> => {
  const { tenant, workflow, id } = summary;
  if (!version.workflows.some(({ name }) => name === workflow)) return lacks(workflow);
  const { microVms } = deps;
  const isApart = microVms !== undefined && (await deps.tenants.getTenant(tenant))?.isolation === 'microvm';
  if (!isApart) return rehearse(deps, { summary, version: version.version });
  try {
    return readReplayReport(await microVms.rehearse({ key: { tenant, workflow, id }, version: version.version }));
  } catch (error) {
    if (!(error instanceof MicroVmBusy)) throw error;
    throw new TenonError('rate.limited', 'The tenant has as much at work as it may.', { retryAfterS: 1 });
  }
};

const lacks = (workflow: string): ReplayReport => ({
  outcome: 'diverged',
  stop: 'lost',
  recorded: 0,
  delivered: 0,
  divergences: [{ step: 'run()', expected: `workflow ${workflow}`, got: 'the version does not export it' }],
});
