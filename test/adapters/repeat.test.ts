import { expect, it } from 'vitest';
import { repeat } from '../../lib/adapters/node/repeat.ts';

it('does it again after it failed, one at a time, and stops when what is under way is done', async () => {
  const errors: unknown[] = [];
  const third = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  let count = 0;
  const repeating = repeat(
    1,
    async () => {
      count += 1;
      if (count < 3) throw new Error(`${count}`);
      third.resolve();
      await mayEnd.promise;
    },
    (error) => errors.push(error),
  );
  await third.promise;
  const stopped = repeating.stop();
  expect(errors).toEqual([new Error('1'), new Error('2')]);
  mayEnd.resolve();
  await stopped;
  expect(count).toBe(3);
});
