import { createGunzip, gzipSync } from 'node:zlib';

const BLOCK = 512;
const NAME_BYTES = 100;
const SIZE = { at: 124, bytes: 12 } as const;
const MODE = { at: 100, bytes: 8 } as const;
const CHECKSUM = { at: 148, bytes: 8 } as const;
const KIND_AT = 156;
const MAGIC_AT = 257;
const FOLDER = '5';

/** An archive (.tar.gz) of one empty folder. */
export const emptyFolderArchive = (name: string): Uint8Array => {
  const header = Buffer.alloc(BLOCK);
  header.write(`${name}/`, 0);
  header.write('0000755', MODE.at);
  header.write('00000000000', SIZE.at);
  header.write(FOLDER, KIND_AT);
  header.write('ustar\u000000', MAGIC_AT);
  header.write(' '.repeat(CHECKSUM.bytes), CHECKSUM.at);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM.at);
  return gzipSync(Buffer.concat([header, Buffer.alloc(2 * BLOCK)]));
};

/**
 * The files at the beginning of an archive, up to the first entry that is no plain file; of an archive that was cut off, those
 * that are whole. Names and contents are whoever wrote it: nothing is taken for more than bytes under a name.
 */
export const leadingFiles = (tar: Uint8Array): ReadonlyMap<string, Buffer> => {
  const bytes = Buffer.from(tar.buffer, tar.byteOffset, tar.byteLength);
  const files = new Map<string, Buffer>();
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    const kind = header.toString('latin1', KIND_AT, KIND_AT + 1);
    const size = sizeOf(header);
    const begin = at + BLOCK;
    if ((kind !== '0' && kind !== '\0') || size === undefined || begin + size > bytes.length) break;
    const name = header.toString('utf8', 0, NAME_BYTES).split('\0')[0] ?? '';
    if (name === '') break;
    files.set(name, bytes.subarray(begin, begin + size));
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
};

/** `undefined`: not written as a number of eleven octal digits, as it is for anything below 8 GB. */
const sizeOf = (header: Buffer): number | undefined => {
  const text = header.toString('latin1', SIZE.at, SIZE.at + SIZE.bytes).replace(/[\0 ]+$/, '');
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : undefined;
};

/**
 * The first `limit` bytes of what was compressed, or fewer: the text may be cut off, and may claim to be of any length.
 * @throws Error where it is not compressed by gzip
 */
export const inflateBeginning = async (gzipped: Uint8Array, limit: number): Promise<Uint8Array> => {
  const gunzip = createGunzip();
  const chunks: Buffer[] = [];
  let length = 0;
  gunzip.end(gzipped);
  try {
    for await (const chunk of gunzip) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= limit) break;
    }
  } catch (error) {
    // Cut off: what came before is good.
    if ((error as NodeJS.ErrnoException).code !== 'Z_BUF_ERROR') throw error;
  }
  return Buffer.concat(chunks).subarray(0, limit);
};
