import { SECOND_MS } from '../core/limits.ts';
import type { Bundle, BundleProblem, BundleStatus } from '../ports/bundle-store.ts';
import { bundleChangeKey } from './bundle-changes.ts';
import { uploadName } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';
import { bundleNotFound } from './refusals.ts';

export type { Bundle, BundleContentType, BundleProblem, BundleStatus } from '../ports/bundle-store.ts';

export interface BundleView {
  readonly id: string;
  readonly status: BundleStatus;
  readonly version?: string;
  readonly workflows: readonly { readonly name: string }[];
  readonly hasFetch: boolean;
  readonly problems: readonly BundleProblem[];
}

/** A watch may miss a sign that came from another process, so the row is read at least this often. */
const LOOK_AGAIN_MS = SECOND_MS;

/**
 * A bundle, with `waitMs` as soon as it is ready or rejected.
 * @throws TenonError `bundle.not_found`
 */
export const readBundle = async (
  deps: Pick<Dependencies, 'bundles' | 'blobs' | 'watch' | 'clock' | 'validations'>,
  params: { readonly tenant: string; readonly bundleId: string; readonly waitMs: number },
): Promise<BundleView> => {
  const { tenant, bundleId } = params;
  const until = deps.clock.now() + params.waitMs;
  let bundle = await get(deps, tenant, bundleId);
  let isAsked = await askForValidation(deps, bundle);
  while (!isSettled(bundle) && deps.clock.now() < until && deps.watch.isClosed !== true) {
    // Watching starts before the row is read again: a change between the two is not missed.
    const lookAgainAt = Math.min(until, deps.clock.now() + LOOK_AGAIN_MS);
    const changed = deps.watch.changed(bundleChangeKey(tenant, bundleId), lookAgainAt);
    bundle = await get(deps, tenant, bundleId);
    if (isSettled(bundle)) break;
    await changed;
    bundle = await get(deps, tenant, bundleId);
    if (!isAsked) isAsked = await askForValidation(deps, bundle);
  }
  const version = bundle.version === undefined ? undefined : await deps.bundles.getVersion(tenant, bundle.version);
  return {
    id: bundle.id,
    status: bundle.status,
    ...(bundle.version === undefined ? {} : { version: bundle.version }),
    workflows: version?.workflows ?? [],
    hasFetch: version?.hasFetch ?? false,
    problems: bundle.problems,
  };
};

/** An upload may lie in the store before anybody has said so: whoever asks for its bundle sees to it. */
const askForValidation = async (
  { blobs, validations }: Pick<Dependencies, 'blobs' | 'validations'>,
  { tenant, id, status }: Bundle,
): Promise<boolean> => {
  if (validations === undefined || status !== 'awaiting_upload') return true;
  if (!(await blobs.has(uploadName(tenant, id)))) return false;
  await validations.request({ tenant, bundleId: id });
  return true;
};

const isSettled = (bundle: Bundle): boolean => bundle.status === 'ready' || bundle.status === 'rejected';

const get = async (deps: Pick<Dependencies, 'bundles'>, tenant: string, bundleId: string): Promise<Bundle> => {
  const bundle = await deps.bundles.getBundle(tenant, bundleId);
  if (bundle === undefined) throw bundleNotFound();
  return bundle;
};
