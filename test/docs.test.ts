import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_VALUE_BYTES } from '../lib/core/limits.ts';
import { tenon } from './cli/command-line.ts';
import { makeFolder } from './contracts/embedded-folder.ts';
import { codeBlocks, splitWords, tenonCommands } from './documents/command-lines.ts';
import { ReplayBench } from './examples/replay-bench.ts';

const ROOT = resolve(import.meta.dirname, '..');
const EXAMPLES = readdirSync(join(ROOT, 'tenant-examples')).map((folder) => `tenant-examples/${folder}/README.md`);
const GUIDES = [
  'docs/tenants.md',
  'docs/deploy.md',
  'docs/cost.md',
  'docs/scale.md',
  'docs/runbook.md',
  'docs/extending.md',
];
const DOCUMENTS = ['README.md', ...GUIDES, 'tenant-examples/README.md', ...EXAMPLES].filter((name) =>
  existsSync(join(ROOT, name)),
);

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

interface Module {
  /** Where a reader finds it. */
  readonly title: string;
  readonly source: string;
}

const modules = (): readonly Module[] =>
  DOCUMENTS.flatMap((name) =>
    codeBlocks(read(name))
      .filter(({ language, text }) => language === 'ts' && text.includes("'cloudflare:workers'"))
      .map(({ text, line }) => ({ title: `${name}:${line}`, source: text })),
  );

describe('the TypeScript modules in the documents', () => {
  const bench = new ReplayBench();
  beforeAll(() => bench.start());
  afterAll(() => bench.close());

  it('are there', () => {
    expect(modules().filter(({ title }) => title.startsWith('docs/tenants.md')).length).toBeGreaterThanOrEqual(5);
  });

  it.each(modules().map(({ title, source }) => [title, source] as const))(
    'the one at %s is accepted as a bundle and exports a workflow',
    async (_, source) => {
      const inspection = await bench.inspect(await bench.compile(source));
      expect(inspection).toMatchObject({ ok: true });
      expect(inspection.ok && inspection.workflows).not.toEqual([]);
    },
  );

  it('type-check with the types that tenants get', () => {
    const folder = makeFolder();
    try {
      mkdirSync(join(folder.path, 'modules'));
      for (const [index, { title, source }] of modules().entries())
        writeFileSync(join(folder.path, 'modules', `${index}-${title.replace(/\W+/g, '-')}.ts`), source);
      const sdk = (name: string): readonly string[] => [join(ROOT, `lib/sdk/${name}.ts`)];
      const paths = { 'cloudflare:workers': sdk('workers'), 'cloudflare:workflows': sdk('workflows') };
      const compilerOptions = { paths, typeRoots: [join(ROOT, 'node_modules/@types')], noUnusedLocals: false };
      const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['modules', ...sdk('globals')] };
      writeFileSync(join(folder.path, 'tsconfig.json'), JSON.stringify(config));
      // Or the compiler looks for one further up, outside of what the test knows.
      writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }');
      const tsc = join(ROOT, 'node_modules/.bin/tsc');
      const { stdout, status } = spawnSync(tsc, ['--noEmit', '-p', folder.path], { encoding: 'utf8' });
      expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
    } finally {
      folder.remove();
    }
  });
});

describe('the commands in the documents', () => {
  // Nobody listens there: a command line that is understood comes as far as that, and ends with exit code 3.
  const terminal = { env: { TENON_URL: 'http://127.0.0.1:9', TENON_KEY: 'none', TENON_TENANT: 'acme' }, cwd: ROOT };
  const commands = DOCUMENTS.flatMap((name) => tenonCommands(read(name)).map((args) => [name, args] as const));

  it('are there', () => {
    expect(commands.filter(([name]) => name === 'docs/tenants.md').length).toBeGreaterThanOrEqual(10);
  });

  it.each(commands.map(([name, args]) => [name, args.join(' '), args] as const))(
    '%s: tenon %s',
    async (_, line, args) => {
      // A file that the reader is told to write stands in the document itself.
      const known = args.map((word) => (word === 'onboarding.ts' ? 'tenant-examples/hello/workflow.ts' : word));
      expect({ line, ...(await tenon(known, terminal)) }).toMatchObject({ line, code: 3 });
    },
  );

  it('are read as a shell reads them', () => {
    expect(splitWords(`trigger W '{ "a": "b c" }' --id "x y" # why`)).toEqual([
      'trigger',
      'W',
      '{ "a": "b c" }',
      '--id',
      'x y',
    ]);
    expect(() => splitWords('deploy a.ts && rm -r b')).toThrow('needs more of a shell');
    expect(() => splitWords("trigger 'half")).toThrow('not a plain command line');
  });

  it('every npm script that a document names exists', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    for (const name of DOCUMENTS) {
      for (const [, script = ''] of read(name).matchAll(/npm run (?:--silent )?([\w:-]+)/g)) {
        expect(Object.keys(scripts), `named in ${name}`).toContain(script);
      }
    }
  });
});

describe('what the documents say of the code', () => {
  it('the texts of errors in the tenants’ guide are those that the code has', () => {
    const section = /## Errors\n([\s\S]*?)\n## /.exec(read('docs/tenants.md'))?.[1] ?? '';
    const texts = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, text = '']) => text);
    expect(texts.length).toBeGreaterThan(15);
    const sources = sourcesOf('lib').replace(/\$\{[^}]*\}/g, '\0');
    const missing = texts.filter((text) => !text.split(/<[^>]+>/).every((part) => sources.includes(part)));
    expect(missing).toEqual([]);
  });

  it('links lead to files', () => {
    for (const name of DOCUMENTS) {
      for (const [, target = ''] of read(name).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
        expect(existsSync(resolve(ROOT, dirname(name), target)), `${target} in ${name}`).toBe(true);
    }
  });

  it('1 MiB is what the limit says', () => {
    expect(read('docs/tenants.md')).toContain(MAX_VALUE_BYTES.toLocaleString('en'));
  });
});

const sourcesOf = (folder: string): string =>
  readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
