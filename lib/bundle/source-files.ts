import { crc32, inflateRawSync } from 'node:zlib';
import type { BundleContentType } from '../ports/bundle-store.ts';
import { ProblemError } from './problem-error.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';

/** An upload as modules: text by name, such as `lib/approve.ts`. Nothing else exists for the bundle. */
export interface SourceFiles {
  readonly entry: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Folders too; more than any workflow needs, few enough that names alone cannot fill the memory. */
const MAX_FILES = 1_000;
/** Modules of one upload, unpacked. Compiling takes some twenty times as much memory. */
const MAX_UNPACKED_BYTES = 10_000_000;
/** Source code packs to a quarter or a tenth; what packs better than this is made to. */
const MAX_RATIO = 100;
/** Below this the ratio says nothing: a file of blanks is no bomb. */
const RATIO_FROM_BYTES = 100_000;

const MODULE_NAME = /\.(?:[cm]?[jt]s|json)$/;
/** What the Finder adds: copies of the names with binary content. */
const FINDER_FOLDER = '__MACOSX/';

/**
 * Reads an upload into a checked map of modules. Files which no module can import are left packed.
 *
 * @throws ProblemError
 */
export function readSourceFiles(contentType: BundleContentType, bytes: Uint8Array): SourceFiles {
  switch (contentType) {
    case 'text/typescript':
      return readSingleFile('index.ts', bytes);
    case 'text/javascript':
      return readSingleFile('index.js', bytes);
    case 'application/zip':
      return readZip(bytes);
  }
}

function readSingleFile(entry: string, bytes: Uint8Array): SourceFiles {
  if (bytes.byteLength > MAX_UNPACKED_BYTES) {
    throw new ProblemError('bundle.too_large', `The source is larger than ${MAX_UNPACKED_BYTES} bytes.`, entry);
  }
  return { entry, files: new Map([[entry, decode(entry, bytes)]]) };
}

function readZip(archive: Uint8Array): SourceFiles {
  const files = new Map<string, string>();
  let room = MAX_UNPACKED_BYTES;
  for (const entry of readZipDirectory(archive, MAX_FILES)) {
    if (!MODULE_NAME.test(entry.name) || entry.name.startsWith(FINDER_FOLDER)) continue;
    const bytes = unpack(entry, room);
    room -= bytes.byteLength;
    files.set(entry.name, decode(entry.name, bytes));
  }
  return { entry: findEntry(files), files };
}

/** Never makes more than the declared size, the room left and the ratio allow: the limit is the inflater's own. */
function unpack(entry: ZipEntry, room: number): Uint8Array {
  const { name, data, size } = entry;
  if (size > room) {
    throw new ProblemError('bundle.zip_too_large', `The zip unpacks to more than ${MAX_UNPACKED_BYTES} bytes.`);
  }
  const maxByRatio = Math.max(RATIO_FROM_BYTES, data.byteLength * MAX_RATIO);
  if (size > maxByRatio) {
    const message = `"${name}" unpacks to more than ${MAX_RATIO} times its packed size.`;
    throw new ProblemError('bundle.zip_ratio', message, name);
  }
  const bytes = entry.method === 'stored' ? data : inflate(name, data, size);
  if (bytes.byteLength !== size || crc32(bytes) !== entry.crc32) {
    throw new ProblemError('bundle.zip_invalid', `"${name}" in the zip is damaged.`, name);
  }
  return bytes;
}

function inflate(name: string, data: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
  } catch {
    // Damaged, or it makes more than it declared.
    throw new ProblemError('bundle.zip_invalid', `"${name}" in the zip is damaged.`, name);
  }
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError('bundle.not_utf8', `"${name}" is not UTF-8 text.`, name);
  }
}

function findEntry(files: ReadonlyMap<string, string>): string {
  const [entry, other] = ['index.ts', 'index.js'].filter((name) => files.has(name));
  if (other !== undefined) {
    throw new ProblemError('bundle.ambiguous_entry', 'The zip has both index.ts and index.js; leave one of them out.');
  }
  if (entry !== undefined) return entry;
  const deeper = [...files.keys()].find((name) => /^[^/]+\/index\.[jt]s$/.test(name));
  const hint = deeper === undefined ? '' : ` (there is "${deeper}": zip what is in the folder, not the folder)`;
  throw new ProblemError('bundle.no_entry', `The zip has no index.ts or index.js at its top${hint}.`);
}
