import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { asDataFolderError, dataFolderError } from './data-folder-error.ts';

const KEY_BYTES = 32;

/**
 * The 256-bit key in a file of mode 0600, made at the first call. Written aside and linked into place, so that a crash
 * leaves either no key or a whole one: with half of one, everything sealed by it would be lost.
 *
 * Throws `DataFolderError`.
 */
export const readOrCreateKey = (path: string): Buffer => {
  try {
    return readKey(path) ?? createKey(path);
  } catch (error) {
    throw asDataFolderError(error);
  }
};

const readKey = (path: string): Buffer | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const key = Buffer.from(text, 'base64url');
  if (key.length !== KEY_BYTES) throw dataFolderError('data.damaged');
  return key;
};

const createKey = (path: string): Buffer => {
  const key = randomBytes(KEY_BYTES);
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(aside, 'wx', 0o600);
  try {
    writeSync(file, `${key.toString('base64url')}\n`);
    fsyncSync(file);
    linkSync(aside, path);
  } finally {
    closeSync(file);
    unlinkSync(aside);
  }
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
  return key;
};
