import { createHash } from 'node:crypto';
import { build, type Message } from 'esbuild';
import type { BundleContentType, BundleProblem } from '../ports/bundle-store.ts';
import type { Compilation } from '../ports/compiler.ts';
import { isBuildFailure, modulePlugin, type ProblemDetail, SOURCE_NAMESPACE } from './module-plugin.ts';
import { ProblemError } from './problem-error.ts';
import { readSourceFiles, type SourceFiles } from './source-files.ts';

/** Bytes of the executable text. */
const MAX_CODE_BYTES = 10_000_000;
const MAX_PROBLEMS = 50;
const MAX_MESSAGE_LENGTH = 1_000;
const VERSION_DIGITS = 32;

/**
 * Turns an upload into one script in CommonJS form. What it gives depends on the upload alone: no path, clock, setting or
 * file of the machine takes part, so that the same source has the same version everywhere.
 */
export async function compile(upload: {
  readonly contentType: BundleContentType;
  readonly bytes: Uint8Array;
}): Promise<Compilation> {
  try {
    return await bundleSource(readSourceFiles(upload.contentType, upload.bytes));
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problems: [error.problem] };
    if (isBuildFailure(error)) return { ok: false, problems: error.errors.slice(0, MAX_PROBLEMS).map(toProblem) };
    throw error;
  }
}

async function bundleSource(source: SourceFiles): Promise<Compilation> {
  const { outputFiles } = await build({
    entryPoints: [source.entry],
    bundle: true,
    write: false,
    outfile: '/bundle.js',
    absWorkingDir: '/',
    format: 'cjs',
    platform: 'neutral',
    target: 'es2024',
    // The guest has no module loader of its own: a dynamic import gives a promise of what is in the bundle.
    supported: { 'dynamic-import': false },
    charset: 'utf8',
    // Bundling renames classes that refer to themselves or have namesakes; tenants see `constructor.name` and stacks.
    keepNames: true,
    sourcemap: 'external',
    // Filled in from the upload below.
    sourcesContent: false,
    legalComments: 'none',
    tsconfigRaw: '{}',
    logLevel: 'silent',
    plugins: [modulePlugin(source)],
  });
  const code = outputFiles.find(({ path }) => path.endsWith('.js'))?.contents;
  const map = outputFiles.find(({ path }) => path.endsWith('.map'))?.text;
  if (code === undefined || map === undefined) throw new Error('esbuild gave no script or no source map');
  if (code.byteLength > MAX_CODE_BYTES) {
    throw new ProblemError('bundle.too_large', `The bundled code is larger than ${MAX_CODE_BYTES} bytes.`);
  }
  const version = createHash('sha256').update(code).digest('hex').slice(0, VERSION_DIGITS);
  return { ok: true, bundle: { code: Buffer.from(code).toString(), sourceMap: nameSources(map, source) }, version };
}

/**
 * Sources by the names that the tenant gave them, with their text as it was uploaded: also those that nothing of the code
 * comes from, such as types, so that the map is the upload.
 */
function nameSources(mapText: string, { files }: SourceFiles): string {
  const map = JSON.parse(mapText) as { sources: string[] };
  const mapped = map.sources.map(withoutNamespace);
  const sources = [...mapped, ...[...files.keys()].filter((name) => !mapped.includes(name))];
  return JSON.stringify({ ...map, sources, sourcesContent: sources.map((name) => files.get(name) ?? null) });
}

function toProblem({ text, location, detail }: Message): BundleProblem {
  const message = text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}...` : text;
  const problem = isTopLevelAwait(text)
    ? { code: 'bundle.top_level_await', message: 'Top-level await is not available in a bundle: move it into `run`.' }
    : { code: isDetail(detail) ? detail.code : 'bundle.invalid_source', message };
  if (location === null) return problem;
  // esbuild counts columns in bytes, editors in UTF-16 units.
  const column = Buffer.from(location.lineText).subarray(0, location.column).toString().length;
  return { ...problem, file: withoutNamespace(location.file), line: location.line, column };
}

/** esbuild has no name for this one. */
const isTopLevelAwait = (text: string): boolean => text.startsWith('Top-level await is ');

const isDetail = (detail: unknown): detail is ProblemDetail =>
  typeof detail === 'object' && detail !== null && 'code' in detail;

const withoutNamespace = (name: string): string =>
  name.startsWith(`${SOURCE_NAMESPACE}:`) ? name.slice(SOURCE_NAMESPACE.length + 1) : name;
