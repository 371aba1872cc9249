import ts from '@typescript/typescript6';
import { createSystem, createVirtualTypeScriptEnvironment } from '@typescript/vfs';
import { createWorker } from '@valtown/codemirror-ts/worker';
import { TYPE_FILES } from './type-files.ts';
import type { Question, Reply } from './worker-messages.ts';

/** What `import` gives a tenant, whichever of both names it uses. */
const MODULES = ['workers', 'workflows'].flatMap((name) =>
  ['cloudflare', 'tenon'].map((scheme) => [`${scheme}:${name}`, [`/sdk/${name}.ts`]] as const),
);

const compiler = createWorker(() =>
  createVirtualTypeScriptEnvironment(createSystem(new Map(TYPE_FILES)), ['/sdk/globals.ts'], ts, {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts', 'lib.webworker.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    types: [],
    paths: Object.fromEntries(MODULES.map(([name, files]) => [name, [...files]])),
  }),
);
const ready = compiler.initialize();

const answer = async ({ id, method, given }: Question): Promise<Reply> => {
  await ready;
  try {
    const ask = compiler[method] as (...given: readonly unknown[]) => unknown;
    return { id, value: await ask(...given) };
  } catch {
    // A source that brings the compiler down has no types to show; the upload tells what is wrong with it.
    return { id };
  }
};

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  void answer(data).then((reply) => postMessage(reply));
});
