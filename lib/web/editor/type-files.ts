/**
 * What a tenant's source is checked against, by the name that the compiler has for it: the language's own types, those of
 * the web, and Tenon's. All of it is part of this page's script.
 */
const LIBRARY: Readonly<Record<string, string>> = import.meta.glob(
  [
    '../../../node_modules/@typescript/old/lib/lib.{es5,es20*,esnext.disposable,decorators*,webworker*}.d.ts',
    '!**/lib.*.full.d.ts',
    '!**/lib.es2025*.d.ts',
    '!**/lib.webworker.importscripts.d.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
);

const SDK: Readonly<Record<string, string>> = import.meta.glob('../../sdk/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const TYPE_FILES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(LIBRARY).map(([path, text]) => [`/${nameOf(path)}`, text] as const),
  ...Object.entries(SDK).map(([path, text]) => [`/sdk/${nameOf(path)}`, text] as const),
]);
