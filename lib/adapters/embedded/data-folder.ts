import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asDataFolderError } from './data-folder-error.ts';
import { createPrivateFile } from './private-file.ts';

/** A folder that this process alone writes to. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** The path of a file or folder in it. */
  file(name: string): string;
  /** Lets another process have it; the last thing to do, after every store is closed. */
  release(): void;
}

/**
 * Creates the folder (mode 0700) and locks it for the life of this process.
 *
 * The lock is SQLite's exclusive lock on a file of its own: a lock that the kernel holds for the process, so that it
 * goes with the process however that dies, and no stale lock file ever has to be removed by hand. The database itself
 * is not locked this way, so that `sqlite3` can look into it while the service runs.
 *
 * Throws `DataFolderError`.
 */
export const openDataFolder = (folder: string): DataFolder => {
  const path = resolve(folder);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const release = lockFile(join(path, 'lock.db'));
    return { path, file: (name) => join(path, name), release };
  } catch (error) {
    throw asDataFolderError(error);
  }
};

/** Locks that this process holds: one that nobody referred to would be closed, and so given up, by the collector. */
const held = new Set<DatabaseSync>();

const lockFile = (path: string): (() => void) => {
  createPrivateFile(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw error;
  }
  held.add(lock);
  return () => {
    if (held.delete(lock)) lock.close();
  };
};
