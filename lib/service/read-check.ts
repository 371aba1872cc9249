import { TenonError } from '../core/errors.ts';
import type { Check } from '../ports/check-store.ts';
import type { Dependencies } from './dependencies.ts';
import { versionNotFound } from './refusals.ts';

/** The latest check of a version, by its id. @throws TenonError `version.not_found`, `check.not_found` */
export const readCheck = async (
  deps: Pick<Dependencies, 'bundles' | 'checks'>,
  { tenant, version, id }: { readonly tenant: string; readonly version: string; readonly id: string },
): Promise<Check> => {
  const [known, check] = await Promise.all([
    deps.bundles.getVersion(tenant, version),
    deps.checks.get(tenant, version),
  ]);
  if (known === undefined) throw versionNotFound();
  if (check?.id !== id) throw checkNotFound();
  return check;
};

export const checkNotFound = (): TenonError =>
  new TenonError('check.not_found', 'The version has no check with this id.');
