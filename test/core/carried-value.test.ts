import { describe, expect, it } from 'vitest';
import { carriedValue, liesBeside } from '../../lib/core/carried-value.ts';

const REF = { ref: 'acme/values/W/i/l/1', bytes: 300_000 };

describe('the value that a record carries', () => {
  it('is what a step, an event, a completion or the instance itself came to', () => {
    expect(carriedValue({ kind: 'completed', at: 1, output: REF })).toBe(REF);
    expect(carriedValue({ kind: 'started', at: 1 })).toBeUndefined();
  });

  it('lies beside the rows where it is no text', () => {
    expect([REF, { stream: 'l/1', bytes: 4 }].map(liesBeside)).toEqual([true, true]);
    expect(['[1]', null, undefined].map(liesBeside)).toEqual([false, false, false]);
  });
});
