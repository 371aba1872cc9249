import { expect, it } from 'vitest';
import { partOf, textOf } from '../../lib/core/replay/stream-parts.ts';

it('every byte crosses as one character that JSON does not escape, and back', () => {
  const all = Uint8Array.from({ length: 20_000 }, (_, at) => at % 256);
  expect(textOf(all)).toHaveLength(20_000);
  expect(JSON.stringify(textOf(all))).toHaveLength(20_002);
  expect(partOf(textOf(all))).toEqual(all);
  expect(partOf(textOf(new Uint8Array()))).toEqual(new Uint8Array());
});
