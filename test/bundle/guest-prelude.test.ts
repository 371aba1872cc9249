import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrelude } from '../../lib/bundle/guest-prelude.ts';

let folder: string;
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-prelude-'));
  write(
    'main.ts',
    `import { note } from './note.ts';
     note('main');
     globalThis.lazy = () => (require('./lazy.ts') as { value: number }).value;`,
  );
  write('note.ts', `export const note = (text: string): void => { globalThis.notes.push(text) };`);
  write(
    'lazy.ts',
    `import { note } from './note.ts'; import { inner } from './inner.ts'; note('lazy'); export const value = inner + 1;`,
  );
  write('inner.ts', `import { note } from './note.ts'; note('inner'); export const inner = 1;`);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the prelude', () => {
  it('evaluates nothing of a lazy module, nor of what only it imports, before it is asked for', async () => {
    const context = vm.createContext({ notes: [] });
    vm.runInContext(await buildPrelude(join(folder, 'main.ts')), context);
    expect(context.notes).toEqual(['main']);
    expect(context.lazy()).toBe(2);
    expect(context.lazy()).toBe(2);
    expect(context.notes).toEqual(['main', 'inner', 'lazy']);
  });

  it('is one script without names of the machine, and leaves nothing global behind', async () => {
    const text = await buildPrelude(join(folder, 'main.ts'));
    expect(text).not.toContain(folder);
    const context = vm.createContext({ notes: [] });
    vm.runInContext(text, context);
    expect(Object.keys(context)).toEqual(['notes', 'lazy']);
  });

  it('is built once per process', async () => {
    const first = await buildPrelude(join(folder, 'main.ts'));
    write('main.ts', 'changed');
    expect(await buildPrelude(join(folder, 'main.ts'))).toBe(first);
  });

  it('holds the whole guest', async () => {
    const text = await buildPrelude();
    expect(() => new vm.Script(text)).not.toThrow();
    expect(text).not.toContain(process.cwd());
  });
});
