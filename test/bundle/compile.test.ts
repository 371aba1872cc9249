import vm from 'node:vm';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { compile } from '../../lib/bundle/compile.ts';

const typescript = (text: string) => compile({ contentType: 'text/typescript', bytes: Buffer.from(text) });
const zip = (files: Record<string, string>) =>
  compile({
    contentType: 'application/zip',
    bytes: zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
  });

async function problemsOf(compilation: ReturnType<typeof compile>) {
  const result = await compilation;
  return result.ok ? [] : result.problems;
}

/** Evaluates the script as the guest does. */
async function load(compilation: ReturnType<typeof compile>): Promise<Record<string, unknown>> {
  const result = await compilation;
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const module = { exports: {} };
  const guestRequire = (name: string): object => {
    if (name === 'cloudflare:workers') return { WorkflowEntrypoint: class WorkflowEntrypoint {} };
    throw new Error(`asked for ${name}`);
  };
  vm.compileFunction(result.bundle.code, ['module', 'exports', '$tenon'])(module, module.exports, guestRequire);
  return module.exports;
}

describe('a bundle', () => {
  it('exports the workflows of its entry, whose base class the guest gives', async () => {
    const exports = await load(
      typescript(`import { WorkflowEntrypoint } from 'cloudflare:workers';
        export class Hello extends WorkflowEntrypoint { async run() {} }
        export default { fetch() {} };`),
    );
    expect(Object.keys(exports)).toEqual(['Hello', 'default']);
  });

  it.each(['cloudflare:workers', 'cloudflare:workflows', 'tenon:workers', 'tenon:workflows'])(
    'leaves %s to the guest, however it is asked for',
    async (name) => {
      const result = await typescript(
        `import * as a from '${name}'; export const b = () => import('${name}'); export const c = () => require('${name}'); export { a };`,
      );
      expect(result.ok && [...result.bundle.code.matchAll(/\$tenon\("[^"]+"\)/g)].map(([call]) => call)).toEqual([
        `$tenon("${name}")`,
      ]);
      expect(result.ok && /\bimport\(/.test(result.bundle.code)).toBe(false);
    },
  );

  it('may be JavaScript in CommonJS form', async () => {
    const bytes = Buffer.from('exports.Hello = class Hello {}; exports.two = 2;');
    expect(await load(compile({ contentType: 'text/javascript', bytes }))).toMatchObject({ two: 2 });
  });

  it('joins modules by relative paths: with and without extension, as their output, as folders, as data', async () => {
    const exports = await load(
      zip({
        'index.ts': `import { a } from './lib/a'; import { b } from './lib/b.js'; import { c } from './lib/c.ts'; import { d } from './d';
          import rates from './data/rates.json'; import same from './data/rates.json' with { type: 'json' };
          export const sum = [a, b, c, d, rates.eur, same.eur];
          export const later = async () => (await import('./lib/c.ts')).c;`,
        'lib/a.ts': `import { c } from '../lib/c.ts'; export const a = 'a' + c;`,
        'lib/b.ts': `export { b } from './deep/b';`,
        'lib/deep/b.js': `export const b = 'b';`,
        'lib/c.ts': `export const c: string = 'c';`,
        'd/index.ts': `import { e } from '.'; export const d = 'd'; export const e = 1; void e;`,
        'data/rates.json': '{ "eur": 2, "__proto__": 3 }',
        'package.json': '{ "main": "other.ts", "imports": { "#x": "./x.ts" } }',
      }),
    );
    expect(exports.sum).toEqual(['ac', 'b', 'c', 'd', 2, 2]);
    expect(await (exports.later as () => Promise<string>)()).toBe('c');
  });

  it('keeps types out: enums, decorators, satisfies, type re-exports, using', async () => {
    const exports = await load(
      zip({
        'index.ts': `import { Shape, size } from './shape.ts'; export { Shape, size };
          enum Level { Low = 1, High } const enum Kind { A = 'a' } namespace Inner { export const x = 1 }
          const limits = { low: 1 } satisfies Record<string, number>;
          const upper = (_: unknown, context: ClassDecoratorContext) => { seen.push(String(context.name)) };
          export const seen: string[] = [];
          @upper class Decorated { declare a: number; constructor(readonly b = 2) {} accessor c = 4; }
          { using closed = { [Symbol.dispose]() { seen.push('closed') } }; void closed }
          export const all = [Level.High, Level[2], Kind.A, Inner.x, limits.low, new Decorated().b, new Decorated().c];`,
        'shape.ts': 'export interface Shape { a: number } export const size = 3;',
      }),
    );
    expect(exports).toMatchObject({ all: [2, 'High', 'a', 1, 1, 2, 4], seen: ['Decorated', 'closed'], size: 3 });
  });

  it('keeps the names of classes, also of those that name themselves or have namesakes', async () => {
    const exports = await load(
      zip({
        'index.ts': `export { Lost as Other } from './other.ts'; export class Lost extends Error {}
          export class Hello { static own = Hello.name; }`,
        'other.ts': 'export class Lost extends Error {}',
      }),
    );
    const { Lost, Other, Hello } = exports as Record<string, { name: string; own?: string }>;
    expect([Lost?.name, Other?.name, Hello?.name, Hello?.own]).toEqual(['Lost', 'Lost', 'Hello', 'Hello']);
  });
});

describe('the source map', () => {
  it('has the uploaded names and texts', async () => {
    const text = `import './lib/a.ts';\nexport const sourceMappingURL = 1;`;
    const result = await zip({ 'index.ts': text, 'lib/a.ts': 'globalThis.a = 1;' });
    const map = result.ok ? JSON.parse(result.bundle.sourceMap) : undefined;
    expect(map.sources).toEqual(['index.ts', 'lib/a.ts']);
    expect(map.sourcesContent).toEqual([text, 'globalThis.a = 1;']);
    expect(result.ok && result.bundle.code).not.toContain('sourceMappingURL=');
  });

  it('has what no code comes from too, so that it is the whole upload', async () => {
    const text = `import type { A } from './types.ts';\nimport b from './b.json';\nexport const a: A = b;`;
    const files = { 'index.ts': text, 'types.ts': 'export type A = object;', 'b.json': '{}', 'unused.js': '1' };
    const result = await zip(files);
    const map = result.ok ? JSON.parse(result.bundle.sourceMap) : undefined;
    const pairs = map.sources.map((name: string, index: number) => [name, map.sourcesContent[index]]);
    expect(Object.fromEntries(pairs)).toEqual(files);
  });
});

describe('the version', () => {
  const source = `import { b } from './b'; export class A { x = b }`;

  it('is 32 hex digits that depend on the source alone', async () => {
    const [one, two, other] = await Promise.all([
      zip({ 'index.ts': source, 'b.ts': 'export const b = 1', 'unused.ts': '1' }),
      zip({ 'b.ts': 'export const b = 1', 'index.ts': source }),
      zip({ 'index.ts': source, 'b.ts': 'export const b = 2' }),
    ]);
    if (!one.ok || !two.ok || !other.ok) throw new Error('did not compile');
    expect(one.version).toMatch(/^[0-9a-f]{32}$/);
    expect(two.version).toBe(one.version);
    expect(other.version).not.toBe(one.version);
  });

  it('is this one for this source, on every machine', async () => {
    const result = await typescript('export class Hello { async run() { return 1; } }');
    expect(result.ok && result.version).toMatchInlineSnapshot(`"c6a7cada43cd200ad41788427e8957f3"`);
    expect(result.ok && result.bundle.code).not.toContain(process.cwd());
  });
});

describe('a mistake', () => {
  it('is told with its file, line from 1 and column from 0 in UTF-16 units', async () => {
    const problems = await problemsOf(
      zip({ 'index.ts': `import './lib/a.ts'`, 'lib/a.ts': `\nconst größe = '日本'; let = ;` }),
    );
    expect(problems).toEqual([
      { code: 'bundle.invalid_source', message: expect.any(String), file: 'lib/a.ts', line: 2, column: 26 },
    ]);
  });

  it.each<[string, string, number]>([
    ['a Node module', `import fs from 'node:fs'; fs;`, 15],
    ['a package', `import _ from 'lodash'; _;`, 14],
    ['a package, in a try block', `try { require('fs') } catch {}`, 14],
    ['an absolute path', `import '/etc/passwd';`, 7],
    ['a file URL', `import 'file:///etc/passwd';`, 7],
    ['a data URL', `import 'data:text/javascript,1';`, 7],
    ['an address', `import 'https://example.com/a.js';`, 7],
    ['a subpath of a package', `import '#internal';`, 7],
    ['another module of the platform', `import 'cloudflare:sockets';`, 7],
    ['another name in our namespace', `import 'source:index.ts';`, 7],
    ['a path that is only resolved', `require.resolve('./index.ts');`, 16],
  ])('%s is refused at its place, with what is allowed', async (_, text, column) => {
    const problems = await problemsOf(typescript(text));
    expect(problems).toMatchObject([{ code: 'bundle.import_refused', file: 'index.ts', line: 1, column }]);
    if (!text.includes('resolve')) expect(problems[0]?.message).toContain('"cloudflare:workers"');
  });

  it.each(['./missing', '../outside.ts', '../../../../etc/passwd', './index.ts/../../x', './toString', './__proto__'])(
    'a module that is not in the upload is not found: %s',
    async (path) => {
      expect(await problemsOf(typescript(`import '${path}';`))).toMatchObject([
        { code: 'bundle.import_not_found', column: 7 },
      ]);
    },
  );

  it('a missing export is told', async () => {
    const problems = await problemsOf(
      zip({ 'index.js': `import { b } from './b.js'; b()`, 'b.js': 'export const a = 1' }),
    );
    expect(problems).toMatchObject([{ code: 'bundle.invalid_source', file: 'index.js', line: 1, column: 9 }]);
  });

  it('JSON that is no JSON is told', async () => {
    const problems = await problemsOf(zip({ 'index.ts': `import './a.json'`, 'a.json': '{ a }' }));
    expect(problems).toMatchObject([{ code: 'bundle.invalid_source', file: 'a.json', line: 1 }]);
  });

  it('await at the top is refused with the advice to move it', async () => {
    const problems = await problemsOf(typescript(`\n  await fetch('https://example.com');`));
    expect(problems).toMatchObject([{ code: 'bundle.top_level_await', file: 'index.ts', line: 2, column: 2 }]);
    expect(problems[0]?.message).toContain('move it into `run`');
  });

  it('a flood of them is cut', async () => {
    const text = Array.from({ length: 500 }, (_, at) => `import 'p${at}';`).join('\n');
    expect(await problemsOf(typescript(text))).toHaveLength(50);
  });

  it('an archive that cannot be read is one problem', async () => {
    const problems = await problemsOf(compile({ contentType: 'application/zip', bytes: Buffer.from('x') }));
    expect(problems).toMatchObject([{ code: 'bundle.zip_invalid' }]);
  });
});
