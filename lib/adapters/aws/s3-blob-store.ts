import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { BlobPart, BlobStore, BlobWriter } from '../../ports/blob-store.ts';
import { S3BlobWriter } from './s3-blob-writer.ts';

const PART = /^[A-Za-z0-9$._-]{1,120}$/;

/** Blobs as objects of one bucket, under their own names. */
export class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(params: { readonly client: S3Client; readonly bucket: string }) {
    this.#client = params.client;
    this.#bucket = params.bucket;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({ Bucket: this.#bucket, Key: checked(name), Body: bytes, ContentLength: bytes.length }),
    );
  }

  get(name: string): Promise<Uint8Array | undefined> {
    return this.#read(name);
  }

  getPart(name: string, { from, maxBytes }: BlobPart): Promise<Uint8Array | undefined> {
    return this.#read(name, `bytes=${from}-${from + maxBytes - 1}`);
  }

  open(name: string): BlobWriter {
    return new S3BlobWriter({ client: this.#client, bucket: this.#bucket, key: checked(name) });
  }

  async has(name: string): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: checked(name) }));
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: checked(name) }));
  }

  async removeAll(prefix: string): Promise<void> {
    if (!prefix.endsWith('/')) throw refused(prefix);
    checked(prefix.slice(0, -1));
    let next: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          ...(next !== undefined && { ContinuationToken: next }),
        }),
      );
      await this.#removeObjects((page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  async #read(name: string, range?: string): Promise<Uint8Array | undefined> {
    try {
      const object = await this.#client.send(
        new GetObjectCommand({
          Bucket: this.#bucket,
          Key: checked(name),
          ...(range !== undefined && { Range: range }),
        }),
      );
      const bytes = await object.Body?.transformToByteArray();
      // A plain view, not a Buffer: stores are compared by what they give.
      return bytes === undefined ? new Uint8Array() : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      // Behind the end there is nothing.
      if (error instanceof S3ServiceException && error.name === 'InvalidRange') return new Uint8Array();
      throw error;
    }
  }

  /** A page of a list is what one call takes: 1,000. */
  async #removeObjects(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const { Errors: errors } = await this.#client.send(
      new DeleteObjectsCommand({
        Bucket: this.#bucket,
        Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
      }),
    );
    const [error] = errors ?? [];
    if (error !== undefined) throw new Error(`S3 did not remove ${error.Key}: ${error.Code}`);
  }
}

const checked = (name: string): string => {
  if (!name.split('/').every((part) => PART.test(part) && part !== '.' && part !== '..')) throw refused(name);
  return name;
};

const refused = (name: string): Error => new Error(`Not a name of a blob: ${JSON.stringify(name.slice(0, 200))}`);
