/** Presigned-style links: whoever holds one may put exactly these bytes at exactly this place, once, for five minutes. */
export interface UploadGrant {
  readonly tenant: string;
  readonly bundleId: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface UploadLink {
  readonly method: 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface UploadSigner {
  /** `origin`: where the caller reached us, `http://host:port`; adapters with a host of their own ignore it. */
  sign(grant: UploadGrant, origin: string): Promise<UploadLink>;
  /** The grant of a link that was not altered; expiry is the caller's to check. */
  verify(token: string): UploadGrant | undefined;
}
