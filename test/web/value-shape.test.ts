import { describe, expect, it } from 'vitest';
import { shapeOf, summaryOf } from '../../lib/web/parts/value-shape.ts';

const typed = ($type: string, value: unknown) => ({ $type, value });

describe('the shape of a value', () => {
  it('is that of JSON where it is JSON', () => {
    expect([null, 'a"b', 1.5, true, [1, 2], { a: 1 }, {}].map((value) => summaryOf(shapeOf(value)))).toEqual([
      'null',
      '"a\\"b"',
      '1.5',
      'true',
      'Array(2) [1, 2]',
      '{ a: 1 }',
      '{}',
    ]);
  });

  it.each([
    [typed('Date', '2026-11-25T12:00:00.000Z'), 'Date 2026-11-25T12:00:00.000Z'],
    [typed('Date', null), 'Date invalid'],
    [typed('BigInt', '12'), 'BigInt 12n'],
    [typed('RegExp', '/a/g'), 'RegExp /a/g'],
    [typed('Number', 'NaN'), 'Number NaN'],
    [typed('Undefined', null), 'Undefined undefined'],
    [typed('Bytes', 'aGk='), 'Bytes 2 bytes aGk='],
    [typed('Stream', { bytes: 12 }), 'Stream 12 bytes'],
    [typed('Reference', '$.a'), 'Reference the same as $.a'],
    [typed('Omitted', 'too large'), 'Omitted left out: too large'],
    [typed('Set', [1]), 'Set(1) [1]'],
    [typed('Map', [['a', 1]]), 'Map(1) { "a": 1 }'],
    [typed('Error', { name: 'E', message: 'm' }), 'Error { name: "E", message: "m" }'],
  ])('is what %j stands for', (value, said) => {
    expect(summaryOf(shapeOf(value))).toBe(said);
  });

  it('is told in one line that has an end', () => {
    const many = { list: [1], deep: { a: 1 }, text: 'x'.repeat(20), more: 1, and: 'y'.repeat(60) };
    expect(summaryOf(shapeOf(many))).toBe(`{ list: Array(1), deep: {…}, text: "${'x'.repeat(20)}", … }`);
    expect(summaryOf(shapeOf(['x'.repeat(100)]))).toBe('Array(1) […]');
  });

  it('has keys of a map that are no text, as what they are', () => {
    const shape = shapeOf(
      typed('Map', [
        [typed('Date', '2026'), 1],
        [[1, 2], 2],
        [3, 4],
      ]),
    );
    expect('entries' in shape && shape.entries.map(({ name }) => name)).toEqual(['2026', '[1,2]', '3']);
  });

  it('is an object where a tenant’s own looks like one of them', () => {
    for (const own of [
      typed('Mine', 1),
      typed('Set', 'no list'),
      typed('Error', null),
      { $type: 'Date', value: 1, more: 2 },
    ]) {
      expect(shapeOf(own)).toMatchObject({ kind: 'fields', type: 'Object' });
    }
  });
});
