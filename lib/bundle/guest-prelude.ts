import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUEST_ENTRY = fileURLToPath(new URL('../guest/main.ts', import.meta.url));

const preludes = new Map<string, string>();

/**
 * The guest's own code as one script, evaluated in a context before any tenant's. Modules asked for by `require('./x.ts')`
 * become closures that are evaluated when the call is reached; everything imported is evaluated at once.
 *
 * Built once per process, from the project's own files only, by a process of esbuild that ends with the call.
 */
export async function buildPrelude(entry: string = GUEST_ENTRY): Promise<string> {
  const known = preludes.get(entry);
  if (known !== undefined) return known;
  const [output] = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    // Names in comments do not depend on where the project lies.
    absWorkingDir: entry === GUEST_ENTRY ? ROOT : dirname(entry),
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: '{}',
    logLevel: 'silent',
  }).outputFiles;
  if (output === undefined) throw new Error('esbuild gave no script');
  preludes.set(entry, output.text);
  return output.text;
}
