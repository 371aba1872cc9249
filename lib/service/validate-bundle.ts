import type { Bundle, BundleProblem } from '../ports/bundle-store.ts';
import { bundleChangeKey } from './bundle-changes.ts';
import { uploadName } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';
import { makeVersion } from './make-version.ts';

/** Of a rejected bundle, so that its row stays small. */
const MAX_PROBLEMS = 50;

type Needed = Pick<Dependencies, 'bundles' | 'blobs' | 'compiler' | 'executor' | 'watch' | 'clock'>;

/**
 * Turns a received bundle into a version, or says what is wrong with it. Every write is by content or conditional, so
 * doing it twice, also after a crash in the middle, comes to the same. A bundle at any other status is left alone.
 *
 * An error of the compiler or the executor itself is thrown; the bundle then stays at `validating`.
 */
export const validateBundle = async (
  deps: Needed,
  params: { readonly tenant: string; readonly bundleId: string },
): Promise<void> => {
  const bundle = await deps.bundles.getBundle(params.tenant, params.bundleId);
  if (bundle?.status !== 'validating') return;
  const result = await judge(deps, bundle);
  const isReady = typeof result === 'string';
  const settled: Bundle = isReady
    ? { ...bundle, status: 'ready', version: result }
    : { ...bundle, status: 'rejected', problems: result.slice(0, MAX_PROBLEMS) };
  await deps.bundles.updateBundle(settled, 'validating');
  deps.watch.announce(bundleChangeKey(bundle.tenant, bundle.id));
  await deps.blobs.remove(uploadName(bundle.tenant, bundle.id));
};

/** The version's name, or the problems. */
const judge = async (deps: Needed, bundle: Bundle): Promise<string | readonly BundleProblem[]> => {
  const { tenant, contentType, activate } = bundle;
  const bytes = await deps.blobs.get(uploadName(tenant, bundle.id));
  if (bytes === undefined) {
    return [{ code: 'bundle.lost', message: 'The uploaded file is gone. Upload it again.' }];
  }
  return makeVersion(deps, { tenant, contentType, bytes, activate });
};
