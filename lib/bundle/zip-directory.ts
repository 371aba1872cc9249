import { ProblemError } from './problem-error.ts';

/** One file of an archive, as its central directory tells, checked against its local header. */
export interface ZipEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  readonly crc32: number;
  /** Bytes when unpacked, as declared. */
  readonly size: number;
  readonly data: Uint8Array;
}

const END_SIGNATURE = 0x06054b50;
const END_LENGTH = 22;
const MAX_COMMENT_LENGTH = 0xffff;
const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_LENGTH = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_LENGTH = 30;

const FLAG_ENCRYPTED = 0x0001;
const FLAG_STRONG_ENCRYPTION = 0x0040;
const FLAG_MASKED_HEADERS = 0x2000;
const FLAG_UTF8_NAME = 0x0800;

const MODE_TYPE = 0o170000;
const MODE_LINK = 0o120000;
const MODE_FILE = 0o100000;
const MODE_FOLDER = 0o040000;

const invalid = (what: string): never => {
  throw new ProblemError('bundle.zip_invalid', `The upload is not a zip archive that can be read: ${what}.`);
};

/**
 * Lists the files of a zip archive without unpacking anything. Strict: one disk, no Zip64, nothing before or after the
 * archive, no entry that lies over another one, and nothing where two readers could see two different archives.
 *
 * @throws ProblemError
 */
export function readZipDirectory(archive: Uint8Array, maxFiles: number): readonly ZipEntry[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const directoryLength = view.getUint32(end + 12, true);
  const directoryStart = view.getUint32(end + 16, true);
  const isSplit = view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 6, true) !== 0;
  if (isSplit || view.getUint16(end + 8, true) !== count) invalid('it is a part of a split archive');
  if (directoryStart + directoryLength !== end)
    invalid('its directory is not where its end says, or it is in Zip64 form');
  if (count > maxFiles) {
    throw new ProblemError(
      'bundle.zip_too_many_files',
      `The zip has ${count} entries; at most ${maxFiles} are allowed.`,
    );
  }

  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  const ranges: { readonly start: number; readonly end: number }[] = [];
  let at = directoryStart;
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_LENGTH > end || view.getUint32(at, true) !== CENTRAL_SIGNATURE)
      invalid('its directory is damaged');
    const nameLength = view.getUint16(at + 28, true);
    const next = at + CENTRAL_LENGTH + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) invalid('its directory is damaged');

    const flags = view.getUint16(at + 8, true);
    const nameBytes = archive.subarray(at + CENTRAL_LENGTH, at + CENTRAL_LENGTH + nameLength);
    const name = readName(nameBytes, (flags & FLAG_UTF8_NAME) !== 0);
    const isFolder = checkName(name);
    checkKind(name, flags, view.getUint32(at + 38, true) >>> 16, isFolder);
    if (names.has(name)) throw new ProblemError('bundle.zip_duplicate', `The zip has "${name}" more than once.`, name);
    names.add(name);

    const range = findData(view, archive, at, nameBytes, directoryStart);
    ranges.push(range);
    const size = view.getUint32(at + 24, true);
    const method = readMethod(name, view.getUint16(at + 10, true));
    if (method === 'stored' && size !== range.end - range.dataStart) invalid(`"${name}" has two different sizes`);
    if (!isFolder) {
      const data = archive.subarray(range.dataStart, range.end);
      entries.push({ name, method, crc32: view.getUint32(at + 16, true), size, data });
    } else if (size !== 0) {
      odd(name, 'is a folder with content');
    }
    at = next;
  }
  if (at !== end) invalid('its directory holds more than it says');
  refuseOverlaps(ranges);
  return entries;
}

function findEnd(view: DataView): number {
  const last = view.byteLength - END_LENGTH;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_LENGTH); at -= 1) {
    if (view.getUint32(at, true) === END_SIGNATURE && view.getUint16(at + 20, true) === last - at) return at;
  }
  return invalid('it has no directory');
}

