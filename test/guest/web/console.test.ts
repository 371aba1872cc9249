import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run } = useIsolate();

describe('console', () => {
  it('gives one text a call, under its level', async () => {
    const seen = await run((_, { gate }) => {
      console.log('a', 1, { b: [2, 'c'] });
      console.debug('d');
      console.info();
      console.warn(null, undefined, true);
      console.error(new TypeError('bad').message);
      return gate.logs.map(({ level, text }) => `${level}: ${text}`);
    });
    expect(seen).toEqual([
      "log: a 1 { b: [ 2, 'c' ] }",
      'debug: d',
      'info: ',
      'warn: null undefined true',
      'error: bad',
    ]);
  });

  it('follows the format directives', async () => {
    const seen = await run((_, { gate }) => {
      console.log('%s is %d years, %i, %f, %j %o%% %c.', 'Ann', 42.5, 42.5, '1.5', { a: 1 }, [1], 'color: red', 'rest');
      console.log('100%% alone');
      console.log('%s %s', 'one');
      console.log('%d', {});
      return gate.logs.map(({ text }) => text);
    });
    expect(seen).toEqual(['Ann is 42.5 years, 42, 1.5, { a: 1 } [ 1 ]% . rest', '100%% alone', 'one %s', 'NaN']);
  });

  it('shows values as a person wants to read them', async () => {
    const seen = await run((_, { gate }) => {
      class Point {
        x = 1;
      }
      const cycle: Record<string, unknown> = {};
      cycle.self = cycle;
      const values = [
        new Point(),
        cycle,
        new Map([['k', new Set([1])]]),
        Object.assign(new Array(3), { 0: 1, 2: 3 }),
        new Uint8Array([1, 2]),
        () => {},
        class Named {},
        Symbol('s'),
        12n,
        -0,
        new Date(0),
        /x/g,
        Object.create(null),
        {
          'odd key': "it's",
          [Symbol('k')]: 1,
          get lazy() {
            return 1;
          },
        },
        new URL('http://a/b'),
        new Headers({ a: 'b' }),
        { deep: { deep: { deep: { deep: { deep: { deep: 1 } } } } } },
        Object('boxed'),
        Promise.resolve(),
      ];
      for (const value of values) console.log(value);
      return gate.logs.map(({ text }) => text);
    });
    expect(seen).toEqual([
      'Point { x: 1 }',
      '{ self: [Circular] }',
      "Map(1) { 'k' => Set(1) { 1 } }",
      '[ 1, <empty>, 3 ]',
      'Uint8Array(2) [ 1, 2 ]',
      '[Function: (anonymous)]',
      '[class Named]',
      'Symbol(s)',
      '12n',
      '-0',
      '1970-01-01T00:00:00.000Z',
      '/x/g',
      '[Object: null prototype] {}',
      "{ 'odd key': \"it's\", lazy: [Getter], [Symbol(k)]: 1 }",
      "URL { href: 'http://a/b' }",
      "Headers { a: 'b' }",
      '{ deep: { deep: { deep: { deep: { deep: [Object] } } } } }',
      "[String: 'boxed']",
      'Promise {}',
    ]);
  });

  it('shows errors with stack, cause and extra fields', async () => {
    const seen = await run((_, { gate }) => {
      console.error(Object.assign(new RangeError('far', { cause: new Error('deep') }), { code: 'E1' }));
      return gate.logs[0]?.text;
    });
    expect(seen).toMatch(/^RangeError: far\n {4}at [\s\S]*code: 'E1'[\s\S]*\[cause\]: Error: deep\n/);
  });

  it('bounds what it shows and survives hostile values', async () => {
    const seen = await run((_, { gate }) => {
      const revoked = Proxy.revocable({}, {});
      revoked.revoke();
      console.log(Array.from({ length: 1_000 }, () => 1));
      console.log({ text: 'x'.repeat(50_000) });
      console.log(new Uint8Array(1_000_000));
      console.log(new Set(Array.from({ length: 1_000 }, (_each, index) => index)));
      const wide = (depth: number): unknown[] =>
        Array.from({ length: 100 }, () => (depth === 0 ? [] : shared[depth - 1]));
      const shared: unknown[] = [];
      for (let depth = 0; depth < 5; depth++) shared.push(wide(depth));
      console.log(shared);
      console.log(
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('hostile');
            },
          },
        ),
      );
      console.log(revoked.proxy);
      return gate.logs.map(({ text }) => [text.length < 50_000, text.slice(-30)]);
    });
    expect(seen).toEqual([
      [true, expect.stringContaining('... 900 more items')],
      [true, expect.stringContaining('more characters')],
      [true, expect.stringContaining('... 999900 more items')],
      [true, expect.stringContaining('... 900 more items')],
      [true, expect.stringContaining('[...]')],
      [true, '[unreadable value]'],
      [true, '[unreadable value]'],
    ]);
  });

  it('indents groups, counts, asserts, traces and times', async () => {
    const seen = await run((_, { gate, beginTurn }) => {
      console.group('outer');
      console.log('in\nside');
      console.group();
      console.count();
      console.groupEnd();
      console.count('x');
      console.groupEnd();
      console.groupEnd();
      console.count();
      console.countReset();
      console.count();
      console.assert(true, 'unseen');
      console.assert(false, 'shown %d', 1);
      console.assert(false);
      console.time('t');
      gate.time += 12;
      console.timeLog('t', 'so far');
      gate.time += 1;
      console.timeEnd('t');
      console.timeEnd('t');
      console.group('left open');
      beginTurn();
      console.count();
      console.dir({ a: 1 });
      const texts = gate.logs.map(({ text }) => text);
      console.trace('here %s', 'now');
      return [texts, gate.logs.at(-1)?.text.split('\n')[0]];
    });
    expect(seen).toEqual([
      [
        ...['outer', '  in\n  side', '    default: 1', '  x: 1', 'default: 2', 'default: 1'],
        ...['Assertion failed: shown 1', 'Assertion failed', 't: 12ms so far', 't: 13ms'],
        ...["No such label 't' for console.time", 'left open', 'default: 1', '{ a: 1 }'],
      ],
      'Trace: here now',
    ]);
  });

  it('draws tables', async () => {
    const seen = await run((_, { gate }) => {
      console.table([{ a: 1, b: 'x' }, { a: 20 }, 5]);
      return gate.logs[0]?.text.split('\n');
    });
    expect(seen).toEqual([
      '┌─────────┬────┬─────┬────────┐',
      '│ (index) │ a  │ b   │ Values │',
      '├─────────┼────┼─────┼────────┤',
      "│ 0       │ 1  │ 'x' │        │",
      '│ 1       │ 20 │     │        │',
      '│ 2       │    │     │ 5      │',
      '└─────────┴────┴─────┴────────┘',
    ]);
  });

  it('formats nothing while logs are suppressed', async () => {
    const seen = await run((_, { gate }) => {
      let looked = 0;
      gate.isQuiet = true;
      console.log(
        new Proxy(
          {},
          {
            ownKeys: () => {
              looked += 1;
              return [];
            },
          },
        ),
      );
      return [gate.logs.length, looked];
    });
    expect(seen).toEqual([0, 0]);
  });
});
