import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  NoSuchUpload,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { BlobWriter } from '../../ports/blob-store.ts';

/** S3 takes no part below 5 MiB but the last, and 10,000 parts at most. */
const PART_BYTES = 8 * 1024 * 1024;

interface Target {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
}

/**
 * One object, by an upload in parts where it is longer than one; what is shorter is put as it is. An upload that nobody
 * completes or aborts is aborted by the bucket's lifecycle after a day.
 */
export class S3BlobWriter implements BlobWriter {
  readonly #client: S3Client;
  readonly #of: { readonly Bucket: string; readonly Key: string };
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #uploadId: string | undefined;
  readonly #etags: (string | undefined)[] = [];

  constructor({ client, bucket, key }: Target) {
    this.#client = client;
    this.#of = { Bucket: bucket, Key: key };
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const piece = bytes.subarray(from, from + PART_BYTES - this.#bytes);
      this.#pieces.push(piece);
      this.#bytes += piece.length;
      from += piece.length;
      if (this.#bytes === PART_BYTES) await this.#upload();
    }
  }

  async finish(): Promise<void> {
    if (this.#uploadId === undefined) {
      const body = this.#take();
      await this.#client.send(new PutObjectCommand({ ...this.#of, Body: body, ContentLength: body.length }));
      return;
    }
    if (this.#bytes > 0) await this.#upload();
    const Parts = this.#etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    await this.#client.send(
      new CompleteMultipartUploadCommand({ ...this.#of, UploadId: this.#uploadId, MultipartUpload: { Parts } }),
    );
  }

  async abort(): Promise<void> {
    this.#take();
    if (this.#uploadId === undefined) return;
    try {
      await this.#client.send(new AbortMultipartUploadCommand({ ...this.#of, UploadId: this.#uploadId }));
    } catch (error) {
      if (!(error instanceof NoSuchUpload)) throw error;
    }
  }

  async #upload(): Promise<void> {
    this.#uploadId ??= (await this.#client.send(new CreateMultipartUploadCommand(this.#of))).UploadId;
    const body = this.#take();
    const { ETag } = await this.#client.send(
      new UploadPartCommand({
        ...this.#of,
        UploadId: this.#uploadId,
        PartNumber: this.#etags.length + 1,
        Body: body,
        ContentLength: body.length,
      }),
    );
    this.#etags.push(ETag);
  }

  #take(): Uint8Array {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return all;
  }
}
