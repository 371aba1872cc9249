import { bundleChangeKey } from './bundle-changes.ts';
import { uploadName } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';

/** Ends a bundle whose validation itself failed: its owner must not wait for ever. */
export const giveUpBundle = async (
  deps: Pick<Dependencies, 'bundles' | 'blobs' | 'watch'>,
  params: { readonly tenant: string; readonly bundleId: string },
): Promise<void> => {
  const { tenant, bundleId } = params;
  const bundle = await deps.bundles.getBundle(tenant, bundleId);
  if (bundle?.status !== 'validating') return;
  const problems = [
    { code: 'bundle.validation_failed', message: 'The bundle could not be validated. Upload it again.' },
  ];
  await deps.bundles.updateBundle({ ...bundle, status: 'rejected', problems }, 'validating');
  deps.watch.announce(bundleChangeKey(tenant, bundleId));
  await deps.blobs.remove(uploadName(tenant, bundleId));
};
