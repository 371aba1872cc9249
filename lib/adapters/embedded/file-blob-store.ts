import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { BlobPart, BlobStore, BlobWriter } from '../../ports/blob-store.ts';
import { asDataFolderError } from './data-folder-error.ts';
import { FileBlobWriter } from './file-blob-writer.ts';

const PART = /^[A-Za-z0-9$._-]{1,120}$/;

/**
 * Blobs as files. A `put` writes aside, syncs and renames: a blob is there whole or not at all.
 *
 * A part of a name becomes a folder, the last one a file whose name ends in `=`, so that `a/b` and `a/b/c` can both be
 * there. An upper-case letter becomes `=` and the small one, for file systems that do not tell them apart.
 */
export class FileBlobStore implements BlobStore {
  readonly #root: string;
  readonly #aside: string;

  /**
   * Makes the folder (mode 0700) where it is missing, and takes away what an earlier process was writing aside when it was
   * killed. Throws `DataFolderError`.
   */
  constructor(folder: string) {
    this.#root = join(folder, 'named');
    this.#aside = join(folder, 'aside');
    try {
      mkdirSync(this.#root, { recursive: true, mode: 0o700 });
      mkdirSync(this.#aside, { recursive: true, mode: 0o700 });
      for (const left of readdirSync(this.#aside)) rmSync(join(this.#aside, left), { force: true });
    } catch (error) {
      throw asDataFolderError(error);
    }
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#fileOf(name);
    const aside = this.#newAside();
    try {
      await writeSynced(aside, bytes);
      await this.#place(aside, path);
    } catch (error) {
      await rm(aside, { force: true });
      throw asDataFolderError(error);
    }
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const path = this.#fileOf(name);
    try {
      // A plain view, not a Buffer: stores are compared by what they give.
      const bytes = await readFile(path);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw asDataFolderError(error);
    }
  }

  async getPart(name: string, { from, maxBytes }: BlobPart): Promise<Uint8Array | undefined> {
    const path = this.#fileOf(name);
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'r');
      const { size } = await file.stat();
      const bytes = new Uint8Array(Math.max(0, Math.min(maxBytes, size - from)));
      if (bytes.length > 0) await file.read(bytes, 0, bytes.length, from);
      return bytes;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw asDataFolderError(error);
    } finally {
      await file?.close();
    }
  }

  open(name: string): BlobWriter {
    const path = this.#fileOf(name);
    const aside = this.#newAside();
    return new FileBlobWriter(aside, () => this.#place(aside, path));
  }

  async has(name: string): Promise<boolean> {
    try {
      return (await stat(this.#fileOf(name))).isFile();
    } catch (error) {
      if (isMissing(error)) return false;
      throw asDataFolderError(error);
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.#fileOf(name), { force: true });
  }

  async removeAll(prefix: string): Promise<void> {
    if (!prefix.endsWith('/')) throw refused(prefix);
    await rm(this.#pathOf(prefix.slice(0, -1)), { recursive: true, force: true });
  }

  #newAside(): string {
    return join(this.#aside, randomBytes(12).toString('hex'));
  }

  async #place(aside: string, path: string): Promise<void> {
    const folder = dirname(path);
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await rename(aside, path);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // A `removeAll` took the folder between the two: it came first, this put comes after.
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await rename(aside, path);
    }
    // A file is durable when every folder on the way to it is.
    const above = made === undefined ? folder : dirname(made);
    for (let at = folder; at.length >= above.length; at = dirname(at)) await syncFolder(at);
  }

  #fileOf(name: string): string {
    return `${this.#pathOf(name)}=`;
  }

  #pathOf(name: string): string {
    const parts = name.split('/');
    if (!parts.every((part) => PART.test(part) && part !== '.' && part !== '..')) throw refused(name);
    return join(
      this.#root,
      parts.map((part) => part.replace(/[A-Z]/g, (letter) => `=${letter.toLowerCase()}`)).join(sep),
    );
  }
}

const refused = (name: string): Error => new Error(`Not a name of a blob: ${JSON.stringify(name.slice(0, 200))}`);

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const writeSynced = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
};

const syncFolder = async (path: string): Promise<void> => {
  let folder: FileHandle;
  try {
    folder = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
