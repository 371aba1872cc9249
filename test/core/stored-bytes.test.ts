import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../lib/core/admit.ts';
import { MAX_INSTANCE_STORAGE_BYTES } from '../../lib/core/limits.ts';
import { hasRoom, storedBytes } from '../../lib/core/replay/stored-bytes.ts';
import { attemptStarted, completed, eventReceived, fold, started, stepSettled } from './journal-fixture.ts';

describe('what an instance stores', () => {
  it.each(['', 'plain', 'é', '€', '😀', '\ud800'])('is counted in bytes of UTF-8: %j', (text) => {
    const half = text === '\ud800';
    expect(storedBytes(text)).toBe(half ? 2 : Buffer.byteLength(text));
  });

  it('is what lies beside the rows as well', () => {
    expect(storedBytes({ ref: 'x', bytes: 7 })).toBe(7);
    expect(storedBytes({ stream: 'x', bytes: 8 })).toBe(8);
  });

  it('is what came from outside, what steps gave, and the output', () => {
    const state = fold([
      started(),
      eventReceived(1, 1, { payload: 'four' }),
      stepSettled('a', 2, { value: { ref: 'x', bytes: 100 } }),
      completed(3),
    ]);
    expect(state.storedBytes).toBe(4 + 100 + '[1]'.length);
  });

  it('has a bound', () => {
    expect(hasRoom({ storedBytes: 10 }, {}, MAX_INSTANCE_STORAGE_BYTES - 10)).toBe(true);
    expect(hasRoom({ storedBytes: 11 }, {}, MAX_INSTANCE_STORAGE_BYTES - 10)).toBe(false);
    expect(hasRoom({ storedBytes: 1 }, { storedBytes: 2 }, 2)).toBe(false);
  });

  it('is refused of a guest that goes far beyond', () => {
    const journal = fold([started(), attemptStarted('a', 1)]);
    const refusal = (length: number) =>
      refusalOf(
        journal,
        stepSettled('a', 2, { value: 'x'.repeat(length) }),
        { steps: 9, records: 36, storedBytes: 50 },
        9,
      );
    expect(refusal(100)).toBeUndefined();
    expect(refusal(101)).toBe('the instance stores as much as it may');
  });
});
