import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../lib/bundle/compile.ts';

// Fear: source that makes the bundler read the machine's files.

const SECRET = 'secret-of-the-machine';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-hostile-'));
  writeFileSync(join(folder, 'secret.txt'), SECRET);
  writeFileSync(join(folder, 'secret.ts'), `export default '${SECRET}'`);
  writeFileSync(join(folder, 'secret.js'), `module.exports = '${SECRET}'`);
  writeFileSync(join(folder, 'secret.json'), `{ "secret": "${SECRET}" }`);
  writeFileSync(join(folder, 'secret.css'), `a { content: '${SECRET}' }`);
  writeFileSync(
    join(folder, 'secret.map'),
    JSON.stringify({ version: 3, sources: [SECRET], sourcesContent: [SECRET], names: [SECRET], mappings: 'AAAAA' }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** From the root, and from here: esbuild would take both kinds. */
const up = (): string => `${'../'.repeat(40)}${folder.slice(1)}`;
const here = (): string => relative(process.cwd(), folder);
const mapComment = (map: object): string =>
  `data:application/json;base64,${Buffer.from(JSON.stringify({ version: 3, names: [], mappings: 'AAAA', ...map })).toString('base64')}`;

const compileText = (text: string) => compile({ contentType: 'text/typescript', bytes: Buffer.from(text) });

describe('source cannot read the machine', () => {
  it.each<[string, () => string]>([
    ['by an import of text', () => `import a from '${folder}/secret.txt' with { type: 'text' }; console.log(a)`],
    ['by an import of bytes', () => `import a from '${up()}/secret.txt' with { type: 'bytes' }; console.log(a)`],
    ['by an import of a file', () => `import a from '${up()}/secret.txt' with { type: 'file' }; console.log(a)`],
    ['by an import of JSON', () => `import a from '${up()}/secret.json' with { type: 'json' }; console.log(a)`],
    ['by an import of style', () => `import '${up()}/secret.css'`],
    ['by an import of an address', () => `import a from '${pathToFileURL(folder)}/secret.ts'; console.log(a)`],
    ['by an import in a phase', () => `import defer * as a from '${up()}/secret.js'; console.log(a)`],
    ['by require', () => `console.log(require('${up()}/secret.js'))`],
    ['by require from here', () => `console.log(require('./${here()}/secret.js'))`],
    ['by import()', () => `console.log(import('${up()}/secret.ts'))`],
    ['by require in TypeScript form', () => `import a = require('${up()}/secret.ts'); console.log(a)`],
    ['by a query', () => `import '${up()}/secret.ts?raw'`],
    ['by a computed require', () => `export const a = (x) => require('./${here()}/' + x + '.js')`],
    ['by a computed require in a template', () => `export const a = (x) => require(\`${up()}/\${x}\`)`],
    ['by a computed import()', () => `export const a = (x) => import(\`${up()}/\${x}.json\`)`],
    [
      'by a computed import() with attributes',
      () => `export const a = (x) => import('./' + x, { with: { type: 'text' } })`,
    ],
    ['by a computed require in spelling', () => `export const a = (x) => r\\u0065quire('./${here()}/' + x)`],
    ['by a computed require in dead code', () => `if (false) { require('./${here()}/' + x) }`],
    [
      'by a computed require in a choice',
      () => `export const a = (x) => require(x ? './${here()}/' + x : './index.ts')`,
    ],
    [
      'by a computed require with an enum',
      () => `enum E { A = './${here()}/' } export const a = (x) => require(E.A + x)`,
    ],
    ['by a computed require beside await at the top', () => `await 1; require('./${here()}/' + x)`],
    [
      'by a computed require in another module of the upload',
      () => `import * as self from './index.ts'; require('../' + self)`,
    ],
    ['by JSX', () => `/** @jsxRuntime automatic @jsxImportSource ${up()}/secret */ export const a = <div/>`],
  ])('%s', async (way, text) => {
    const result = await compileText(text());
    expect(JSON.stringify(result)).not.toContain(SECRET);
    expect(result.ok).toBe(false);
    const codes = result.ok ? [] : result.problems.map(({ code }) => code);
    // Told by parsing alone: esbuild's bundler would first have listed folders of the machine.
    expect(codes.includes('bundle.import_computed')).toBe(way.includes('computed'));
    for (const problem of result.ok ? [] : result.problems) {
      expect(problem.code).toMatch(/^bundle\.(?:import_\w+|top_level_await|invalid_source)$/);
      // Nothing is told of what lies where.
      expect(problem.file).toBe('index.ts');
    }
  });

  it.each<[string, () => string]>([
    ['by the address of the module', () => `export const a = new URL('${up()}/secret.txt', import.meta.url).href`],
    ['by a worker', () => `export const a = () => new Worker(new URL('${up()}/secret.js', import.meta.url))`],
    [
      'by a source map that names files',
      () =>
        `export const a = 1;\n//# sourceMappingURL=${mapComment({ sources: [`${pathToFileURL(folder)}/secret.txt`] })}`,
    ],
    [
      'by a source map without content',
      () =>
        `export const a = 1;\n//# sourceMappingURL=${mapComment({ sources: [`${folder}/secret.txt`], sourcesContent: [null] })}`,
    ],
    [
      'by the address of a source map',
      () => `export const a = 1;\n//# sourceMappingURL=${pathToFileURL(folder)}/secret.map`,
    ],
    [
      'by the address of a source map in old form',
      () => `export const a = 1;\n//@ sourceMappingURL=${pathToFileURL(folder)}/secret.map`,
    ],
    [
      'by the address of a source map in a block',
      () => `export const a = 1;\n/*# sourceMappingURL=${pathToFileURL(folder)}/secret.map */`,
    ],
    ['by a relative path to a source map', () => `export const a = 1;\n//# sourceMappingURL=${up()}/secret.map`],
    [
      'by references and comments',
      () => `/// <reference path="${folder}/secret.ts" />\n//# sourceURL=${folder}/secret.js\nexport const a = 1`,
    ],
  ])('%s', async (_, text) => {
    const result = await compileText(text());
    expect(JSON.stringify(result)).not.toContain(SECRET);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(JSON.parse(result.bundle.sourceMap).sources).toEqual(['index.ts']);
  });

  it('by settings in the upload, which are modules like others', async () => {
    const files = {
      'index.ts': `export class A {}`,
      'tsconfig.json': JSON.stringify({
        extends: `${folder}/secret.json`,
        compilerOptions: { paths: { '*': [`${folder}/*`] } },
      }),
      'package.json': JSON.stringify({ browser: { './index.ts': `${folder}/secret.ts` }, main: `${folder}/secret.js` }),
      'node_modules/secret/index.js': 'module.exports = 1',
    };
    const zip = (entry: string) =>
      compile({
        contentType: 'application/zip',
        bytes: zipSync(
          Object.fromEntries(
            Object.entries({ ...files, 'index.ts': entry }).map(([name, text]) => [name, strToU8(text)]),
          ),
        ),
      });
    const [plain, withSettings] = await Promise.all([compileText(files['index.ts']), zip(files['index.ts'])]);
    expect(plain.ok && withSettings.ok && withSettings.version === plain.version).toBe(true);
    // No package lookup, not even in the upload.
    expect(await zip(`import 'secret'`)).toMatchObject({ ok: false, problems: [{ code: 'bundle.import_refused' }] });
  });

  it('by attributes on modules of the upload', async () => {
    for (const type of ['text', 'bytes', 'file', 'css', 'dataurl']) {
      const result = await compileText(`import a from './index.ts' with { type: '${type}' }; console.log(a)`);
      expect(result).toMatchObject({ ok: false, problems: [{ code: 'bundle.import_attributes', line: 1 }] });
    }
    const result = await compileText(`import a from 'cloudflare:workers' with { type: 'json' }; console.log(a)`);
    expect(result).toMatchObject({ ok: false, problems: [{ code: 'bundle.import_attributes' }] });
  });
});
