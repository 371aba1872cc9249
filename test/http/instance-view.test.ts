import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoTime } from '../../lib/http/instance-view.ts';

it('times are told in ISO 8601 with milliseconds, whichever was told before', () => {
  const instant = fc.integer({ min: -62_000_000_000_000, max: 253_000_000_000_000 });
  const near = fc.tuple(instant, fc.array(fc.integer({ min: -2_000, max: 2_000 })));
  fc.assert(
    fc.property(near, ([at, offsets]) => {
      for (const time of [at, ...offsets.map((offset) => at + offset), at]) {
        expect(isoTime(time)).toBe(new Date(time).toISOString());
      }
    }),
  );
});
