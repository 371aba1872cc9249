import { chmod, lstat, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Looked at of one folder: beyond that it counts as too large. */
const MAX_ENTRIES = 200_000;

/**
 * Bytes on disk of what a folder holds, links not followed; stops counting at `enough`. It may change meanwhile: what is
 * gone again counts nothing.
 */
export const folderBytes = async (path: string, enough: number): Promise<number> => {
  let bytes = 0;
  let entries = 0;
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined && bytes < enough; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        const inside = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(inside);
        bytes += await diskBytes(inside);
        entries += 1;
        if (entries > MAX_ENTRIES) return Number.POSITIVE_INFINITY;
      }
    } catch {
      // Not there any more, or closed by its owner: what it holds was counted before, or does not grow unseen for long.
    }
  }
  return bytes;
};

const diskBytes = async (path: string): Promise<number> => {
  try {
    return (await lstat(path)).blocks * 512;
  } catch {
    return 0;
  }
};

/** Removes what a command left, also folders that it closed. Nothing may run in there any more. */
export const removeFolder = async (path: string): Promise<void> => {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await openFolders(path);
    await rm(path, { recursive: true, force: true });
  }
};

const openFolders = async (path: string): Promise<void> => {
  await chmod(path, 0o700);
  for await (const entry of await opendir(path)) if (entry.isDirectory()) await openFolders(join(path, entry.name));
};
