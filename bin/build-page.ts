import { createHash } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

/**
 * Builds the page into `web.out`, each file compressed beside itself: `npm run page`. Where nothing has changed since the
 * last time it is left as it is, so that every command that serves the page can call this first.
 */
const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(PROJECT, 'web.out');
const STAMP = 'built-from';
/** What the page is made of: its own sources, the examples that it offers, the types and the client that it shares. */
const SOURCES = [
  'lib/web/**/*',
  'lib/client/*.ts',
  'lib/sdk/*.ts',
  'tenant-examples/*/*.{ts,json}',
  'package-lock.json',
  'bin/build-page.ts',
];

const digestOfSources = (): string => {
  const hash = createHash('sha256');
  const entries = globSync(SOURCES, { cwd: PROJECT, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of entries.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    hash.update(path.slice(PROJECT.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
};

const compress = (path: string): void => {
  const bytes = readFileSync(path);
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: bytes.length > 1_000_000 ? 8 : 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  );
};

/** Of two that build at once the later one finds the other's: they are the same. */
const putInPlace = (fresh: string): void => {
  rmSync(OUT, { recursive: true, force: true });
  try {
    renameSync(fresh, OUT);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!isBuilt()) throw error;
  }
};

const digest = digestOfSources();
const isBuilt = (): boolean => existsSync(join(OUT, STAMP)) && readFileSync(join(OUT, STAMP), 'utf8') === digest;

if (!isBuilt()) {
  const startedAt = performance.now();
  const [{ build }, { pageConfig }] = await Promise.all([import('vite'), import('../lib/web/vite.config.ts')]);
  // Moved into place when it is whole: a build that was cut off is none, and two at once do not mix.
  const fresh = `${OUT}-${process.pid}`;
  await build(pageConfig(fresh));
  for (const entry of readdirSync(fresh, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) compress(join(entry.parentPath, entry.name));
  }
  writeFileSync(join(fresh, STAMP), digest);
  putInPlace(fresh);
  console.log(`page built in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}
