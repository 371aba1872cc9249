import { posix } from 'node:path';
import {
  type BuildFailure,
  type Loader,
  type OnLoadResult,
  type OnResolveArgs,
  type OnResolveResult,
  type PartialMessage,
  type Plugin,
  transform,
} from 'esbuild';
import type { BundleProblemCode } from './problem-error.ts';
import type { SourceFiles } from './source-files.ts';

/** Where modules live for esbuild: in no file system. Shows in the text as `// source:index.ts`, the same everywhere. */
export const SOURCE_NAMESPACE = 'source';
const GUEST_NAMESPACE = 'guest';
/** The name of the function that gives the guest's modules: the script's second parameter. */
const GUEST_LOADER = '$tenon';

/** Answered by the guest, through the one name that the script is called with: tenant code sees no `require`. */
export const GUEST_MODULES: readonly string[] = [
  'cloudflare:workers',
  'cloudflare:workflows',
  'tenon:workers',
  'tenon:workflows',
];

const ALLOWED = `Relative paths of uploaded modules and ${GUEST_MODULES.map((name) => `"${name}"`).join(', ')} can be imported.`;

/** Written extension, then what may stand for it: TypeScript's way to name the output of a module. */
const SUBSTITUTES: readonly (readonly [written: string, source: string])[] = [
  ['.js', '.ts'],
  ['.mjs', '.mts'],
  ['.cjs', '.cts'],
];
const COMPLETIONS = ['', '.ts', '.js', '.mts', '.mjs', '.cts', '.cjs', '.json', '/index.ts', '/index.js'];

/** How esbuild names the message for a path that is not one string. */
const COMPUTED_PATH_IDS = ['unsupported-dynamic-import', 'unsupported-require-call'];

/** What a detected mistake is called, carried through esbuild beside its text. */
export interface ProblemDetail {
  readonly code: BundleProblemCode;
}

/**
 * Owns every way by which esbuild finds or reads anything.
 *
 * 1. Every path that esbuild resolves is answered here, out of the upload, or refused.
 * 2. Every module that esbuild loads is answered here, or refused.
 * 3. Two features of esbuild pass by plugins, and read the disk of the machine: paths that are computed in part
 *    (`require('./' + name)` lists folders) and comments that name a source map. Neither reaches esbuild's bundler: a
 *    computed path is refused after parsing without bundling, which has no file system, and the comment is undone.
 */
export function modulePlugin(source: SourceFiles): Plugin {
  return {
    name: 'uploaded-modules',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => resolveModule(source, args));
      build.onLoad({ filter: /.*/ }, async (args): Promise<OnLoadResult> => {
        if (args.namespace === GUEST_NAMESPACE) {
          return { contents: `module.exports = ${GUEST_LOADER}(${JSON.stringify(args.path)})`, loader: 'js' };
        }
        const text = args.namespace === SOURCE_NAMESPACE ? source.files.get(args.path) : undefined;
        if (text === undefined) return refuse('bundle.import_refused', `This cannot be imported. ${ALLOWED}`);
        const loader = loaderOf(args.path);
        const contents = loader === 'json' ? text : undoSourceMapComments(text);
        const errors = loader === 'json' ? [] : await findParseErrors(args.path, contents, loader);
        return errors.length > 0 ? { errors } : { contents, loader };
      });
    },
  };
}

function resolveModule(source: SourceFiles, args: OnResolveArgs): OnResolveResult {
  const { path, kind, importer } = args;
  if (kind === 'entry-point') return { path: source.entry, namespace: SOURCE_NAMESPACE };
  if (GUEST_MODULES.includes(path)) {
    if (Object.keys(args.with).length > 0) return refuseAttributes(path);
    return { path, namespace: GUEST_NAMESPACE };
  }
  if (args.namespace !== SOURCE_NAMESPACE || !/^\.{1,2}(?:\/|$)/.test(path)) {
    return refuse('bundle.import_refused', `${JSON.stringify(path)} cannot be imported. ${ALLOWED}`);
  }
  if (kind === 'require-resolve') {
    return refuse('bundle.import_refused', 'A bundled module has no path: "require.resolve" is not available.');
  }
  const found = findModule(source, posix.join(posix.dirname(importer), path));
  if (found === undefined) {
    return refuse('bundle.import_not_found', `${JSON.stringify(path)} is not in the upload. ${ALLOWED}`);
  }
  const { type, ...others } = args.with;
  const isAllowed =
    Object.keys(others).length === 0 && (type === undefined || (type === 'json' && found.endsWith('.json')));
  return isAllowed ? { path: found, namespace: SOURCE_NAMESPACE } : refuseAttributes(path);
}

function findModule({ files }: SourceFiles, path: string): string | undefined {
  const base = path.replace(/\/$/, '');
  for (const completion of COMPLETIONS) {
    if (files.has(base + completion)) return base + completion;
  }
  for (const [written, kept] of SUBSTITUTES) {
    const substitute = base.endsWith(written) ? base.slice(0, -written.length) + kept : undefined;
    if (substitute !== undefined && files.has(substitute)) return substitute;
  }
  // The folder itself, from a module in it.
  return base === '.' ? ['index.ts', 'index.js'].find((name) => files.has(name)) : undefined;
}

/**
 * Undoes comments that name a source map, which esbuild would read from wherever they point to. Where the word stands in a
 * name, a string or a pattern it means the same as before: one letter of it is written by its code.
 */
const undoSourceMapComments = (text: string): string => text.replaceAll('sourceMappingURL', 'source\\u004dappingURL');

/**
 * Parsing alone, which never lists or reads a folder, tells every `import()` and `require()` whose path is not one plain
 * string. Whatever else it finds is a mistake too, so a text that gave any error here does not reach the bundler.
 */
async function findParseErrors(path: string, text: string, loader: Loader): Promise<PartialMessage[]> {
  try {
    await transform(text, {
      loader,
      sourcefile: `${SOURCE_NAMESPACE}:${path}`,
      format: 'cjs',
      platform: 'neutral',
      tsconfigRaw: '{}',
      logLevel: 'silent',
      logOverride: Object.fromEntries(COMPUTED_PATH_IDS.map((id) => [id, 'error'])),
    });
    return [];
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return error.errors.map(({ id, text: message, location }) => {
      if (!COMPUTED_PATH_IDS.includes(id)) return { text: message, location };
      const detail: ProblemDetail = { code: 'bundle.import_computed' };
      return { text: `import() and require() take one plain string here. ${ALLOWED}`, location, detail };
    });
  }
}

/** What esbuild throws for a mistake in the source, and nothing else has a list of errors. */
export const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

function loaderOf(path: string): Loader {
  switch (posix.extname(path)) {
    case '.json':
      return 'json';
    case '.ts':
    case '.mts':
    case '.cts':
      return 'ts';
    default:
      return 'js';
  }
}

const refuseAttributes = (path: string) =>
  refuse(
    'bundle.import_attributes',
    `${JSON.stringify(path)} cannot be imported with these attributes; only a .json module may have { type: 'json' }.`,
  );

function refuse(code: BundleProblemCode, text: string) {
  const detail: ProblemDetail = { code };
  return { errors: [{ text, detail }] };
}
