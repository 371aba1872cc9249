import { resolve } from 'node:path';
import type { InlineConfig } from 'vite';

/** The page's build: one start script, a part for each view, everything beside it in `assets`. */
export const pageConfig = (outDir: string): InlineConfig => ({
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The compiler that the editor asks is the last one that runs in a browser.
  resolve: { alias: { typescript: '@typescript/typescript6' } },
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  build: {
    outDir: resolve(outDir),
    emptyOutDir: true,
    target: 'es2023',
    // Nothing inline: the page's policy allows what comes from its own origin, and no more.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 8_000,
    // A slow machine is no news.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
