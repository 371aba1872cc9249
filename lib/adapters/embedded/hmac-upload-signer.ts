import { createHmac, timingSafeEqual } from 'node:crypto';
import type { UploadGrant, UploadLink, UploadSigner } from '../../ports/uploads.ts';
import { readOrCreateKey } from './key-file.ts';

/** Where the embedded server takes uploads: this path with the token after it. */
export const UPLOAD_PATH = '/v1/uploads/';

/** Links to the server itself: the grant and its HMAC-SHA-256 stand in the link, and nothing is kept here. */
export class HmacUploadSigner implements UploadSigner {
  readonly #key: Buffer;

  /** Reads the key file, or makes it, so that links outlive a restart. Throws `DataFolderError`. */
  constructor(keyPath: string) {
    this.#key = readOrCreateKey(keyPath);
  }

  async sign(grant: UploadGrant, origin: string): Promise<UploadLink> {
    const { tenant, bundleId, size, sha256, expiresAt } = grant;
    const text = Buffer.from(JSON.stringify([tenant, bundleId, size, sha256, expiresAt])).toString('base64url');
    const url = `${origin}${UPLOAD_PATH}${text}.${this.#macOf(text).toString('base64url')}`;
    return { method: 'PUT', url, headers: {}, expiresAt };
  }

  verify(token: string): UploadGrant | undefined {
    const [text, mac, ...rest] = token.split('.');
    if (text === undefined || mac === undefined || rest.length > 0) return undefined;
    const expected = this.#macOf(text);
    const given = Buffer.from(mac, 'base64url');
    // Base64 has several spellings of the same bytes; a link has one.
    if (given.toString('base64url') !== mac) return undefined;
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const [tenant, bundleId, size, sha256, expiresAt] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [
      string,
      string,
      number,
      string,
      number,
    ];
    return { tenant, bundleId, size, sha256, expiresAt };
  }

  #macOf(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}
