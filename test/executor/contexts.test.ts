import { describe, expect, it } from 'vitest';
import { GuestIsolate } from '../../lib/executor/guest-isolate.ts';
import { IsolateCache } from '../../lib/executor/isolate-cache.ts';
import { bundleOf, outputIn, type TurnOptions, useExecutor, workflow } from './executor-fixture.ts';

/** A property of a property: what the watch does not see, and what shows here whether a context was kept. */
const MARK = `const marked = (Math.max as any).mark ?? 0; (Math.max as any).mark = marked + 1;`;

describe('between turns of one version', () => {
  const executor = useExecutor();
  const { fetch } = executor;
  /** A guest tells of its context after its last word, when all that the tenant's code has left behind has run. */
  const rest = () => new Promise((resolve) => setTimeout(resolve, 25));
  const turn: typeof executor.turn = async (...args) => {
    const ending = await executor.turn(...args);
    await rest();
    return ending;
  };
  let names = 0;

  /** The outputs of the same bundle in turns one after the other. */
  const outputs = async (source: string, count = 2, more: TurnOptions = {}): Promise<readonly string[]> => {
    const bundle = await bundleOf(source);
    names += 1;
    const all: string[] = [];
    for (let index = 0; index < count; index++)
      all.push(outputIn(await turn(bundle, { version: `c${names}`, ...more })));
    return all;
  };

  it('the context is kept', async () => {
    expect(await outputs(workflow(`${MARK} return marked`), 3)).toEqual(['[0]', '[1]', '[2]']);
  });

  it('no module variable survives: the bundle is evaluated anew', async () => {
    expect(await outputs(workflow(`${MARK} calls += 1; return [calls, marked]`, 'let calls = 0;'))).toEqual([
      '[[1,2],1,0]',
      '[[1,1],1]',
    ]);
  });

  it.each([
    ['a new global', `(globalThis as any).leak = 1`],
    ['a changed global of the language', `(globalThis as any).parseInt = () => 7`],
    ['a replaced class of the language', `const old = Map; (globalThis as any).Map = class extends old {}`],
    ['a replaced namespace', `(globalThis as any).JSON = { stringify: () => 'x', parse: JSON.parse }`],
    ['a changed web global', `(globalThis as any).fetch = () => 1`],
    ['a deleted global', `delete (globalThis as any).escape`],
    ['a patched prototype', `(Array.prototype as any).last = function () { return 1 }`],
    ['a replaced method', `Array.prototype.map = function () { return [] }`],
    ['a replaced function of a namespace', `Math.abs = () => 7`],
    [
      'a patched iterator',
      `const it = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())); it.more = 1`,
    ],
    [
      'a replaced promise method',
      `const then = Promise.prototype.then; Promise.prototype.then = function (...args: any[]) { return (then as any).apply(this, args) }`,
    ],
    ['a setter on Object.prototype', `Object.defineProperty(Object.prototype, 'x', { set() {}, configurable: true })`],
  ])('the context goes with %s', async (_, pollution) => {
    expect(await outputs(workflow(`${MARK} ${pollution}; return marked`))).toEqual(['[0]', '[0]']);
  });

  it('the context stays where web globals were only used', async () => {
    const user = workflow(
      `${MARK} new URL('http://a/'); new TextEncoder().encode('x'); crypto.randomUUID(); structuredClone({}); console.log('x'); new Date().toString(); return marked`,
    );
    expect(await outputs(user)).toEqual(['[0]', '[1]']);
  });

  it('the context is fresh each time under strict determinism', async () => {
    expect(await outputs(workflow(`${MARK} return marked`), 2, { isStrict: true })).toEqual(['[0]', '[0]']);
  });

  it('the context is fresh after a turn that was blocked and dirty, and kept after a clean one', async () => {
    const bundle = await bundleOf(
      workflow(`${MARK} if (marked === 0 && event.payload.first) { await step.sleep('n', '1 day') } return marked`),
    );
    const first = { version: 'blocked', start: { payload: '[{"first":1},true]' } };
    expect(await turn(bundle, first)).toMatchObject({ message: { kind: 'blocked' } });
    expect(outputIn(await turn(bundle, { version: 'blocked' }))).toBe('[1]');
  });

  it('is kept apart from another version, another tenant and another memory limit', async () => {
    const bundle = await bundleOf(workflow(`${MARK} return marked`));
    const mark = async (more: TurnOptions) => outputIn(await turn(bundle, more));
    expect(await mark({ tenant: 'one', version: 'x' })).toBe('[0]');
    expect(await mark({ tenant: 'other', version: 'x' })).toBe('[0]');
    expect(await mark({ tenant: 'one', version: 'y' })).toBe('[0]');
    expect(await mark({ tenant: 'one', version: 'x', limits: { cpuMs: 300, memoryMb: 33 } })).toBe('[0]');
    expect(await mark({ tenant: 'one', version: 'x' })).toBe('[1]');
  });

  it('the bundle is loaded once', async () => {
    const bundle = await bundleOf(workflow(`return 1`));
    let loads = 0;
    const onLoad = () => {
      loads += 1;
    };
    const turns = Array.from({ length: 6 }, () => turn(bundle, { version: 'once', onLoad }));
    await Promise.all(turns);
    expect(loads).toBe(1);
  });

  it('two turns at a time have an isolate each', async () => {
    const bundle = await bundleOf(
      workflow(`${MARK} await new Promise((resolve) => setTimeout(resolve, 150)); return marked`),
    );
    const both = await Promise.all([turn(bundle, { version: 'two' }), turn(bundle, { version: 'two' })]);
    expect(both.map(outputIn)).toEqual(['[0]', '[0]']);
  });

  it('a context serves default.fetch and workflows alike', async () => {
    const bundle = await bundleOf(
      `${workflow(`${MARK} return marked`)} export default { fetch() { ${MARK} return new Response('m' + marked) } }`,
    );
    expect(await fetch(bundle, {}, 'both')).toMatchObject({
      message: { kind: 'response', status: 200, body: btoa('m0') },
    });
    await rest();
    expect(outputIn(await turn(bundle, { version: 'both' }))).toBe('[1]');
  });
});

