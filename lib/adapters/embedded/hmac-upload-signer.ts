import type { UploadGrant, UploadLink, UploadSigner } from '../../ports/uploads.ts';
import { readOrCreateKey } from './key-file.ts';
import { openToken, signToken } from './signed-token.ts';

/** Where the embedded server takes uploads: this path with the token after it. */
export const UPLOAD_PATH = '/v1/uploads/';

/** Links to the server itself: the grant stands in the link. */
export class HmacUploadSigner implements UploadSigner {
  readonly #key: Buffer;

  /** Reads the key file, or makes it, so that links outlive a restart. Throws `DataFolderError`. */
  constructor(keyPath: string) {
    this.#key = readOrCreateKey(keyPath);
  }

  async sign(grant: UploadGrant, origin: string): Promise<UploadLink> {
    const { tenant, bundleId, size, sha256, expiresAt } = grant;
    const url = `${origin}${UPLOAD_PATH}${signToken(this.#key, [tenant, bundleId, size, sha256, expiresAt])}`;
    return { method: 'PUT', url, headers: {}, expiresAt };
  }

  verify(token: string): UploadGrant | undefined {
    const signed = openToken(this.#key, token);
    if (signed === undefined) return undefined;
    const [tenant, bundleId, size, sha256, expiresAt] = signed as [string, string, number, string, number];
    return { tenant, bundleId, size, sha256, expiresAt };
  }
}
