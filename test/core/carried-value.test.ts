import { describe, expect, it } from 'vitest';
import { carriedValue, liesBeside } from '../../lib/core/carried-value.ts';

const OF_ATTEMPT = { step: { kind: 'do', name: 's', count: 1 }, ordinal: 1, attempt: 1 } as const;
const REF = { ref: 'acme/values/W/i/l/1', bytes: 300_000 };

describe('the value that a record carries', () => {
  it('is what a step, an event, a completion or the instance itself came to', () => {
    const of = { at: 1, seq: 1, acceptedAt: 1 };
    const settled = { ...OF_ATTEMPT, kind: 'step_settled', at: 1, startedAt: 1 } as const;
    const completion = { ...OF_ATTEMPT, ...of, kind: 'completion_received', tokenHash: '', digest: '' } as const;
    const outcome = { ok: true, value: REF } as const;
    expect(carriedValue({ ...settled, outcome })).toBe(REF);
    expect(carriedValue({ ...completion, outcome })).toBe(REF);
    expect(carriedValue({ kind: 'event_received', ...of, eventId: 'e', eventType: 't', payload: REF })).toBe(REF);
    expect(carriedValue({ kind: 'completed', at: 1, output: REF })).toBe(REF);
  });

  it('is not there where a step failed, an event came without one, or nothing came of it', () => {
    const outcome = { ok: false, error: { name: 'Error', message: 'no' } } as const;
    const settled = { ...OF_ATTEMPT, kind: 'step_settled', at: 1, startedAt: 1, outcome } as const;
    expect(carriedValue(settled)).toBeUndefined();
    expect(carriedValue({ kind: 'started', at: 1 })).toBeUndefined();
  });

  it('lies beside the rows where it is no text', () => {
    expect([REF, { stream: 'l/1', bytes: 4 }].map(liesBeside)).toEqual([true, true]);
    expect(['[1]', null, undefined].map(liesBeside)).toEqual([false, false, false]);
  });
});
