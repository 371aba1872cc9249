import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEMS } from '../lib/http/problems.ts';
import { tenon } from './cli/command-line.ts';
import { makeFolder } from './contracts/embedded-folder.ts';
import { codeBlocks, splitWords, tenonCommands } from './documents/command-lines.ts';
import { anchorsOf, DOCUMENTS, ROOT, read } from './documents/documents.ts';
import { asModule, isWorkflow, isWorkflowBody } from './documents/snippets.ts';
import { ReplayBench } from './examples/replay-bench.ts';

interface Module {
  /** Where a reader finds it. */
  readonly title: string;
  readonly source: string;
}

const modules = (): readonly Module[] =>
  DOCUMENTS.flatMap((name) =>
    codeBlocks(read(name))
      .filter((block) => isWorkflow(block) || isWorkflowBody(block))
      .map((block) => ({
        title: `${name}:${block.line}`,
        source: isWorkflow(block) ? block.text : asModule(block.text),
      })),
  );

describe('the TypeScript modules in the documents', () => {
  const bench = new ReplayBench();
  beforeAll(() => bench.start());
  afterAll(() => bench.close());

  it('are there', () => {
    expect(modules().filter(({ title }) => title.startsWith('docs/tenants.md')).length).toBeGreaterThanOrEqual(5);
    expect(modules().length).toBeGreaterThanOrEqual(30);
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
  // The reference of the commands has a test of its own, which knows those that ask no server.
  const commands = DOCUMENTS.filter((name) => name !== 'docs/cli.md').flatMap((name) =>
    tenonCommands(read(name)).map((args) => [name, args] as const),
  );

  it('are there', () => {
    expect(commands.length).toBeGreaterThanOrEqual(40);
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
  it('the texts of errors are those that the code has', () => {
    const texts = [...(read('docs/errors.md').split('## What the API')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)];
    expect(texts.length).toBeGreaterThan(15);
    const sources = sourcesOf('lib').replace(/\$\{[^}]*\}/g, '\0');
    const missing = texts.filter(([, text = '']) => !text.split(/<[^>]+>/).every((part) => sources.includes(part)));
    expect(missing.map(([row]) => row)).toEqual([]);
  });

  it('the codes of problems are those that the API has', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `([^`]+)` \| (\d+) \| (.+) \|$/gm)];
    const told = rows.map(([, code = '', status, title]) => [code, { status: Number(status), title }]);
    expect(Object.fromEntries(told)).toEqual(PROBLEMS);
  });

  it('the prices in the README are those of docs/cost.md', () => {
    const told = /^\| a million instances of ten pure steps \|(.*)\|$/m.exec(read('README.md'))?.[1] ?? '';
    const [tenon = '', ...others] = (/^\| ten pure steps +\|(.*)\|$/m.exec(read('docs/cost.md'))?.[1] ?? '').split('|');
    expect(told).toContain(` $${Math.round(Number(tenon.trim().slice(1)))}, all in |`);
    expect(others).toHaveLength(3);
    for (const price of others) expect(told).toContain(price.trim());
  });

  it('links lead to files, and to headings in them', () => {
    const lost = DOCUMENTS.flatMap((name) =>
      [...read(name).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)].flatMap(([link, target = '', anchor]) => {
        const file = target === '' ? name : relative(ROOT, resolve(ROOT, dirname(name), target));
        if (!existsSync(join(ROOT, file))) return [`${name}: ${link}`];
        return anchor === undefined || anchorsOf(file).includes(anchor) ? [] : [`${name}: ${link}`];
      }),
    );
    expect(lost).toEqual([]);
  });

  it('every document is reached from the README', () => {
    const found = new Set(['README.md']);
    for (const name of found) {
      for (const [, target = ''] of read(name).matchAll(/\]\((?!https?:)([^)#\s]+)/g)) {
        const file = relative(ROOT, resolve(ROOT, dirname(name), target));
        for (const path of [file, `${file}/README.md`]) if (DOCUMENTS.includes(path)) found.add(path);
      }
    }
    expect(DOCUMENTS.filter((name) => !found.has(name))).toEqual([]);
  });
});

const sourcesOf = (folder: string): string =>
  readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
