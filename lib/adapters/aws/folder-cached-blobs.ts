import { hash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobPart, BlobStore, BlobWriter } from '../../ports/blob-store.ts';

/**
 * Blobs that never change once they are there, such as the code of versions, kept in a folder of this machine in front of
 * the store. A function's `/tmp` outlives its invocations, and reading from there saves a request and tens of milliseconds.
 * Those read longest ago go first when there is more than `maxBytes`.
 */
export class FolderCachedBlobs implements BlobStore {
  readonly #blobs: BlobStore;
  readonly #folder: string;
  readonly #isFixed: (name: string) => boolean;
  readonly #maxBytes: number;
  #bytes: number | undefined;

  /** `isFixed`: the blob of that name never changes. */
  constructor(params: {
    readonly blobs: BlobStore;
    readonly folder: string;
    readonly isFixed: (name: string) => boolean;
    readonly maxBytes: number;
  }) {
    this.#blobs = params.blobs;
    this.#folder = params.folder;
    this.#isFixed = params.isFixed;
    this.#maxBytes = params.maxBytes;
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return this.#blobs.put(name, bytes);
  }

  getPart(name: string, part: BlobPart): Promise<Uint8Array | undefined> {
    return this.#blobs.getPart(name, part);
  }

  open(name: string): BlobWriter {
    return this.#blobs.open(name);
  }

  has(name: string): Promise<boolean> {
    return this.#blobs.has(name);
  }

  remove(name: string): Promise<void> {
    return this.#blobs.remove(name);
  }

  removeAll(prefix: string): Promise<void> {
    return this.#blobs.removeAll(prefix);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    if (!this.#isFixed(name)) return this.#blobs.get(name);
    const path = join(this.#folder, hash('sha256', name));
    try {
      const bytes = await readFile(path);
      await utimes(path, new Date(), new Date());
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch {
      const bytes = await this.#blobs.get(name);
      // Without room on disk it is read from the store each time.
      if (bytes !== undefined) await this.#keep(path, bytes).catch(() => {});
      return bytes;
    }
  }

  async #keep(path: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#makeRoom(bytes.length);
    // Moved into place: a reader finds it whole or not at all.
    const aside = `${path}.${randomBytes(6).toString('hex')}`;
    await writeFile(aside, bytes, { mode: 0o600 });
    await rename(aside, path);
    this.#bytes = (this.#bytes ?? 0) + bytes.length;
  }

  async #makeRoom(needed: number): Promise<void> {
    if (this.#bytes !== undefined && this.#bytes + needed <= this.#maxBytes) return;
    const files = await Promise.all(
      (await readdir(this.#folder)).map(async (file) => {
        const { size, mtimeMs } = await stat(join(this.#folder, file));
        return { path: join(this.#folder, file), size, mtimeMs };
      }),
    );
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes + needed <= this.#maxBytes) break;
      await rm(path, { force: true });
      bytes -= size;
    }
    this.#bytes = bytes;
  }
}
