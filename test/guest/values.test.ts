import { describe, expect, it } from 'vitest';
import { WorkflowTimeoutError } from '../../lib/guest/errors.ts';
import { jsonSize } from '../../lib/guest/json-size.ts';
import { decode, encode, fieldsOf, reviveError, text } from '../../lib/guest/values.ts';
import { NonRetryableError } from '../../lib/sdk/workflows.ts';

/** Written so, since nobody means to await it. */
const THEN = 'then';

const back = <T>(value: T): T => decode(encode(value)) as T;

describe('a value', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 1.5],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['minus zero', -0],
    ['a text', 'ä 🎉 \u0000 " \\ \ud800'],
    ['a huge integer', 12345678901234567890n],
    ['a Date', new Date(5)],
    ['a regular expression', /a+b/gi],
    [
      'a Map',
      new Map<unknown, unknown>([
        [{ k: 1 }, [1]],
        ['x', new Map()],
      ]),
    ],
    ['a Set', new Set([1, 'x', undefined])],
    ['bytes', new Uint8Array([0, 1, 255])],
    ['floats', new Float64Array([1.5, -0])],
    ['big integers', new BigInt64Array([1n, -1n])],
    ['a buffer', new Uint8Array([1, 2, 3]).buffer],
    ['a DataView', new DataView(new Uint8Array([1, 2, 3]).buffer)],
    ['nested plain data', { a: [1, { b: null, c: undefined }], d: '' }],
    ['an array with holes', Object.assign(new Array(3), { 0: 1, 2: 3 })],
    ['a URL', new URL('https://example.com/a?b=c')],
  ])('comes back as it was: %s', (_, value) => {
    expect(back(value)).toStrictEqual(structuredCloneOf(value));
  });

  it('keeps cycles and shared parts', () => {
    const shared = { x: 1 };
    const value: Record<string, unknown> = { a: shared, b: shared };
    value.self = value;
    const copy = back(value);
    expect(copy.self).toBe(copy);
    expect(copy.a).toBe(copy.b);
  });

  it('of a class comes back as a plain object, as structuredClone makes it', () => {
    class Order {
      id = 5;
      #secret = 'x';
      get secret() {
        return this.#secret;
      }
    }
    const copy = back({ order: new Order() });
    expect(copy).toStrictEqual({ order: { id: 5 } });
    expect(Object.getPrototypeOf(copy.order)).toBe(Object.prototype);
    expect(back(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
  });

  it('with a key __proto__ pollutes nothing', () => {
    const value = JSON.parse('{"__proto__":{"polluted":1},"a":1}');
    try {
      back(value);
    } catch {
      // Refused is as good.
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a function in a Map', new Map([['f', () => 1]])],
    ['a promise', Promise.resolve()],
    ['a WeakMap', new WeakMap()],
    ['a thenable', { [THEN]: () => {} }],
  ])('cannot be %s', (_, value) => {
    expect(() => encode(value)).toThrow();
  });

  it('whose getter throws is refused with what it threw', () => {
    expect(() =>
      encode({
        get x() {
          throw new RangeError('trap');
        },
      }),
    ).toThrow('trap');
  });
});

describe('an error', () => {
  it.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, WorkflowTimeoutError])(
    'comes back by its class: %o',
    (Class) => {
      const copy = back(new Class('m'));
      expect(copy).toBeInstanceOf(Class);
      expect(copy.constructor).toBe(Class);
      expect([copy.name, copy.message]).toEqual([
        Class === WorkflowTimeoutError ? 'WorkflowTimeoutError' : Class.name,
        'm',
      ]);
    },
  );

  it('of NonRetryableError comes back as one', () => {
    expect(back(new NonRetryableError('m'))).toBeInstanceOf(NonRetryableError);
  });

  it('of another class comes back as Error with its name, message and fields', () => {
    class PaymentError extends Error {
      override name = 'PaymentError';
      code = 402;
      handler = () => 1;
    }
    const copy = back(new PaymentError('declined')) as PaymentError;
    expect(copy.constructor).toBe(Error);
    expect([copy.name, copy.message, copy.code]).toEqual(['PaymentError', 'declined', 402]);
    expect(copy).not.toHaveProperty('handler');
  });

  it('keeps stack and cause, which stay out of sight of for-in', () => {
    const error = new Error('m', { cause: new TypeError('why') });
    const copy = back(error);
    expect(copy.stack).toBe(error.stack);
    expect(copy.cause).toBeInstanceOf(TypeError);
    expect(Object.keys(copy)).toEqual([]);
  });

  it('without a stack is given a plain one', () => {
    expect(reviveError({ name: 'E', message: 'm' }).stack).toBe('E: m');
  });

  it('may have hostile fields: those that cannot be read are left out', () => {
    const error = Object.assign(new Error('m'), { good: 1 });
    Object.defineProperty(error, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('trap');
      },
    });
    Object.defineProperty(error, '__proto__', { enumerable: true, value: { polluted: 1 } });
    expect(fieldsOf(error)).toEqual({ good: 1 });
  });

  it('is read with care', () => {
    expect(text(() => 'x', 'y')).toBe('x');
    expect(text(() => undefined, 'y')).toBe('y');
    expect(text(() => 5, 'y')).toBe('5');
    expect(
      text(
        () => ({
          toString: () => {
            throw new Error('trap');
          },
        }),
        'y',
      ),
    ).toBe('y');
  });
});

