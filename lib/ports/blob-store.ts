/**
 * Bytes by name: uploads, executable bundles, values too large for a row. Names are `<tenant>/<kind>/...`, made by the
 * services out of checked parts; an adapter refuses `..`, empty parts and absolute names.
 */
export interface BlobStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  has(name: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Everything whose name starts with `prefix`, which ends in `/`. */
  removeAll(prefix: string): Promise<void>;
}
