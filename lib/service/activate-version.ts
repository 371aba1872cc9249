import type { Dependencies } from './dependencies.ts';
import type { VersionView } from './list-versions.ts';
import { versionNotFound } from './refusals.ts';

/**
 * New instances and requests take this version from now on; instances keep the one they were created with.
 * @throws TenonError `version.not_found`
 */
export const activateVersion = async (
  deps: Pick<Dependencies, 'bundles'>,
  params: { readonly tenant: string; readonly version: string },
): Promise<VersionView> => {
  const version = await deps.bundles.getVersion(params.tenant, params.version);
  if (version === undefined) throw versionNotFound();
  if (!(await deps.bundles.activateVersion(params.tenant, params.version))) throw versionNotFound();
  return { ...version, isActive: true };
};
