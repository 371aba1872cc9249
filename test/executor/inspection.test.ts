import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../lib/ports/executor.ts';
import { bundleOf, compileUpload, errorIn, useExecutor, workflow } from './executor-fixture.ts';

describe('a dry load', () => {
  const { executor, outputOf } = useExecutor();
  const inspect = async (source: string): Promise<Inspection> => executor().inspect(await bundleOf(source), 'acme');
  const refused = (code: string, message: RegExp) => ({
    ok: false,
    problems: [expect.objectContaining({ code, message: expect.stringMatching(message) })],
  });

  it('finds every exported workflow, and only those', async () => {
    const found = await inspect(`
      import { WorkflowEntrypoint } from 'cloudflare:workers';
      import { WorkflowEntrypoint as Base } from 'tenon:workers';
      class Hidden extends WorkflowEntrypoint {}
      export class A extends WorkflowEntrypoint { async run() {} }
      export class B extends Base { async run() {} }
      export class C extends A {}
      export class Plain {}
      export const value = 1;
      export function helper() {}
      export default class extends WorkflowEntrypoint { async run() {} }
    `);
    expect(found).toEqual({ ok: true, workflows: ['A', 'B', 'C'], hasFetch: false });
  });

  it.each([
    ['an object', `export default { fetch() { return new Response('x') } }`, true],
    ['a class', `export default class { fetch() { return new Response('x') } }`, true],
    ['a function', `export default () => 1`, false],
    ['an object without it', `export default { scheduled() {} }`, false],
    ['a fetch that is no function', `export default { fetch: 'x' }`, false],
    ['null', `export default null`, false],
    ['nothing', `export const x = 1`, false],
  ])('finds default.fetch in %s', async (_, source, hasFetch) => {
    expect(await inspect(source)).toEqual({ ok: true, workflows: [], hasFetch });
  });

  it.each([
    ['an object', `export default { async queue(batch, env) {} }`],
    ['a class', `export default class { async queue(batch) {} }`],
  ])('finds default.queue in %s, as a workflow of messages', async (_, source) => {
    expect(await inspect(source)).toEqual({ ok: true, workflows: ['$queue'], hasFetch: false });
  });

  it('says where loading failed, in the source', async () => {
    const found = await inspect(
      `const ok = 1;\n\nfunction load(): never {\n  throw new TypeError('not today');\n}\nload();`,
    );
    expect(found).toEqual({
      ok: false,
      problems: [
        {
          code: 'bundle.load_failed',
          message: 'Loading the bundle failed: TypeError: not today',
          file: 'index.ts',
          line: 4,
          column: 8,
        },
      ],
    });
  });

  it('ends loads that loop, grow or never end', async () => {
    expect(await inspect(`for (;;) {}`)).toEqual(refused('bundle.too_slow', /CPU/));
    expect(await inspect(`const all = []; for (;;) all.push(new Array(1e5).fill(0))`)).toEqual(
      refused('bundle.too_large', /memory/),
    );
    expect(await outputOf(workflow(`return 1`))).toBe('[1]');
  });

  it('refuses a bundle that fools it about what it exports', async () => {
    for (const forged of [
      '"nonsense"',
      '5',
      '{ kind: "inspected", workflows: [5], hasFetch: true }',
      '{ kind: "inspected", workflows: "A" }',
    ]) {
      const found = await inspect(`Object.defineProperty(Object.prototype, 'toJSON', { value: () => (${forged}) })`);
      expect(found).toEqual(refused('bundle.load_failed', /globals/));
    }
    expect(await outputOf(workflow(`return 1`))).toBe('[1]');
  });

  it('has no bindings, no timers that go on, and no chance to wait', async () => {
    expect(await inspect(`setTimeout(() => { for (;;) {} }, 1); export const x = 1`)).toEqual({
      ok: true,
      workflows: [],
      hasFetch: false,
    });
    expect(await inspect(`fetch('http://example.com').catch(() => {}); export const x = 1`)).toMatchObject({
      ok: true,
    });
  });

  it('leaves several at once apart', async () => {
    const all = await Promise.all([
      inspect(`for (;;) {}`),
      inspect(workflow('return 1')),
      inspect(`throw new Error('x')`),
    ]);
    expect(all.map(({ ok }) => ok)).toEqual([false, true, false]);
  });
});

describe('a stack', () => {
  const { turn } = useExecutor();

  it('names the lines of the TypeScript that the tenant wrote', async () => {
    const source = `import { WorkflowEntrypoint } from 'cloudflare:workers';
interface Order { id: number }
function charge(order: Order): never {
  throw new RangeError('order ' + order.id);
}
export class W extends WorkflowEntrypoint {
  async run(event: unknown, step: any) {
    await step.do('a', { retries: { limit: 0, delay: 0 } }, async () => charge({ id: 7 }));
  }
}`;
    const { name, message, stack } = errorIn(await turn(await bundleOf(source)));
    expect([name, message]).toEqual(['RangeError', 'order 7']);
    expect(stack).toMatch(/^RangeError: order 7\n {4}at charge \(index\.ts:4:\d+\)\n/);
    expect(stack).toContain('index.ts:8:');
    expect(stack).not.toMatch(/tenon|node:|isolated|\/lib\//);
  });

  it('names the file of a zip with several modules', async () => {
    const files = {
      'index.ts': `import { WorkflowEntrypoint } from 'cloudflare:workers';
import { fail } from './deep/fail.ts';
export class W extends WorkflowEntrypoint { async run() { fail('here') } }`,
      'deep/fail.ts': `export type Word = string;\n\nexport const fail = (word: Word): void => {\n  throw new Error(word);\n};`,
    };
    const zip = zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
    const bundle = await compileUpload({ contentType: 'application/zip', bytes: zip });
    const { stack } = errorIn(await turn(bundle));
    expect(stack).toMatch(/at fail \(deep\/fail\.ts:4:\d+\)/);
    expect(stack).toMatch(/at \S*run \(index\.ts:3:\d+\)/);
  });

  it('may be forged, and is still text without the platform in it', async () => {
    const forged = workflow(
      `const error = new Error('x'); error.stack = 'Error: x\\n    at evil (tenon-prelude.js:1:1)\\n    at deep (tenon-bundle.js:99999:1)\\n    at ok'; throw error`,
    );
    const { stack } = errorIn(await turn(await bundleOf(forged)));
    expect(stack).toBe('Error: x\n    at ok');
  });

  it('that is endless is cut', async () => {
    const deep = workflow(`const down = (n: number): number => down(n + 1) + 1; return down(0)`);
    const { name, stack } = errorIn(await turn(await bundleOf(deep)));
    expect(name).toBe('RangeError');
    expect((stack ?? '').split('\n').length).toBeLessThanOrEqual(30);
  });
});
