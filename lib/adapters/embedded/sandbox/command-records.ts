import { mkdirSync } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxEnd, SandboxWork } from '../../../ports/sandbox.ts';
import { asDataFolderError } from '../data-folder-error.ts';

/** How far a command, or a task of snapshots, has come; after its end has been told there is no record. */
export type CommandRecord =
  | { readonly kind: 'accepted' | 'started'; readonly command: SandboxWork }
  | { readonly kind: 'ended'; readonly command: SandboxWork; readonly end: SandboxEnd };

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
      else records.set(id, readRecord(await readFile(path, 'utf8')));
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

/** Before there were snapshots all work was commands, and none said so. */
const readRecord = (text: string): CommandRecord => {
  const { command, ...progress } = JSON.parse(text) as CommandRecord;
  return { ...progress, command: { ...command, kind: command.kind ?? 'command' } as SandboxWork };
};
