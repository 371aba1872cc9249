import { execFile } from 'node:child_process';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Looked at of one folder: beyond that it counts as too large. */
export const MAX_ENTRIES = 200_000;
/** It changes while one looks. */
const GONE: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR'];

/**
 * Bytes on disk of what a folder holds, links not followed; stops counting at `enough`. `Infinity` where it cannot be told:
 * folders closed to the service, deeper than a path goes, or with too many entries could hold anything.
 */
export const folderBytes = async (path: string, enough: number): Promise<number> => {
  let bytes = 0;
  let entries = 0;
  const folders = [path];
  try {
    for (let folder = folders.pop(); folder !== undefined && bytes < enough; folder = folders.pop()) {
      for await (const entry of await openedFolder(folder)) {
        const inside = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(inside);
        bytes += await diskBytes(inside);
        entries += 1;
        if (entries > MAX_ENTRIES) return Number.POSITIVE_INFINITY;
      }
    }
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  return bytes;
};

type Entries = AsyncIterable<{ readonly name: string; isDirectory(): boolean }>;

const openedFolder = (path: string): Promise<Entries> =>
  opendir(path).catch(async (error): Promise<Entries> => {
    if (!GONE.includes(error.code)) throw error;
    return nothing();
  });

async function* nothing(): AsyncGenerator<never> {}

const diskBytes = async (path: string): Promise<number> => {
  try {
    return (await lstat(path)).blocks * 512;
  } catch (error) {
    if (!GONE.includes((error as NodeJS.ErrnoException).code)) throw error;
    return 0;
  }
};

const run = promisify(execFile);

/**
 * Makes `to` what the folder `from` is: modes, times, links and owners with it. Rejects where something in it is closed to the
 * service, and when aborted; what there is of `to` is then of no use. Nothing may run in there.
 */
export const copyFolder = async (from: string, to: string, signal: AbortSignal): Promise<void> => {
  await run('cp', ['-a', '--', from, to], { signal });
};

/**
 * Removes what a command left, also folders that it closed, and those deeper than a path goes, which the programs of the system
 * know how to reach. Nothing may run in there any more.
 */
export const removeFolder = async (path: string): Promise<void> => {
  try {
    await run('rm', ['-rf', '--', path]);
  } catch {
    await run('chmod', ['-R', 'u+rwx', '--', path]);
    await run('rm', ['-rf', '--', path]);
  }
};
