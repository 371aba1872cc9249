import { hash } from 'node:crypto';
import { TenonError } from '../core/errors.ts';
import type { Bundle } from '../ports/bundle-store.ts';
import { uploadName } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';
import { tenantSuspended } from './refusals.ts';

export interface ReceiveUploadParams {
  /** Out of the link. */
  readonly token: string;
  /** What the caller says the body's size is. */
  readonly declaredSize?: number;
  /** Gives the body, or `undefined` as soon as it is larger than `maxBytes`. */
  readonly read: (maxBytes: number) => Promise<Uint8Array | undefined>;
}

/**
 * Takes exactly the bytes that a link was made for, once, and hands the bundle on to validation. Nothing is stored of
 * what is refused.
 * @throws TenonError `upload.invalid`, `upload.expired`, `upload.used`, `upload.wrong_size`, `upload.wrong_digest`,
 * `tenant.suspended`
 */
export const receiveUpload = async (
  deps: Pick<Dependencies, 'uploads' | 'bundles' | 'blobs' | 'tenants' | 'clock'>,
  params: ReceiveUploadParams,
): Promise<Bundle> => {
  const grant = deps.uploads.verify(params.token);
  if (grant === undefined) throw invalidLink();
  if (deps.clock.now() > grant.expiresAt) {
    throw new TenonError('upload.expired', 'The upload link has expired. Announce the bundle again.');
  }
  const [tenant, bundle] = await Promise.all([
    deps.tenants.getTenant(grant.tenant),
    deps.bundles.getBundle(grant.tenant, grant.bundleId),
  ]);
  if (tenant === undefined || bundle === undefined) throw invalidLink();
  if (tenant.suspended) throw tenantSuspended(tenant);
  if (bundle.status !== 'awaiting_upload') throw usedLink();

  const hasRightSize = params.declaredSize === undefined || params.declaredSize === grant.size;
  const bytes = hasRightSize ? await params.read(grant.size) : undefined;
  if (bytes === undefined || bytes.length !== grant.size) {
    throw new TenonError('upload.wrong_size', `The link is for exactly ${grant.size} bytes. Send the announced file.`);
  }
  if (hash('sha256', bytes) !== grant.sha256) {
    throw new TenonError(
      'upload.wrong_digest',
      'The SHA-256 of the body is not the announced one. Send the announced file.',
    );
  }
  // Bytes before the row: whoever finds the bundle at `validating` finds the upload too, and the same link can only
  // ever have written these same bytes.
  await deps.blobs.put(uploadName(bundle.tenant, bundle.id), bytes);
  const received: Bundle = { ...bundle, status: 'validating' };
  if (!(await deps.bundles.updateBundle(received, 'awaiting_upload'))) throw usedLink();
  return received;
};

const invalidLink = (): TenonError =>
  new TenonError('upload.invalid', 'The upload link is not one that was given out. Use it exactly as it was given.');
const usedLink = (): TenonError =>
  new TenonError('upload.used', 'The upload link has been used. Announce the bundle again for another upload.');