describe('the cache of isolates', () => {
  const isolateOf = (key: string): GuestIsolate =>
    new GuestIsolate({
      key,
      memoryMb: 8,
      prelude: '',
      preludeCache: { data: undefined },
      bundleCache: { data: undefined },
      code: '',
      sourceMap: '',
      onBroken: () => {},
    });

  it('gives an isolate to its own tenant and version, the one used last first', () => {
    const cache = new IsolateCache({ maxBytes: 100, maxIsolates: 10 });
    const [a, b, c] = ['x', 'x', 'y'].map(isolateOf) as [GuestIsolate, GuestIsolate, GuestIsolate];
    for (const isolate of [a, b, c]) cache.put(isolate, 1, 0);
    expect(cache.take('z')).toBeUndefined();
    expect(cache.take('x')).toBe(b);
    expect(cache.take('x')).toBe(a);
    expect(cache.take('x')).toBeUndefined();
    expect(cache.size).toBe(1);
    for (const isolate of [a, b, c]) isolate.dispose();
  });

  it('lets go of the least recently used above its bytes', () => {
    const cache = new IsolateCache({ maxBytes: 100, maxIsolates: 10 });
    const [a, b, c] = ['a', 'b', 'c'].map(isolateOf) as [GuestIsolate, GuestIsolate, GuestIsolate];
    cache.put(a, 40, 0);
    cache.put(b, 40, 1);
    expect(cache.take('a')).toBe(a);
    cache.put(a, 40, 2);
    cache.put(c, 40, 3);
    expect([a, b, c].map(({ isDisposed }) => isDisposed)).toEqual([false, true, false]);
    cache.resize(a, 90);
    expect([a.isDisposed, c.isDisposed]).toEqual([true, false]);
    cache.resize(a, 1);
    cache.evictWhere((isolate) => isolate === c);
    expect(c.isDisposed).toBe(true);
    expect(cache.size).toBe(0);
  });

  it('lets go of the least recently used above its number', () => {
    const cache = new IsolateCache({ maxBytes: 1_000, maxIsolates: 2 });
    const all = ['k', 'k', 'k'].map(isolateOf);
    all.forEach((isolate, index) => {
      cache.put(isolate, 1, index);
    });
    expect(all.map(({ isDisposed }) => isDisposed)).toEqual([true, false, false]);
    cache.evictWhere(() => true);
    expect(all.every(({ isDisposed }) => isDisposed)).toBe(true);
  });

  it('holds nothing that is larger than all of it', () => {
    const cache = new IsolateCache({ maxBytes: 10, maxIsolates: 2 });
    const isolate = isolateOf('k');
    cache.put(isolate, 11, 0);
    expect(isolate.isDisposed).toBe(true);
    expect(cache.size).toBe(0);
  });

  it('is not needed for code: the first isolate makes a code cache that the next ones take', async () => {
    const [preludeCache, bundleCache] = [{ data: undefined }, { data: undefined }];
    const make = (): GuestIsolate =>
      new GuestIsolate({
        key: 'k',
        memoryMb: 16,
        prelude: `globalThis.$tenonBoot = () => () => {}`,
        preludeCache,
        bundleCache,
        code: 'exports.x = 1',
        sourceMap: '',
        onBroken: () => {},
      });
    const first = make();
    await first.prepare();
    const made = [preludeCache.data, bundleCache.data];
    expect(made.every((data) => data !== undefined)).toBe(true);
    const second = make();
    await second.prepare();
    expect([preludeCache.data, bundleCache.data]).toEqual(made);
    first.dispose();
    second.dispose();
  });
});
