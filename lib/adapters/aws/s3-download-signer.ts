import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SECOND_MS } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DownloadGrant, DownloadSigner } from '../../ports/downloads.ts';

/** Links to the bucket itself. The credentials that sign may expire earlier than the link. */
export class S3DownloadSigner implements DownloadSigner {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: Clock;

  constructor(params: { readonly client: S3Client; readonly bucket: string; readonly clock: Clock }) {
    this.#client = params.client;
    this.#bucket = params.bucket;
    this.#clock = params.clock;
  }

  sign({ blob, fileName, expiresAt }: DownloadGrant): Promise<string> {
    const now = this.#clock.now();
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: blob,
      ResponseContentType: 'application/octet-stream',
      ResponseContentDisposition: `attachment; filename="${fileName}"`,
    });
    return getSignedUrl(this.#client, command, {
      expiresIn: Math.max(1, Math.floor((expiresAt - now) / SECOND_MS)),
      signingDate: new Date(now),
    });
  }

  /** No download comes to the service itself: S3 verifies. */
  verify(): undefined {
    return undefined;
  }
}
