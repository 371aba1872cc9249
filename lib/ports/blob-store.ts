/**
 * Bytes by name: uploads, executable bundles, values too large for a row, streams. Names are `<tenant>/<kind>/...`, made by
 * the services out of checked parts; an adapter refuses `..`, empty parts and absolute names.
 */
export interface BlobStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  /** Bytes from `from` on, at most `maxBytes`: fewer only at the end, none behind it. `undefined`: no such blob. */
  getPart(name: string, part: BlobPart): Promise<Uint8Array | undefined>;
  /** Begins a blob of unknown length: there whole when `finish` is done, and not at all before. */
  open(name: string): BlobWriter;
  has(name: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Everything whose name starts with `prefix`, which ends in `/`. */
  removeAll(prefix: string): Promise<void>;
}

export interface BlobPart {
  readonly from: number;
  readonly maxBytes: number;
}

/** One call at a time. Holds a few MiB at most, however long the blob becomes. */
export interface BlobWriter {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Instead of `finish`: nothing of it remains. */
  abort(): Promise<void>;
}
