import type { Dependencies } from './dependencies.ts';
import { giveUpBundle } from './give-up-bundle.ts';
import { validateBundle } from './validate-bundle.ts';

/** The executor may just have been replaced because of somebody else: once more before giving up. */
const TRIES = 2;

/** Validates a bundle to an end, whatever happens; what went wrong outside the bundle is handed to `onError`. */
export const runValidation = async (
  deps: Pick<Dependencies, 'bundles' | 'blobs' | 'compiler' | 'executor' | 'watch' | 'clock'>,
  params: { readonly tenant: string; readonly bundleId: string; readonly onError: (error: unknown) => void },
): Promise<void> => {
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      return await validateBundle(deps, params);
    } catch (error) {
      params.onError(error);
    }
  }
  try {
    await giveUpBundle(deps, params);
  } catch (error) {
    params.onError(error);
  }
};
