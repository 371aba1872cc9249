import { describe, expect, it } from 'vitest';
import type { Termination } from '../../lib/core/records.ts';
import { bundleOf, errorIn, LIMITS, outputIn, useExecutor, workflow } from './executor-fixture.ts';

const GOOD = workflow(`return step.do('a', async () => 'fine')`);
const BLOCKED_SOON = workflow(`await step.sleep('n', '1 day')`);

/** What a tenant may try, and how it has to end. */
const ATTACKS: readonly (readonly [string, string, readonly Termination[]])[] = [
  ['an endless loop in run()', workflow(`for (;;) {}`), ['cpu_limit']],
  ['an endless loop in a callback', workflow(`await step.do('a', () => { for (;;) {} })`), ['cpu_limit']],
  ['an endless loop where the bundle is evaluated', workflow(`return 1`, `for (;;) {}`), ['cpu_limit']],
  ['an endless loop of microtasks', workflow(`for (;;) await null`), ['cpu_limit']],
  [
    'a flood of microtasks',
    workflow(
      `const go = () => { Promise.resolve().then(go); Promise.resolve().then(go); }; go(); await new Promise(() => {})`,
    ),
    ['cpu_limit', 'memory_limit'],
  ],
  ['a regular expression that backtracks', workflow(`return /^(a+)+$/.test('a'.repeat(40) + 'b')`), ['cpu_limit']],
  [
    'a comparator that never decides',
    workflow(`Array.from({ length: 1e6 }, (_, i) => i).sort(() => { for (;;) {} })`),
    ['cpu_limit'],
  ],
  ['a getter on its result that loops', workflow(`return { get x() { for (;;) {} } }`), ['cpu_limit']],
  [
    'a thrown error whose message loops',
    workflow(`throw { get message() { for (;;) {} }, toJSON() { for (;;) {} } }`),
    ['cpu_limit'],
  ],
  ['a thenable that loops', workflow(`return { then() { for (;;) {} } }`), ['cpu_limit']],
  [
    'arrays that grow',
    workflow(`const all: unknown[] = []; for (;;) all.push(new Array(10_000).fill(0))`),
    ['memory_limit'],
  ],
  [
    'a text that grows',
    workflow(
      `let text = 'x'; const all: string[] = []; for (;;) { text += text.slice(0, 5e5) + 'y'; all.push([...text.slice(0, 1e5)].join('')); }`,
    ),
    ['memory_limit', 'cpu_limit'],
  ],
  ['a Map that grows', workflow(`const map = new Map(); for (let i = 0; ; i++) map.set(i, { i })`), ['memory_limit']],
  [
    'a bag of properties that grows',
    workflow(`const bag: any = {}; for (let i = 0; ; i++) bag['p' + i] = i`),
    ['memory_limit', 'cpu_limit'],
  ],
  ['one huge array', workflow(`return new Array(1e9).fill(0).length`), ['memory_limit', 'cpu_limit']],
];

