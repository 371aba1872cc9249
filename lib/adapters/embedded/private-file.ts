import { accessSync, closeSync, constants, openSync } from 'node:fs';

/**
 * Makes an empty file of mode 0600 for SQLite to open. One that is there is not even opened: on POSIX systems, closing
 * any handle of a file gives up every lock that the process has on it.
 */
export const createPrivateFile = (path: string): void => {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // SQLite would open a file that it cannot write to, and complain at the first write only.
    accessSync(path, constants.R_OK | constants.W_OK);
  }
};
