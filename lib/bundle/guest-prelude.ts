import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUEST_ENTRY = fileURLToPath(new URL('../guest/main.ts', import.meta.url));

const preludes = new Map<string, string>();

/** In the guest's own sources, what stands behind this call goes into a function of its own. */
const LAZY_CALL = './lazy-modules.ts';
const LAZY_ENTRY = fileURLToPath(new URL('../guest/web/lazy-modules.ts', import.meta.url));

/**
 * The guest's own code as one script, evaluated in a context before any tenant's. Modules asked for by `require('./x.ts')`
 * become closures that are evaluated when the call is reached; everything imported is evaluated at once. The web globals
 * stand in one function together: a context that reads none of them does not even make their closures, which would take
 * half of the time. Strict, so that no `caller` leads from a tenant's callback to a function of the platform.
 *
 * Built once per process, from the project's own files only, by a process of esbuild that ends with the call.
 */
export async function buildPrelude(entry: string = GUEST_ENTRY): Promise<string> {
  const known = preludes.get(entry);
  if (known !== undefined) return known;
  // Names in comments do not depend on where the project lies.
  const absWorkingDir = entry === GUEST_ENTRY ? ROOT : dirname(entry);
  const lazy = bundle({ absWorkingDir, entryPoints: [LAZY_ENTRY], format: 'cjs' });
  const main = bundle({ absWorkingDir, entryPoints: [entry], format: 'iife', external: [LAZY_CALL] });
  const require = `const require=()=>{const module={exports:{}};${lazy};return module.exports};`;
  const prelude = `(()=>{"use strict";${main.includes(LAZY_CALL) ? require : ''}${main}})()`;
  preludes.set(entry, prelude);
  return prelude;
}

const bundle = (options: BuildOptions): string => {
  const result = buildSync({
    ...options,
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2023',
    charset: 'utf8',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    tsconfigRaw: '{}',
    logLevel: 'silent',
  });
  const [output] = result.outputFiles ?? [];
  if (output === undefined) throw new Error('esbuild gave no script');
  return output.text;
};
