import type { Dependencies } from './dependencies.ts';
import { runValidation } from './run-validation.ts';

/**
 * An upload has arrived at the store itself, which took exactly the announced bytes: its bundle is validated. Events of a
 * store come late, twice or after somebody has looked, so a bundle that is further on is left alone.
 */
export const takeUpload = async (
  deps: Pick<Dependencies, 'tenants' | 'bundles' | 'blobs' | 'compiler' | 'executor' | 'watch' | 'clock'>,
  params: { readonly tenant: string; readonly bundleId: string; readonly onError: (error: unknown) => void },
): Promise<void> => {
  const { tenant: tenantId, bundleId } = params;
  const [tenant, bundle] = await Promise.all([
    deps.tenants.getTenant(tenantId),
    deps.bundles.getBundle(tenantId, bundleId),
  ]);
  if (tenant === undefined || bundle === undefined) return;
  if (bundle.status === 'awaiting_upload') {
    if (tenant.suspended) {
      const problems = [
        { code: 'tenant.suspended', message: 'The tenant is suspended: it uploads nothing meanwhile.' },
      ];
      await deps.bundles.updateBundle({ ...bundle, status: 'rejected', problems }, 'awaiting_upload');
      return;
    }
    await deps.bundles.updateBundle({ ...bundle, status: 'validating' }, 'awaiting_upload');
  }
  await runValidation(deps, params);
};
