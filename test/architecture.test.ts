import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkArchitecture } from './architecture/check-architecture.ts';

const FOLDERS = ['lib', 'bin', 'functions', 'tenant-examples'];
const ROOT = new URL('..', import.meta.url);

const readTree = (): Map<string, string> =>
  new Map(
    globSync(
      FOLDERS.map((folder) => `${folder}/**/*.{ts,tsx}`),
      { cwd: ROOT },
    ).map((path) => [path, readFileSync(new URL(path, ROOT), 'utf8')]),
  );

const check = (modules: Record<string, string>): readonly string[] =>
  checkArchitecture(new Map(Object.entries(modules)));

describe('the project', () => {
  it('keeps the import table, the purity of core and all other rules of its architecture', () => {
    const tree = readTree();
    expect(tree.size).toBeGreaterThan(50);
    expect(checkArchitecture(tree)).toEqual([]);
  });
});

describe('the functions', () => {
  it('are a file each of at most 25 lines: compose, adapt the event, call one use case', () => {
    const files = globSync('functions/*.ts', { cwd: ROOT });
    expect(files).toHaveLength(7);
    for (const file of files) {
      expect(readFileSync(new URL(file, ROOT), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(25);
    }
  });
});

describe('the check', () => {
  it('accepts what the table allows', () => {
    const modules = {
      'lib/core/records.ts': `import { a } from './replay/a.ts'; export const b = a; export const at = new Date(1); export const o = { process: 1 }; o.process;`,
      'lib/core/replay/a.ts': 'export const a = 1; export type T = 2;',
      'lib/ports/clock.ts': `import { b } from '../core/records.ts'; export const c = b;`,
      'lib/sdk/workers.ts': 'export class WorkflowEntrypoint {}',
      'lib/guest/main.ts': `import { stringify } from 'devalue'; import type { b } from '../core/records.ts';
        export const lazy = () => require('./web.ts') as typeof import('./web.ts'); export const z = stringify;`,
      'lib/guest/web.ts': `import { a } from '../core/replay/a.ts'; import { sha256 } from '@noble/hashes/sha2.js'; export { a, sha256 };`,
      'lib/embedded.ts': `import ivm from 'isolated-vm'; import fs from 'node:fs'; import { z } from './guest/main.ts'; export { ivm, fs, z };`,
      'tenant-examples/hello/workflow.ts': `import { WorkflowEntrypoint } from 'cloudflare:workers'; export default class {}; export { WorkflowEntrypoint }`,
    };
    expect(check(modules)).toEqual([]);
  });

  it.each([
    ['an import', `import { put } from '../service/put.ts'; put();`],
    ['an import for its effect', `import '../service/put.ts';`],
    ['an import of a type', `import type { Put } from '../service/put.ts';`],
    ['a type in an import', `import { type Put } from '../service/put.ts';`],
    ['an inline type', `export type A = import('../service/put.ts').Put;`],
    ['a re-export', `export { put } from '../service/put.ts';`],
    ['a re-export of all', `export * from '../service/put.ts';`],
    ['a dynamic import', `export const a = () => import('../service/put.ts');`],
    ['require', `export const a = () => require('../service/put.ts');`],
    ['an import by require', `import put = require('../service/put.ts'); put();`],
  ])('refuses what the table does not allow, as %s', (_, text) => {
    const modules = { 'lib/core/a.ts': text, 'lib/service/put.ts': 'export const put = 1; export type Put = 1;' };
    expect(check(modules)).toEqual(['lib/core/a.ts: lib/core/ may not import lib/service/put.ts']);
  });

  it('tells a type from what exists at run time', () => {
    const ports = { 'lib/ports/clock.ts': 'export const clock = 1; export type Clock = 1;' };
    expect(check({ ...ports, 'lib/http/a.ts': `import type { Clock } from '../ports/clock.ts';` })).toEqual([]);
    for (const what of ['clock', 'type Clock']) {
      expect(check({ ...ports, 'lib/http/a.ts': `import { ${what} } from '../ports/clock.ts';` })).toEqual([
        'lib/http/a.ts: lib/http/ may import only types from lib/ports/clock.ts',
      ]);
    }
  });

  it.each([
    ['lib/core/a.ts', 'node:fs', 'lib/core/ may not import node:fs'],
    ['lib/core/a.ts', 'devalue', 'lib/core/ may not import the package devalue'],
    ['lib/service/a.ts', 'node:fs', 'lib/service/ may not import node:fs'],
    ['lib/service/a.ts', 'isolated-vm', 'lib/service/ may not import the package isolated-vm'],
    ['lib/executor/a.ts', 'esbuild', 'lib/executor/ may not import the package esbuild'],
    ['lib/http/a.ts', '@hono/node-server', 'lib/http/ may not import the package @hono/node-server'],
    ['lib/http/a.ts', 'node:http', 'lib/http/ may not import node:http'],
    ['lib/guest/a.ts', 'node:crypto', 'lib/guest/ may not import node:crypto'],
    ['lib/infra/a.ts', '@aws-sdk/client-s3', 'lib/infra/ may not import the package @aws-sdk/client-s3'],
    ['lib/infra/a.ts', 'node:fs', 'lib/infra/ may not import node:fs'],
    ['lib/http/a.ts', 'honolulu', 'lib/http/ may not import the package honolulu'],
    ['lib/sdk/a.ts', './gone.ts', 'imports ./gone.ts, which is not there'],
  ])('refuses in %s the import of %s', (path, specifier, breach) => {
    expect(check({ [path]: `import '${specifier}';` })).toEqual([`${path}: ${breach}`]);
  });

  it('refuses a path that is computed, since no rule can be held against it', () => {
    expect(check({ 'lib/core/a.ts': 'export const a = (x: string) => import(x);' })).toHaveLength(1);
  });

  it.each([
    'Date.now()',
    `Date['now']()`,
    'new Date()',
    'Date()',
    'Math.random()',
    'crypto.randomUUID()',
    'performance.now()',
    'setTimeout(() => {}, 1)',
    'setInterval(f)',
    'queueMicrotask(f)',
    'process.env',
    'globalThis.Date',
    'fetch("/")',
    '({ crypto })',
    'x[performance]',
    '(crypto as unknown)',
    'crypto!',
  ])('refuses %s in core, and only there', (expression) => {
    const text = `export const a = () => ${expression};`;
    expect(check({ 'lib/core/a.ts': text })).toHaveLength(1);
    expect(check({ 'lib/adapters/embedded/a.ts': text })).toEqual([]);
  });

  it.each(['utils', 'common', 'helpers', 'shared'])('refuses a folder named %s', (name) => {
    expect(check({ [`lib/core/${name}/a.ts`]: '' })).toHaveLength(1);
    expect(check({ [`lib/core/${name}.ts`]: '' })).toEqual([]);
  });

  it('refuses import cycles, of types too, and tells each once', () => {
    const modules = {
      'lib/core/a.ts': `import { b } from './b.ts'; export const a = b;`,
      'lib/core/b.ts': `import type { C } from './c.ts'; export const b: C = 1;`,
      'lib/core/c.ts': `import { a } from './a.ts'; export type C = typeof a;`,
      'lib/core/d.ts': `import { a } from './a.ts'; export const d = a;`,
    };
    expect(check(modules)).toEqual(['import cycle: lib/core/a.ts -> lib/core/b.ts -> lib/core/c.ts -> lib/core/a.ts']);
  });

  it('refuses default exports in lib', () => {
    expect(check({ 'lib/core/a.ts': 'export default 1;' })).toEqual(['lib/core/a.ts: has a default export']);
    expect(check({ 'lib/core/a.ts': 'const a = 1; export { a as default };' })).toHaveLength(1);
  });

  it('refuses a module that belongs nowhere', () => {
    expect(check({ 'lib/misc/a.ts': '' })).toEqual(['lib/misc/a.ts: belongs to no unit of the import table']);
  });
});
