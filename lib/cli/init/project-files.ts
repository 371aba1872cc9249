import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where Tenon itself lies: projects use its test kit and its command from there. */
export const TENON_FOLDER = fileURLToPath(new URL('../../..', import.meta.url));

const AS_THEY_ARE = ['workflow.ts', 'workflow.test.ts', 'tsconfig.json', 'README.md'] as const;

/** The files of a new project in that folder by their names, but for the types. */
export const projectFiles = (folder: string, name: string): ReadonlyMap<string, string> =>
  new Map([
    ...AS_THEY_ARE.map((file) => [file, readFileSync(new URL(`project/${file}`, import.meta.url), 'utf8')] as const),
    ['package.json', `${JSON.stringify(manifest(folder, name), undefined, 2)}\n`],
    ['.gitignore', 'node_modules/\n.tenon/\n'],
  ]);

const manifest = (folder: string, name: string) => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  return {
    name: packageName(name),
    private: true,
    type: 'module',
    engines: { node: '>=24' },
    scripts: {
      dev: 'tenon dev --watch workflow.ts',
      test: 'node --test',
      types: 'tsc',
    },
    devDependencies: {
      // Links, as Node runs TypeScript as it is, but not from inside of `node_modules`.
      tenon: `file:${relative(folder, TENON_FOLDER).split(sep).join('/')}`,
      'tenon-sdk': 'file:tenon-sdk',
      typescript: devDependencies.typescript,
    },
  };
};

/** What npm takes for a name. */
const packageName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'workflow';