describe('the size of a value', () => {
  const LIMIT = 1_048_576;

  it.each<[string, unknown]>([
    ['texts', 'ä 🎉 \u0000 \u001f \n " \\ / \ud800 x\udc00'],
    ['numbers', [0, -1.5, 1e21, 123456789]],
    ['words', [true, false, null]],
    ['objects', { a: 1, b: { c: [] }, d: undefined, 'ä"': '' }],
    ['nothing', {}],
    ['lists', [[], [[]], [1, 2, 3]]],
    ['dates', new Date(0)],
    ['absent items', [undefined, null]],
  ])('is that of its JSON text: %s', (_, value) => {
    expect(jsonSize(value, LIMIT)).toBe(Buffer.byteLength(JSON.stringify(value)));
  });

  it('is exact at 1,048,576 and one more', () => {
    for (const make of [
      (n: number) => 'x'.repeat(n - 2),
      (n: number) => ({ k: 'x'.repeat(n - 8) }),
      (n: number) => new Uint8Array(n),
    ]) {
      expect(jsonSize(make(LIMIT), LIMIT)).toBe(LIMIT);
      expect(jsonSize(make(LIMIT + 1), LIMIT)).toBe(LIMIT + 1);
    }
  });

  it('counts bytes by their length, and what JSON has no form for by its nearest', () => {
    expect(jsonSize(new Uint8Array(100).buffer, LIMIT)).toBe(100);
    expect(jsonSize(new Uint8Array(100).subarray(10, 20), LIMIT)).toBe(10);
    expect(jsonSize(new Map([['a', 1]]), LIMIT)).toBe('[["a",1]]'.length);
    expect(jsonSize(new Set([1, 2]), LIMIT)).toBe('[1,2]'.length);
    expect(jsonSize(10n, LIMIT)).toBe(2);
    expect(jsonSize(/ab/, LIMIT)).toBe(4);
    expect(jsonSize(undefined, LIMIT)).toBe(4);
    expect(jsonSize(Object.assign(new Error('boom'), { code: 1 }), LIMIT)).toBe('{"code":1}"boom""Error"'.length);
  });

  it('gives up above the limit: cycles and parts that multiply cost no more than that', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle, cycle);
    expect(jsonSize(cycle, 1_000)).toBeGreaterThan(1_000);
    let bomb: unknown = 'x';
    for (let depth = 0; depth < 60; depth++) bomb = [bomb, bomb];
    expect(jsonSize(bomb, 10_000)).toBeGreaterThan(10_000);
  });
});

const structuredCloneOf = (value: unknown): unknown =>
  value instanceof URL ? new URL(value.href) : structuredClone(value);