describe('a hostile turn', () => {
  const { executor, turn, begin, outputOf } = useExecutor();

  it.each(ATTACKS)('with %s is ended by its limit, and others go on', async (_, source, causes) => {
    // Who fills memory gets the time to do so.
    const limits = causes.includes('memory_limit') ? { ...LIMITS, cpuMs: 3_000 } : LIMITS;
    const ending = await turn(await bundleOf(source), { tenant: 'evil', limits });
    expect(ending).toMatchObject({ kind: 'terminated', termination: { isGuilty: true } });
    if (ending.kind === 'terminated') {
      expect(causes).toContain(ending.termination.cause);
      expect(ending.termination.message).not.toMatch(/\/|node|isolate|process/i);
    }
    expect(await outputOf(GOOD)).toBe('["fine"]');
  });

  it('that fills buffers is told that there is no more, or ended', async () => {
    const bundle = await bundleOf(
      workflow(`const all: unknown[] = []; for (;;) all.push(new Uint8Array(1e6).fill(1))`),
    );
    const ending = await turn(bundle, { tenant: 'evil' });
    if (ending.kind === 'terminated') expect(ending.termination.cause).toBe('memory_limit');
    else expect(errorIn(ending)).toMatchObject({ name: 'RangeError' });
    expect(await outputOf(GOOD)).toBe('["fine"]');
  });

  it('does not take innocent turns with it that are at work beside it', async () => {
    const slow = workflow(`await new Promise((resolve) => setTimeout(resolve, 700)); return 'still here'`);
    const innocent = turn(await bundleOf(slow), { tenant: 'good' });
    const guilty = turn(await bundleOf(workflow(`for (;;) {}`)), { tenant: 'evil' });
    expect(await guilty).toMatchObject({ kind: 'terminated', termination: { cause: 'cpu_limit' } });
    expect(outputIn(await innocent)).toBe('["still here"]');
  });

  it('that grows by catastrophe tells an innocent neighbour that it is innocent, or lets it finish', async () => {
    const neighbour = workflow(`await new Promise((resolve) => setTimeout(resolve, 900)); return 'through'`);
    const innocent = turn(await bundleOf(neighbour), { tenant: 'good' });
    const bomb = workflow(
      `const bag: any = {}; for (let i = 0; ; i++) bag[i % 2 ? 'p' + i : i * 7919] = new Map([[i, i]])`,
    );
    expect(await turn(await bundleOf(bomb), { tenant: 'evil', limits: { cpuMs: 5_000, memoryMb: 32 } })).toMatchObject({
      kind: 'terminated',
      termination: { cause: 'memory_limit', isGuilty: true },
    });
    const ending = await innocent;
    if (ending.kind === 'terminated')
      expect(ending.termination).toMatchObject({ cause: 'executor_lost', isGuilty: false });
    else expect(outputIn(ending)).toBe('["through"]');
    expect(await outputOf(GOOD)).toBe('["fine"]');
  });

  it('with a native operation that cannot be stopped keeps nobody else waiting', async () => {
    const huge = workflow(`return (7n ** 3_000_000n).toString().length`);
    const began = Date.now();
    const guilty = turn(await bundleOf(huge), { tenant: 'evil' });
    expect(await outputOf(GOOD)).toBe('["fine"]');
    expect(await guilty).toMatchObject({ kind: 'terminated', termination: { cause: 'cpu_limit', isGuilty: true } });
    expect(await outputOf(GOOD)).toBe('["fine"]');
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('whose attempt never settles times out and holds nobody up', async () => {
    const never = workflow(
      `try { await step.do('a', { timeout: 200, retries: { limit: 0, delay: 0 } }, () => new Promise(() => {})) } catch (error: any) { return error.message }`,
    );
    expect(await outputOf(never)).toBe('["Execution timed out after 200ms"]');
  });

  it('whose run() never settles fails at once', async () => {
    const ending = await turn(await bundleOf(workflow(`await new Promise(() => {})`)));
    expect(JSON.stringify(ending)).toContain('can never happen');
  });

  it('whose result is too large for a message fails by that, not by its executor', async () => {
    // What is large takes long on a machine that is busy, and no CPU limit is asked for here.
    const limits = { cpuMs: 10_000, memoryMb: 128 };
    const ending = await turn(await bundleOf(workflow(`return 'x'.repeat(5_000_000)`)), { limits });
    expect(JSON.stringify(ending)).toContain('too large');
    const large = workflow(`env`, ``).replace('env', `await (this as any).env.BOX.put('x'.repeat(17_000_000))`);
    const call = await turn(await bundleOf(large), {
      limits,
      start: { env: { variables: {}, bindings: [{ name: 'BOX', type: 'box', methods: ['put'] }] } },
    });
    expect(call).toMatchObject({ kind: 'terminated', termination: { cause: 'protocol_violation', isGuilty: true } });
    expect(await outputOf(GOOD)).toBe('["fine"]');
  });

  it.each([
    ['after a host call', `void (this as any).env.BOX.put(1); for (;;) {}`],
    [
      'in microtasks after its end',
      `(async () => { for (let i = 0; i < 2000; i++) await 0; for (;;) {} })(); return 1`,
    ],
    [
      'in what its error is asked for',
      `throw Object.assign(new Error('x'), { get cause() { return 1 } }, Object.defineProperty(new Error('y'), 'message', { get() { Promise.resolve().then(() => { for (;;) {} }); return 'm' } }))`,
    ],
    [
      'in what its result is asked for',
      `return { get x() { Promise.resolve().then(() => { for (;;) {} }); return 1 } }`,
    ],
  ])('that loops %s and is ended from outside leaves its executor to others', async (_, body) => {
    const start = { env: { variables: {}, bindings: [{ name: 'BOX', type: 'box', methods: ['put'] }] } };
    const { promise, resolve } = Promise.withResolvers<void>();
    const bundle = await bundleOf(workflow(body));
    const pids = executor().pids;
    const { guest, ending } = begin(bundle, {
      tenant: 'evil',
      version: body.slice(0, 30),
      start,
      onCall: () => resolve(),
    });
    await Promise.race([promise, ending]);
    guest.end();
    const began = Date.now();
    for (let index = 0; index < 3; index++) expect(await outputOf(GOOD)).toBe('["fine"]');
    expect(Date.now() - began).toBeLessThan(3_000);
    expect(executor().pids).toEqual(pids);
  });

  it('that breaks what its messages are made with harms nobody else', async () => {
    const forgers = [
      `Object.defineProperty(Object.prototype, 'toJSON', { value() { return { kind: 'context', isClean: true } } })`,
      `Object.defineProperty(Object.prototype, 'toJSON', { value() { return { kind: 'finished', records: 'none' } } })`,
      `Object.defineProperty(Object.prototype, 'toJSON', { value() { return 'nonsense' } })`,
      `Map.prototype.get = () => { throw new Error('no') }`,
      `Promise.prototype.then = () => { for (;;) {} }`,
      `Array.prototype.push = () => { throw new Error('no') }`,
    ];
    for (const [index, forger] of forgers.entries()) {
      const bundle = await bundleOf(workflow(`${forger}; await step.do('a', async () => 1); return 1`));
      const { guest, ending } = begin(bundle, { tenant: 'evil', version: `forger-${index}` });
      const patience = new Promise((resolve) => setTimeout(resolve, 500));
      await Promise.race([ending, patience]);
      guest.end();
      expect(await outputOf(GOOD)).toBe('["fine"]');
    }
  });

  it('is not kept from waiting: a blocked turn says so', async () => {
    expect(await turn(await bundleOf(BLOCKED_SOON))).toMatchObject({ kind: 'message', message: { kind: 'blocked' } });
  });
});
