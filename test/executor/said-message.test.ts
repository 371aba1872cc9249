import { expect, it } from 'vitest';
import { readGuestMessage } from '../../lib/executor/guest-message.ts';

const read = (lines: unknown, dropped: unknown = 0) =>
  readGuestMessage(JSON.stringify({ kind: 'logs', lines, dropped }));
const line = { at: 1, level: 'log', message: 'hello' };

it('takes lines that are lines', () => {
  expect(read([line, { ...line, level: 'error', step: { name: 'a', count: 1 }, attempt: 2 }])).toBeDefined();
  expect(read([], 7)).toBeDefined();
});

it.each([
  ['no list', 'hello'],
  ['too many at once', Array.from({ length: 1_001 }, () => line)],
  ['a level that there is none of', [{ ...line, level: 'fatal' }]],
  ['a line that is too long', [{ ...line, message: 'x'.repeat(16_386) }]],
  ['a time that is none', [{ ...line, at: 'now' }]],
  ['a field that it must not have', [{ ...line, tenant: 'globex' }]],
  ['a step with more to it', [{ ...line, step: { name: 'a', count: 1, kind: 'do' } }]],
  ['a step that is none', [{ ...line, step: 'a' }]],
  ['no line', [null]],
])('refuses %s', (_, lines) => {
  expect(read(lines)).toBeUndefined();
});
