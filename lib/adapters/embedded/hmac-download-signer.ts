import type { DownloadGrant, DownloadSigner } from '../../ports/downloads.ts';
import { readOrCreateKey } from './key-file.ts';
import { openToken, signToken } from './signed-token.ts';

/** Where the embedded server answers downloads: this path with the token after it. */
const DOWNLOAD_PATH = '/v1/downloads/';

/** Links to the server itself: the grant stands in the link. The key is not that of uploads: neither link opens the other. */
export class HmacDownloadSigner implements DownloadSigner {
  readonly #key: Buffer;

  /** Reads the key file, or makes it, so that links outlive a restart. Throws `DataFolderError`. */
  constructor(keyPath: string) {
    this.#key = readOrCreateKey(keyPath);
  }

  async sign({ blob, bytes, fileName, expiresAt }: DownloadGrant, origin: string): Promise<string> {
    return `${origin}${DOWNLOAD_PATH}${signToken(this.#key, [blob, bytes, fileName, expiresAt])}`;
  }

  verify(token: string): DownloadGrant | undefined {
    const signed = openToken(this.#key, token);
    if (signed === undefined) return undefined;
    const [blob, bytes, fileName, expiresAt] = signed as [string, number, string, number];
    return { blob, bytes, fileName, expiresAt };
  }
}
