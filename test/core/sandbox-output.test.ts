import { describe, expect, it } from 'vitest';
import { MAX_VALUE_BYTES } from '../../lib/core/limits.ts';
import { showStream } from '../../lib/core/sandbox-output.ts';

const whole = (text: string) => showStream({ head: text, tail: '', leftOut: 0 });
const jsonBytes = (text: string): number => new TextEncoder().encode(JSON.stringify(text)).length;
const parts = (text: string) =>
  /^([\s\S]*)\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n([\s\S]*)$/.exec(text)?.slice(1) ?? [];

describe('a stream of a sandboxed command', () => {
  it('is shown as it is where it fits', () => {
    expect(whole('')).toEqual({ text: '', isCut: false });
    expect(showStream({ head: 'one\n', tail: 'two\n', leftOut: 0 })).toEqual({ text: 'one\ntwo\n', isCut: false });
  });

  it('is cut in the middle where it is too long, and says how much is missing', () => {
    const { text, isCut } = whole(`begin${'x'.repeat(1_000_000)}end`);
    const [head = '', missing, tail = ''] = parts(text);
    expect(isCut).toBe(true);
    expect(head.startsWith('beginx') && tail.endsWith('xend')).toBe(true);
    expect(head.length + Number(missing) + tail.length).toBe(1_000_008);
  });

  it('counts what nobody kept', () => {
    expect(showStream({ head: 'begin', tail: 'end', leftOut: 7 })).toEqual({
      text: 'begin\n[... 7 bytes left out ...]\nend',
      isCut: true,
    });
    const { text } = showStream({ head: 'é'.repeat(300_000), tail: '€'.repeat(300_000), leftOut: 5 });
    const [head = '', missing, tail = ''] = parts(text);
    expect(new Set(head + tail)).toEqual(new Set(['é', '€']));
    expect(head.length * 2 + Number(missing) + tail.length * 3).toBe(600_000 + 5 + 900_000);
  });

  it.each(['x', '"', '\\', '\n', '\u0000', 'é', '€', '😀'])(
    'fits twice into a step result, made of %j',
    (character) => {
      const { text, isCut } = whole(character.repeat(1_200_000 / character.length));
      expect(isCut).toBe(true);
      expect(2 * jsonBytes(text)).toBeLessThan(MAX_VALUE_BYTES - 1_000);
    },
  );

  it('is never cut within a character', () => {
    for (const shift of ['', 'a']) {
      const { text } = whole(`${shift}${'😀'.repeat(400_000)}${shift}`);
      expect(text.isWellFormed()).toBe(true);
    }
    // Three bytes of JSON text before each pair: the bound falls into one for some shift.
    for (const shift of ['', 'a', 'aa', 'aaa'])
      expect(whole(shift + '😀'.repeat(400_000)).text.isWellFormed()).toBe(true);
  });
});
