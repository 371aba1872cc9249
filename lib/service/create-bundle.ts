import { TenonError } from '../core/errors.ts';
import { MAX_BUNDLE_BYTES, MINUTE_MS } from '../core/limits.ts';
import type { Bundle, BundleContentType } from '../ports/bundle-store.ts';
import type { UploadLink } from '../ports/uploads.ts';
import type { Dependencies } from './dependencies.ts';

export const UPLOAD_LINK_MS = 5 * MINUTE_MS;

export interface CreateBundleParams {
  readonly tenant: string;
  readonly contentType: BundleContentType;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly activate: boolean;
  /** Where the caller reached us: `http://host:port`. */
  readonly origin: string;
}

/**
 * Announces a bundle: a row that waits for its upload, and a link for exactly these bytes.
 * @throws TenonError `payload.too_large`
 */
export const createBundle = async (
  deps: Pick<Dependencies, 'bundles' | 'uploads' | 'randomness' | 'clock'>,
  params: CreateBundleParams,
): Promise<{ readonly bundle: Bundle; readonly upload: UploadLink }> => {
  const { tenant, contentType, size, sha256, activate, origin } = params;
  if (size > MAX_BUNDLE_BYTES) {
    throw new TenonError('payload.too_large', `A bundle has at most ${MAX_BUNDLE_BYTES} bytes.`);
  }
  const createdAt = deps.clock.now();
  const bundle: Bundle = {
    id: deps.randomness.id(),
    tenant,
    status: 'awaiting_upload',
    contentType,
    size,
    sha256,
    activate,
    createdAt,
    expiresAt: createdAt + UPLOAD_LINK_MS,
    problems: [],
  };
  await deps.bundles.createBundle(bundle);
  const grant = { tenant, bundleId: bundle.id, size, sha256, expiresAt: bundle.expiresAt };
  return { bundle, upload: await deps.uploads.sign(grant, origin) };
};
