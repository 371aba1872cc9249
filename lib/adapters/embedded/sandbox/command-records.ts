import { mkdirSync } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxCommand, SandboxEnd } from '../../../ports/sandbox.ts';
import { asDataFolderError } from '../data-folder-error.ts';

/** How far a command has come; after its end has been told there is no record. */
export type CommandRecord =
  | { readonly kind: 'accepted' | 'started'; readonly command: SandboxCommand }
  | { readonly kind: 'ended'; readonly command: SandboxCommand; readonly end: SandboxEnd };

const ASIDE = '.new';

/** A file a command, of mode 0600: it holds what the tenant put into its environment. Throws `DataFolderError`. */
export class CommandRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw asDataFolderError(error);
    }
  }

  /** Durable when it returns; writes of one id come one after another. */
  async write(id: string, record: CommandRecord): Promise<void> {
    const path = join(this.#folder, id);
    try {
      const file = await open(path + ASIDE, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(record));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(path + ASIDE, path);
      await this.#sync();
    } catch (error) {
      throw asDataFolderError(error);
    }
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.#folder, id), { force: true });
  }

  async readAll(): Promise<ReadonlyMap<string, CommandRecord>> {
    const records = new Map<string, CommandRecord>();
    for (const id of await readdir(this.#folder)) {
      const path = join(this.#folder, id);
      // A write that never came to its end: nobody was told that the command was accepted.
      if (id.endsWith(ASIDE)) await rm(path, { force: true });
      else records.set(id, JSON.parse(await readFile(path, 'utf8')) as CommandRecord);
    }
    return records;
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
