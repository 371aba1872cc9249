import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { zipSync } from 'fflate';
import { UsageError } from './exit-codes.ts';

export interface UploadSource {
  readonly contentType: 'text/typescript' | 'text/javascript' | 'application/zip';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How a person calls it. */
  readonly title: string;
  /** The file on this machine that a problem's `file` means; `undefined`: none that is known. */
  locate(file: string | undefined): { readonly path: string; readonly text: string } | undefined;
}

const MODULES: readonly string[] = ['.ts', '.mts', '.js', '.mjs', '.json'];
/** A zip of the same files is the same bytes, so that its version is the same too. */
const ZIP_TIME = new Date('2000-01-01T00:00:00Z');

/**
 * Reads what is to be deployed: one source file, a zip, or a folder whose modules are zipped here.
 * @param path as given, for messages
 * @param place where it lies
 * @throws UsageError
 */
export const readUploadSource = (path: string, place: string): UploadSource => {
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`there is no file or folder ${path}`);
  if (stats.isDirectory()) return readFolder(path, place);
  const bytes = new Uint8Array(readFileSync(place));
  const contentType = contentTypeOf(path);
  return {
    contentType,
    bytes,
    title: basename(path),
    locate: () => (contentType === 'application/zip' ? undefined : { path, text: decode(bytes) }),
  };
};

const contentTypeOf = (path: string): UploadSource['contentType'] => {
  switch (extname(path)) {
    case '.ts':
    case '.mts':
      return 'text/typescript';
    case '.js':
    case '.mjs':
      return 'text/javascript';
    case '.zip':
      return 'application/zip';
    default:
      throw new UsageError(`${path} is neither TypeScript (.ts), JavaScript (.js), a zip nor a folder`);
  }
};

const readFolder = (path: string, place: string): UploadSource => {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of modulesIn(place))
    files.set(name.split(sep).join('/'), new Uint8Array(readFileSync(join(place, name))));
  if (!files.has('index.ts') && !files.has('index.js')) {
    throw new UsageError(`the folder ${path} has no index.ts or index.js: that is where a bundle starts`);
  }
  return {
    contentType: 'application/zip',
    bytes: new Uint8Array(zipSync(Object.fromEntries(files), { mtime: ZIP_TIME })),
    title: `${path} (${files.size} files)`,
    locate: (file) => {
      const bytes = file === undefined ? undefined : files.get(file);
      return file === undefined || bytes === undefined ? undefined : { path: join(path, file), text: decode(bytes) };
    },
  };
};

const modulesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && MODULES.includes(extname(entry.name)))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(sep).some((part) => part.startsWith('.') || part === 'node_modules'))
    .sort();

const decode = (bytes: Uint8Array<ArrayBuffer>): string => new TextDecoder().decode(bytes);