function readName(bytes: Uint8Array, isUtf8: boolean): string {
  if (!isUtf8 && bytes.some((byte) => byte > 0x7f)) {
    return odd(Buffer.from(bytes).toString('latin1'), 'has a name that is neither ASCII nor marked as UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return odd(Buffer.from(bytes).toString('latin1'), 'has a name that is not UTF-8');
  }
}

/** Gives whether the entry is a folder. */
function checkName(name: string): boolean {
  if (/^[/\\]|^[a-zA-Z]:/.test(name)) {
    throw new ProblemError('bundle.zip_absolute', `${shown(name)} in the zip is an absolute name.`);
  }
  const parts = name.split(/[/\\]/);
  if (parts.includes('..')) {
    throw new ProblemError('bundle.zip_traversal', `${shown(name)} in the zip leads out of it.`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about control characters
  if (name.length > 255 || /[\u0000-\u001f\u007f\\:*?"<>|]/.test(name)) odd(name, 'has a name that is not allowed');
  const isFolder = name.endsWith('/');
  if ((isFolder ? parts.slice(0, -1) : parts).some((part) => part === '' || part === '.')) {
    odd(name, 'has a name that is not allowed');
  }
  return isFolder;
}

function checkKind(name: string, flags: number, mode: number, isFolder: boolean): void {
  if ((flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS)) !== 0) {
    throw new ProblemError('bundle.zip_encrypted', `"${name}" in the zip is encrypted.`, name);
  }
  // Archives made on Windows have no mode: 0.
  const type = mode & MODE_TYPE;
  if (type === MODE_LINK) {
    throw new ProblemError('bundle.zip_link', `"${name}" in the zip is a link; only files are allowed.`, name);
  }
  if (type !== 0 && type !== (isFolder ? MODE_FOLDER : MODE_FILE)) odd(name, 'is neither a file nor a folder');
}

function readMethod(name: string, method: number): ZipEntry['method'] {
  if (method === 0) return 'stored';
  if (method === 8) return 'deflated';
  return odd(name, `is compressed by method ${method}; only "deflate" and "store" are allowed`);
}

/** Where an entry's bytes are; its local header must say what the directory says. */
function findData(
  view: DataView,
  archive: Uint8Array,
  central: number,
  nameBytes: Uint8Array,
  limit: number,
): { readonly start: number; readonly dataStart: number; readonly end: number } {
  const start = view.getUint32(central + 42, true);
  if (start + LOCAL_LENGTH > limit || view.getUint32(start, true) !== LOCAL_SIGNATURE) {
    invalid('an entry is not where its directory says, or it is in Zip64 form');
  }
  const nameLength = view.getUint16(start + 26, true);
  const dataStart = start + LOCAL_LENGTH + nameLength + view.getUint16(start + 28, true);
  const end = dataStart + view.getUint32(central + 20, true);
  if (end > limit) invalid('an entry is not where its directory says, or it is in Zip64 form');
  const localName = archive.subarray(start + LOCAL_LENGTH, start + LOCAL_LENGTH + nameLength);
  const isSame =
    view.getUint16(start + 6, true) === view.getUint16(central + 8, true) &&
    view.getUint16(start + 8, true) === view.getUint16(central + 10, true) &&
    Buffer.compare(localName, nameBytes) === 0;
  if (!isSame) invalid('an entry and the directory tell two different things');
  return { start, dataStart, end };
}

/** Entries that share bytes are how a small archive unpacks to petabytes without any large ratio. */
function refuseOverlaps(ranges: readonly { readonly start: number; readonly end: number }[]): void {
  let end = 0;
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    if (range.start < end) invalid('two entries share their bytes');
    end = range.end;
  }
}

/** A hostile name, fit to be shown. */
function shown(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
}

function odd(name: string, why: string): never {
  throw new ProblemError('bundle.zip_odd_entry', `${shown(name)} in the zip ${why}.`);
}
