import { TenonError } from '../core/errors.ts';
import { HOUR_MS } from '../core/limits.ts';
import type { Dependencies } from './dependencies.ts';
import type { VersionView } from './list-versions.ts';
import { checkNotFound } from './read-check.ts';
import { versionNotFound } from './refusals.ts';

/** A check tells of the instances that there were. */
const FRESH_MS = HOUR_MS;

type Needs = Pick<Dependencies, 'clock' | 'bundles' | 'checks'>;

/**
 * New instances and requests take this version from now on; instances keep the one they were created with. `requireCheck`:
 * only after a check, the latest one or the one with that id, that has passed, is at most an hour old, and began while the
 * same version was active as now.
 * @throws TenonError `version.not_found`, `check.not_found`, `version.check_failed`, `version.check_stale`
 */
export const activateVersion = async (
  deps: Needs,
  params: { readonly tenant: string; readonly version: string; readonly requireCheck?: boolean | string },
): Promise<VersionView> => {
  const version = await deps.bundles.getVersion(params.tenant, params.version);
  if (version === undefined) throw versionNotFound();
  if (params.requireCheck !== undefined && params.requireCheck !== false) {
    await refuseUnchecked(deps, { ...params, id: params.requireCheck === true ? undefined : params.requireCheck });
  }
  if (!(await deps.bundles.activateVersion(params.tenant, params.version))) throw versionNotFound();
  return { ...version, isActive: true };
};

const refuseUnchecked = async (
  deps: Needs,
  { tenant, version, id }: { readonly tenant: string; readonly version: string; readonly id: string | undefined },
): Promise<void> => {
  const [check, active] = await Promise.all([deps.checks.get(tenant, version), deps.bundles.getActiveVersion(tenant)]);
  if (id !== undefined && check?.id !== id) throw checkNotFound();
  if (check === undefined) throw stale('There is no check of this version. Start one.');
  if (check.status === 'running') throw stale('The check of this version is still running. Wait for its end.');
  if (check.status === 'failed') {
    const { diverged, failed } = check.counts;
    const found = `${diverged} instances diverge and ${failed} fail`;
    throw new TenonError('version.check_failed', `The check of this version failed: ${found}. Read it for where.`);
  }
  if (deps.clock.now() - check.createdAt > FRESH_MS) {
    throw stale('The check of this version is more than an hour old. Start another one.');
  }
  if (check.activeVersion !== active?.version) {
    throw stale('Another version has become active since the check of this version began. Start another one.');
  }
};

const stale = (message: string): TenonError => new TenonError('version.check_stale', message);
