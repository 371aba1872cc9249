/** Presigned-style links: whoever holds one may read this one blob, until it expires. */
export interface DownloadGrant {
  /** Name of the blob. */
  readonly blob: string;
  readonly bytes: number;
  /** Under which a browser saves it: letters, digits, `.`, `_` and `-`. */
  readonly fileName: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface DownloadSigner {
  /** The link. `origin`: where the caller reached us, `http://host:port`; adapters with a host of their own ignore it. */
  sign(grant: DownloadGrant, origin: string): Promise<string>;
  /** The grant of a link that was not altered; expiry is the caller's to check. */
  verify(token: string): DownloadGrant | undefined;
}
