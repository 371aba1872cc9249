/** Writes the types that tenants' code is checked with as a package, `tenon-sdk`: `npm run build:sdk -- <folder>`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(PROJECT, 'sdk.out'));

/** What the types name beside the web's: whoever uses them need not know. */
const LIBRARY = '/// <reference lib="esnext.disposable" />\n';

interface Manifest {
  readonly version: string;
  readonly license: string;
}

const writeManifest = (): void => {
  const { version, license } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as Manifest;
  const manifest = {
    name: 'tenon-sdk',
    version,
    license,
    type: 'module',
    types: './index.d.ts',
    exports: {
      '.': { types: './index.d.ts' },
      './cloudflare': { types: './cloudflare.d.ts' },
      './workers': { types: './workers.d.ts' },
      './workflows': { types: './workflows.d.ts' },
    },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
};

/** An ambient module may name others by their package only. */
const modulesOf = (scheme: string): string =>
  ['workers', 'workflows']
    .map((name) => `declare module '${scheme}:${name}' {\n  export * from 'tenon-sdk/${name}';\n}\n`)
    .join('');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const sources = readdirSync(join(PROJECT, 'lib/sdk')).map((name) => join(PROJECT, 'lib/sdk', name));
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
execFileSync(process.execPath, [
  compiler,
  '--ignoreConfig',
  ...[
    '--declaration',
    '--emitDeclarationOnly',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--allowImportingTsExtensions',
  ],
  ...['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,webworker,esnext.disposable', '--types', ''],
  ...['--outDir', folder, ...sources],
]);
writeManifest();
// Beside Cloudflare's own types, or in their place: both name the modules that the other has.
writeFileSync(join(folder, 'index.d.ts'), `${LIBRARY}${modulesOf('tenon')}`);
writeFileSync(
  join(folder, 'cloudflare.d.ts'),
  `${LIBRARY}/// <reference path="./globals.d.ts" />\n${modulesOf('cloudflare')}${modulesOf('tenon')}`,
);
