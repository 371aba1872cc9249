import { HeadBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SECOND_MS } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { UploadGrant, UploadLink, UploadSigner } from '../../ports/uploads.ts';

/**
 * Links to the bucket itself. Size, digest and `If-None-Match` are signed: S3 takes exactly these bytes, once, until the
 * link expires, and refuses everything else on its own. The credentials that sign may expire earlier than the link.
 */
export class S3UploadSigner implements UploadSigner {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: Clock;
  readonly #objectOf: (grant: UploadGrant) => string;

  /**
   * `client`: made by `makeS3Client`, which adds no checksum of its own. `objectOf`: the name under which the services look
   * for an upload.
   */
  constructor(params: {
    readonly client: S3Client;
    readonly bucket: string;
    readonly clock: Clock;
    readonly objectOf: (grant: UploadGrant) => string;
  }) {
    this.#client = params.client;
    this.#bucket = params.bucket;
    this.#clock = params.clock;
    this.#objectOf = params.objectOf;
  }

  async sign(grant: UploadGrant): Promise<UploadLink> {
    const now = this.#clock.now();
    const digest = Buffer.from(grant.sha256, 'hex').toString('base64');
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: this.#objectOf(grant),
      ContentLength: grant.size,
      ChecksumSHA256: digest,
      IfNoneMatch: '*',
    });
    const url = await getSignedUrl(this.#client, command, {
      expiresIn: Math.max(1, Math.floor((grant.expiresAt - now) / SECOND_MS)),
      signingDate: new Date(now),
      signableHeaders: new Set(['host', 'content-length', 'if-none-match', 'x-amz-checksum-sha256']),
      // In the query it would be a claim about the upload that S3 does not hold against the body.
      unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
    });
    return {
      method: 'PUT',
      url,
      headers: { 'x-amz-checksum-sha256': digest, 'if-none-match': '*' },
      expiresAt: grant.expiresAt,
    };
  }

  /** Where all links lead: `https://host`. Nobody is asked for it. */
  async origin(): Promise<string> {
    return new URL(await getSignedUrl(this.#client, new HeadBucketCommand({ Bucket: this.#bucket }))).origin;
  }

  /** No upload comes to the service itself: S3 verifies. */
  verify(): undefined {
    return undefined;
  }
}
