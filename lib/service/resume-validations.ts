import type { Dependencies } from './dependencies.ts';
import { runValidation } from './run-validation.ts';

/** At start-up: bundles whose validation a crash cut off, one after the other. */
export const resumeValidations = async (
  deps: Pick<Dependencies, 'bundles' | 'blobs' | 'compiler' | 'executor' | 'watch' | 'clock'>,
  params: { readonly onError: (error: unknown) => void },
): Promise<void> => {
  for (const bundle of await deps.bundles.listValidating()) {
    await runValidation(deps, { tenant: bundle.tenant, bundleId: bundle.id, onError: params.onError });
  }
};
