import type { InstanceKey } from '../ports/instance-store.ts';
import type { ReplayReport } from '../ports/replay-report.ts';
import type { Dependencies } from './dependencies.ts';
import { instanceNotFound, versionNotFound } from './refusals.ts';
import { type ReplayNeeds, replayJournal } from './replay-journal.ts';

/**
 * Replays an instance of any status without effects, with the version that it has or another one of its tenant.
 * @throws TenonError `instance.not_found`, `version.not_found`, `rate.limited`
 */
export const replayInstance = async (
  deps: ReplayNeeds & Pick<Dependencies, 'bundles'>,
  { key, version: asked }: { readonly key: InstanceKey; readonly version?: string },
): Promise<ReplayReport & { readonly version: string }> => {
  const summary = await deps.instances.get(key);
  if (summary === undefined) throw instanceNotFound();
  const version = await deps.bundles.getVersion(key.tenant, asked ?? summary.version);
  if (version === undefined) throw versionNotFound();
  return { version: version.version, ...(await replayJournal(deps, { summary, version })) };
};
