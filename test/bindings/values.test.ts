import { describe, expect, it } from 'vitest';
import { decodeValue, encodeValue } from '../../lib/bindings/values.ts';
import { decode as guestDecode, encode as guestEncode } from '../../lib/guest/values.ts';

class Point {
  readonly x = 1;
}

describe('values between the guest and its bindings', () => {
  it.each([
    ['JSON', { a: [1, 'two', null, true], b: { c: -0 } }],
    ['dates, maps, sets and big numbers', new Map<unknown, unknown>([[new Date(5), new Set([1n, undefined])]])],
    ['bytes', { bytes: new Uint8Array([1, 2, 255]) }],
    ['patterns', /a+/gi],
    ['nothing', undefined],
  ])('carry %s in both directions', (_, value) => {
    expect(decodeValue(guestEncode(value))).toEqual(value);
    expect(guestDecode(encodeValue(value))).toEqual(value);
  });

  it('carry what contains itself', () => {
    const value: { self?: unknown } = {};
    value.self = value;
    const back = decodeValue(guestEncode(value)) as { self: unknown };
    expect(back.self).toBe(back);
  });

  it('carry an object of a class as a plain one', () => {
    expect(guestDecode(encodeValue(new Point()))).toEqual({ x: 1 });
  });

  it("carry a tenant's error through the host with its class, stack and fields", () => {
    const error = Object.assign(new RangeError('too far'), { limit: 3 });
    const back = guestDecode(encodeValue(decodeValue(guestEncode({ error })))) as { error: RangeError };
    expect(back.error).toBeInstanceOf(RangeError);
    expect(back.error).toMatchObject({ message: 'too far', limit: 3, stack: error.stack });
  });

  it('carry an error of the host without its stack', () => {
    const back = guestDecode(encodeValue(new Error('no luck'))) as Error;
    expect(back.message).toBe('no luck');
    expect(back.stack).not.toContain('values.test');
  });

  it('take nothing along of the buffer that bytes are a part of', () => {
    const buffer = new TextEncoder().encode('secret:shown').buffer;
    for (const view of [new Uint8Array(buffer, 7), new DataView(buffer, 7), Buffer.from(buffer, 7)]) {
      const encoded = encodeValue({ view });
      expect(encoded).toContain(Buffer.from('shown').toString('base64'));
      expect(encoded).not.toContain(Buffer.from('secret').toString('base64').slice(0, 8));
      expect((guestDecode(encoded) as { view: Uint8Array }).view.byteLength).toBe(5);
    }
  });

  it('refuse what has no encoded form', () => {
    expect(() => encodeValue({ call: () => {} })).toThrow(TypeError);
  });
});

describe('text that no guest of ours would send', () => {
  const nested = `[${Array.from({ length: 200_000 }, (_, at) => `[${at + 1}]`).join(',')},1]`;
  it.each([
    ['no JSON', '{'],
    ['no list', '{"a":1}'],
    ['an empty list', '[]'],
    ['a place that is not there', '[[7]]'],
    ['a type that is not known', '[["Function","alert()"]]'],
    ['an error inside itself', '[["Error",0]]'],
    ['a prototype', '[{"__proto__":1},{"admin":2},true]'],
    ['a depth that no stack holds', nested],
    ['a pattern that is none', '[["RegExp","(",""]]'],
  ])('is refused as a TypeError: %s', (_, encoded) => {
    expect(() => decodeValue(encoded)).toThrow(TypeError);
  });

  it('is refused where one BigInt, or many, would block the process', () => {
    const digits = '9'.repeat(60_000);
    expect(decodeValue(`[["BigInt","${digits}"]]`)).toBe(BigInt(digits));
    expect(() => decodeValue(`[[1,2],["BigInt","${digits}"],["BigInt","${digits}"]]`)).toThrow('digits of BigInt');
  });

  it('does not make room for a list that claims to be long', () => {
    const list = decodeValue('[[-7,4294967295,5,1],"x"]') as unknown[];
    expect(list.length).toBe(4_294_967_295);
    expect(encodeValue(list).length).toBeLessThan(100);
  });

  it('is refused above what a message may carry', () => {
    expect(() => decodeValue(`["${'x'.repeat(16_000_000)}"]`)).toThrow('too large');
  });
});
