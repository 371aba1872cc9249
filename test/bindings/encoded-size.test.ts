import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodedSize } from '../../lib/bindings/encoded-size.ts';
import { jsonSize } from '../../lib/guest/json-size.ts';
import { encode } from '../../lib/guest/values.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** A key `__proto__` has no encoded form. */
const isEncodable = (value: unknown): boolean => {
  try {
    return encode(value) !== '';
  } catch {
    return false;
  }
};

describe('the size of an encoded value', () => {
  it('is that of its JSON text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }).filter(isEncodable), (value) => {
        expect(encodedSize(encode(value))).toBe(Buffer.byteLength(JSON.stringify(value)));
      }),
    );
  });

  it('is the one that the guest measures, for what JSON has no form for too', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything.filter(isEncodable), (value) => {
        expect(encodedSize(encode(value))).toBe(jsonSize(value, NO_LIMIT));
      }),
    );
  });

  it('counts bytes by their length', () => {
    expect(encodedSize(encode(new Uint8Array(1_000)))).toBe(1_000);
    expect(encodedSize(encode(new Uint16Array(new ArrayBuffer(1_000), 100, 10)))).toBe(20);
  });

  it('counts a part as often as it stands in the value, without walking it as often', () => {
    let value: unknown = 'x';
    for (let depth = 0; depth < 60; depth++) value = [value, value];
    expect(encodedSize(encode(value))).toBeGreaterThan(2 ** 60);
  });

  it('is without end for what contains itself', () => {
    const value: unknown[] = [];
    value.push(value);
    expect(encodedSize(encode(value))).toBe(Number.POSITIVE_INFINITY);
  });

  it('is without end for what is nested deeper than the stack goes', () => {
    const nested = `[${Array.from({ length: 100_000 }, (_, at) => `[${at + 1}]`).join(',')},1]`;
    expect(encodedSize(nested)).toBe(Number.POSITIVE_INFINITY);
  });
});
