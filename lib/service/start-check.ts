import type { Check } from '../ports/check-store.ts';
import type { Dependencies } from './dependencies.ts';
import { versionNotFound } from './refusals.ts';

/**
 * Begins to replay everything unfinished of a tenant against a version. There is one check of a version at a time: while it
 * runs, asking again gives that one.
 * @throws TenonError `version.not_found`
 */
export const startCheck = async (
  deps: Pick<Dependencies, 'clock' | 'randomness' | 'bundles' | 'checks' | 'checkRuns'>,
  { tenant, version }: { readonly tenant: string; readonly version: string },
): Promise<Check> => {
  const [known, active, latest] = await Promise.all([
    deps.bundles.getVersion(tenant, version),
    deps.bundles.getActiveVersion(tenant),
    deps.checks.get(tenant, version),
  ]);
  if (known === undefined) throw versionNotFound();
  if (latest?.status === 'running') return latest;
  const now = deps.clock.now();
  const check: Check = {
    id: `chk_${deps.randomness.id()}`,
    revision: 0,
    tenant,
    version,
    status: 'running',
    ...(active !== undefined && { activeVersion: active.version }),
    counts: { checked: 0, ok: 0, diverged: 0, failed: 0, skipped: 0 },
    divergences: [],
    createdAt: now,
    movedAt: now,
  };
  await deps.checks.put(check);
  await deps.checkRuns.request(check);
  return check;
};
