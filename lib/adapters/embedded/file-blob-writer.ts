import { type FileHandle, open, rm } from 'node:fs/promises';
import type { BlobWriter } from '../../ports/blob-store.ts';
import { asDataFolderError } from './data-folder-error.ts';

/** Writes aside; `place` moves what is whole and synced to where it belongs. */
export class FileBlobWriter implements BlobWriter {
  readonly #aside: string;
  readonly #place: () => Promise<void>;
  #file: FileHandle | undefined;

  constructor(aside: string, place: () => Promise<void>) {
    this.#aside = aside;
    this.#place = place;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#try(async () => {
      this.#file ??= await open(this.#aside, 'wx', 0o600);
      await this.#file.writeFile(bytes);
    });
  }

  async finish(): Promise<void> {
    await this.write(new Uint8Array());
    await this.#try(async () => {
      await this.#file?.sync();
      await this.#file?.close();
      await this.#place();
    });
  }

  async abort(): Promise<void> {
    await this.#file?.close().catch(() => {});
    await rm(this.#aside, { force: true });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      await this.abort();
      throw asDataFolderError(error);
    }
  }
}
