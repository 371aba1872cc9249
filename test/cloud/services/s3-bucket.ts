import { createHash } from 'node:crypto';
import type { Uploads } from './s3-multipart.ts';

export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  /** With its quotes. */
  readonly etag: string;
  readonly modifiedAt: number;
  readonly contentType: string;
  /** `x-amz-checksum-...` headers that came with it and hold. */
  readonly checksums: Readonly<Record<string, string>>;
}

export interface ListPage {
  readonly objects: readonly StoredObject[];
  /** What keys have in common up to the delimiter, one entry for all of them. */
  readonly commonPrefixes: readonly string[];
  /** The last key or common prefix of this page, where there is more. */
  readonly next?: string;
}

/** The objects of one bucket, in memory. */
export class LocalBucket {
  readonly #objects = new Map<string, StoredObject>();
  readonly uploads: Uploads = new Map();

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** `etag`: of an object that was uploaded in parts; of others it is the digest of the body. */
  put(object: Omit<StoredObject, 'etag' | 'modifiedAt'> & { readonly etag?: string }): StoredObject {
    const { etag = `"${createHash('md5').update(object.body).digest('hex')}"` } = object;
    const stored = { ...object, etag, modifiedAt: Date.now() };
    this.#objects.set(object.key, stored);
    return stored;
  }

  remove(key: string): void {
    this.#objects.delete(key);
  }

  /** In the order of the keys' bytes. A page counts common prefixes like objects. */
  list(params: {
    readonly prefix: string;
    readonly delimiter: string;
    /** Only what comes after this. */
    readonly after: string;
    readonly max: number;
  }): ListPage {
    const { prefix, delimiter, after, max } = params;
    const objects: StoredObject[] = [];
    const commonPrefixes = new Set<string>();
    let last = after;
    for (const object of this.#sorted()) {
      if (!object.key.startsWith(prefix)) continue;
      const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
      const common = end < 0 ? undefined : object.key.slice(0, end + delimiter.length);
      const entry = common ?? object.key;
      if (compareBytes(entry, after) <= 0 || (common !== undefined && commonPrefixes.has(common))) continue;
      if (objects.length + commonPrefixes.size === max) {
        return { objects, commonPrefixes: [...commonPrefixes], next: last };
      }
      if (common === undefined) objects.push(object);
      else commonPrefixes.add(common);
      last = entry;
    }
    return { objects, commonPrefixes: [...commonPrefixes] };
  }

  #sorted(): readonly StoredObject[] {
    return [...this.#objects.values()].toSorted((a, b) => compareBytes(a.key, b.key));
  }
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
