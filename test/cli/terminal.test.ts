import { expect, it } from 'vitest';
import { during } from '../../lib/cli/during.ts';
import { progressLine } from '../../lib/cli/terminal.ts';
import { makeTerminal } from './command-line.ts';

const written = (isTTY: boolean): string[] => {
  const texts: string[] = [];
  const line = progressLine({ isTTY, write: (text) => texts.push(text) });
  for (const text of ['Uploading ...', 'Uploading ...', 'Checking ...', '']) line(text);
  return texts;
};

it('progress is one line that is written over, on a terminal', () => {
  const clear = '\r\u001b[2K';
  expect(written(true)).toEqual([`${clear}Uploading ...`, `${clear}Checking ...`, clear]);
});

it('progress is not written where nobody would see it', () => {
  expect(written(false)).toEqual([]);
});

it('progress goes away with what it told of, however that ends', async () => {
  const told: string[] = [];
  const { terminal } = makeTerminal({ progress: (text) => told.push(text) });
  expect(await during(terminal, 'a', Promise.resolve(1))).toBe(1);
  await expect(during(terminal, 'b', Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(told).toEqual(['a', '', 'b', '']);
});
