import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { PageFile, PageFiles } from '../../ports/page-files.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
};

/** The page as `bin/build-page.ts` lays it down: each file, and beside it the same compressed, ending in `.br`. */
export class PageFolder implements PageFiles {
  readonly #folder: string;
  /** Only what was there when first asked is served: no name leads out of the folder. */
  #names: Promise<ReadonlySet<string>> | undefined;
  readonly #files = new Map<string, Promise<PageFile>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(name: string): Promise<PageFile | undefined> {
    this.#names ??= listFiles(this.#folder);
    if (!(await this.#names).has(`${name}.br`)) return undefined;
    const file = this.#files.get(name) ?? this.#load(name);
    this.#files.set(name, file);
    return file;
  }

  async #load(name: string): Promise<PageFile> {
    const path = join(this.#folder, name);
    const [bytes, brotli] = await Promise.all([readFile(path), readFile(`${path}.br`)]);
    return { contentType: CONTENT_TYPES[extname(name)] ?? 'application/octet-stream', bytes, brotli };
  }
}

const listFiles = async (folder: string): Promise<ReadonlySet<string>> => {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return new Set(entries.map((entry) => entry.replaceAll('\\', '/')));
};
