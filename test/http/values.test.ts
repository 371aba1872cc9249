import { stringify } from 'devalue';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SHOWN_BYTES, showValue } from '../../lib/http/values.ts';

const show = (value: unknown): unknown => showValue(stringify(value)).json;
const typed = (type: string, value: unknown) => ({ $type: type, value });

const hasNoProto = (value: unknown): boolean => !JSON.stringify(value).includes('__proto__');

describe('values in answers', () => {
  it('are plain JSON where the value is JSON, with their size told to the byte', () => {
    fc.assert(
      // An own `__proto__` is taken out of what comes in: it is never stored.
      fc.property(fc.jsonValue({ noUnicodeString: false }).filter(hasNoProto), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        const shown = showValue(stringify(plain));
        expect(shown.json).toEqual(plain);
        // A comma is counted for the last part too, which has none.
        expect(shown.bytes).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(plain)));
      }),
    );
  });

  it('are absent where the whole value is undefined', () => {
    expect(showValue(stringify(undefined))).toEqual({ json: undefined, bytes: 0 });
  });

  it.each([
    ['a date', new Date(0), typed('Date', '1970-01-01T00:00:00.000Z')],
    ['an invalid date', new Date(Number.NaN), typed('Date', null)],
    [
      'a map',
      new Map<unknown, unknown>([
        ['a', 1],
        [new Date(0), new Set([1n])],
      ]),
      typed('Map', [
        ['a', 1],
        [typed('Date', '1970-01-01T00:00:00.000Z'), typed('Set', [typed('BigInt', '1')])],
      ]),
    ],
    ['bytes', new Uint8Array([1, 2, 3]), typed('Bytes', 'AQID')],
    ['a view of bytes', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), typed('Bytes', 'AgM=')],
    ['a buffer', new Uint8Array([255]).buffer, typed('Bytes', '/w==')],
    ['floats', new Float64Array([1]), typed('Bytes', 'AAAAAAAA8D8=')],
    ['a regular expression', /a\/b/gi, typed('RegExp', '/a\\/b/gi')],
    ['no number', Number.NaN, typed('Number', 'NaN')],
    ['infinities', [Infinity, -Infinity], [typed('Number', 'Infinity'), typed('Number', '-Infinity')]],
    ['minus zero', -0, typed('Number', '-0')],
    [
      'undefined inside',
      { a: undefined, b: [undefined] },
      { a: typed('Undefined', null), b: [typed('Undefined', null)] },
    ],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is shown
    ['holes', [1, , 2], [1, typed('Undefined', null), 2]],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['boxed values', [Object(1), Object('a'), Object(true), Object(2n)], [1, 'a', true, typed('BigInt', '2')]],
    ['a URL', new URL('https://example.com/a'), 'https://example.com/a'],
  ])('show %s', (_, value, expected) => {
    expect(show(value)).toEqual(expected);
  });

  it('show errors with name, message, stack, cause and fields', () => {
    const parts = [
      'PaymentError',
      'declined',
      'PaymentError: declined\n    at pay (workflow.ts:3:5)\n    at run (tenon-bundle.js:9:1)',
      { code: 7, cause: 'limit' },
    ];
    const encoded = stringify({ failed: { parts } }, { Error: (value) => (value as { parts?: unknown })?.parts });
    expect(showValue(encoded).json).toEqual({
      failed: typed('Error', {
        name: 'PaymentError',
        message: 'declined',
        stack: 'PaymentError: declined\n    at pay (workflow.ts:3:5)',
        cause: 'limit',
        fields: { code: 7 },
      }),
    });
  });

  it('show an object inside itself by the place where it is shown', () => {
    const list: unknown[] = [];
    const value = { list, map: new Map<string, unknown>(), 'odd key': {} as Record<string, unknown> };
    list.push(list);
    value.map.set('up', value);
    value['odd key'].self = value['odd key'];
    expect(show(value)).toEqual({
      list: [typed('Reference', '$.list')],
      map: typed('Map', [['up', typed('Reference', '$')]]),
      'odd key': { self: typed('Reference', '$["odd key"]') },
    });
  });

  it('show a part twice that stands twice', () => {
    const part = { a: 1 };
    expect(show([part, part])).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it('leave out what would multiply beyond an answer', () => {
    let many: unknown = 'x'.repeat(100);
    for (let level = 0; level < 60; level++) many = [many, many];
    expect(show(many)).toMatchObject({ $type: 'Omitted' });
    const sparse: unknown[] = [];
    sparse[4_000_000_000] = 1;
    expect(show(sparse)).toMatchObject({ $type: 'Omitted' });
    expect(show(new Uint8Array(MAX_SHOWN_BYTES))).toMatchObject({ $type: 'Omitted' });
  });

  it.each([
    'nonsense',
    '[]',
    '[[1,2',
    '{"a":1}',
    '[["Nope",1]]',
    '[["Error",1],null]',
    '[["Error",1],[2,2,2,2],["Error",1]]',
    '[["RegExp","("]]',
    '[["BigInt","x"]]',
    '[{"__proto__":1},2]',
    '[["Temporal.Instant","x"]]',
    `${'['.repeat(100_000)}`,
    `[${Array.from({ length: 50_000 }, (_, index) => `[${index + 1}]`).join(',')},0]`,
  ])('never throw for forged text (%#)', (encoded) => {
    expect(() => JSON.stringify(showValue(encoded).json)).not.toThrow();
  });

  it('never throw for any text', () => {
    const piece = fc.oneof(
      fc.integer({ min: -8, max: 6 }),
      fc.constantFrom('Error', 'Map', 'Set', 'Date', 'Instance', 'a'),
    );
    const flat = fc.oneof(fc.array(piece), fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), piece), piece);
    fc.assert(
      fc.property(fc.array(flat, { minLength: 1 }), (values) => {
        expect(() => JSON.stringify(showValue(JSON.stringify(values)).json)).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});
