import { autocompletion } from '@codemirror/autocomplete';
import { javascript } from '@codemirror/lang-javascript';
import { linter } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import { tsAutocompleteWorker, tsFacetWorker, tsHoverWorker, tsSyncWorker } from '@valtown/codemirror-ts';
import { remoteCompiler } from './remote-compiler.ts';

/** As the upload names it, at the compiler's root. */
const FILE = '/index.ts';
/** After the last key. */
const CHECK_AFTER_MS = 300;

/** A tenant's source: completion, types under the pointer, and what the compiler finds wrong, at its place. */
export const typescript = (): Extension => {
  const compiler = remoteCompiler();
  const lints = linter(
    async ({ state }) => {
      // The first text is no change that anybody tells of.
      const code = state.doc.toString();
      await compiler.updateFile({ path: FILE, code });
      const found = (await compiler.getLints({ path: FILE, diagnosticCodesToIgnore: [] })) ?? [];
      return found.map((lint) => ({ ...lint, source: 'TypeScript' }));
    },
    { delay: CHECK_AFTER_MS },
  );
  return [
    javascript({ typescript: true }),
    tsFacetWorker.of({ path: FILE, worker: compiler }),
    tsSyncWorker(),
    autocompletion({ override: [tsAutocompleteWorker()] }),
    tsHoverWorker(),
    lints,
  ];
};
