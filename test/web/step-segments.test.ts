import { describe, expect, it } from 'vitest';
import type { Step } from '../../lib/client/operations.ts';
import { segmentsOf } from '../../lib/web/instance/step-segments.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const NOW = 10_000;

const step = (more: Partial<Step>): Step => ({
  type: 'step',
  name: 's',
  count: 1,
  status: 'completed',
  startedAt: iso(0),
  attempts: [],
  ...more,
});

const error = { name: 'RangeError', message: 'no' };

const shortOf = (one: Step, endAt = NOW) =>
  segmentsOf(one, endAt).map(({ kind, state, startAt, endAt: to, title }) => [kind, state, startAt, to, title]);

describe('the stretches of a step', () => {
  it('are its attempts, and the pauses between them', () => {
    const attempts = [
      { number: 1, startedAt: iso(0), endedAt: iso(10), error },
      { number: 2, startedAt: iso(1_010), endedAt: iso(1_030) },
    ];
    expect(shortOf(step({ attempts, endedAt: iso(1_030) }))).toEqual([
      ['attempt', 'failed', 0, 10, 'attempt 1 failed after 10 ms with RangeError'],
      ['backoff', 'ok', 10, 1_010, 'waited 1 s'],
      ['attempt', 'ok', 1_010, 1_030, 'attempt 2 took 20 ms'],
    ]);
  });

  it('grow with the clock while an attempt runs, or waits for the next one', () => {
    const running = step({ status: 'running', attempts: [{ number: 1, startedAt: iso(4_000) }] });
    expect(shortOf(running)).toEqual([['attempt', 'open', 4_000, NOW, 'attempt 1 has run for 6 s']]);
    const failed = { number: 1, startedAt: iso(0), endedAt: iso(10), error };
    expect(shortOf(step({ status: 'waiting', attempts: [failed] })).at(-1)).toEqual([
      'backoff',
      'open',
      10,
      NOW,
      'waited 10 s',
    ]);
  });

  it('are a sleep, at work or over', () => {
    expect(shortOf(step({ type: 'sleep', status: 'waiting' }))).toEqual([['sleep', 'open', 0, NOW, 'asleep for 10 s']]);
    expect(shortOf(step({ type: 'sleep', endedAt: iso(500) }))).toEqual([['sleep', 'ok', 0, 500, 'slept 500 ms']]);
  });

  it('are a wait for an event, which came, did not come or may still come', () => {
    const wait = { type: 'waitForEvent', eventType: 'go' } as const;
    expect(shortOf(step({ ...wait, status: 'waiting' }))).toEqual([
      ['wait', 'open', 0, NOW, 'waiting for “go” for 10 s'],
    ]);
    expect(shortOf(step({ ...wait, endedAt: iso(5) }))).toEqual([['wait', 'ok', 0, 5, '“go” came after 5 ms']]);
    expect(shortOf(step({ ...wait, status: 'timedOut', endedAt: iso(5) }))).toEqual([
      ['wait', 'failed', 0, 5, '“go” did not come within 5 ms'],
    ]);
  });

  it('are what a policy holds back, before the attempt that it lets go', () => {
    const approval = { id: 'a', policy: 'gate', askedAt: iso(0), until: iso(NOW * 2) };
    expect(shortOf(step({ status: 'waiting', approvals: [{ ...approval, status: 'pending' }] }))).toEqual([
      ['approval', 'open', 0, NOW, 'held back by gate for 10 s'],
    ]);
    const approved = step({
      approvals: [{ ...approval, status: 'approved', decidedAt: iso(3_000) }],
      attempts: [{ number: 1, startedAt: iso(3_000), endedAt: iso(3_001) }],
    });
    expect(shortOf(approved).map(([kind]) => kind)).toEqual(['approval', 'attempt']);
    const expired = step({ status: 'errored', approvals: [{ ...approval, until: iso(9_000), status: 'expired' }] });
    expect(shortOf(expired)).toEqual([['approval', 'failed', 0, 9_000, 'expired (gate) after 9 s']]);
  });

  it('are an attempt that waits for its result from outside', () => {
    const deferred = step({ status: 'waiting', attempts: [{ number: 1, startedAt: iso(0) }] });
    expect(shortOf(deferred)).toEqual([
      ['deferred', 'open', 0, NOW, 'attempt 1 waits for its result from outside for 10 s'],
    ]);
  });

  it('end with the instance, where that was terminated', () => {
    expect(shortOf(step({ type: 'sleep', status: 'waiting' }), 200)).toEqual([
      ['sleep', 'open', 0, 200, 'asleep for 200 ms'],
    ]);
  });
});
