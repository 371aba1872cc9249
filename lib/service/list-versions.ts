import type { Version } from '../ports/bundle-store.ts';
import type { Dependencies } from './dependencies.ts';

export interface VersionView extends Version {
  readonly isActive: boolean;
}

/** Newest first. */
export const listVersions = async (
  deps: Pick<Dependencies, 'bundles'>,
  params: { readonly tenant: string; readonly limit: number; readonly cursor?: string },
): Promise<{ readonly items: readonly VersionView[]; readonly cursor?: string }> => {
  const [page, active] = await Promise.all([
    deps.bundles.listVersions(params),
    deps.bundles.getActiveVersion(params.tenant),
  ]);
  const items = page.items.map((version) => ({ ...version, isActive: version.version === active?.version }));
  return page.cursor === undefined ? { items } : { items, cursor: page.cursor };
};
