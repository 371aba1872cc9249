import { describe, expect, it } from 'vitest';
import { isSeenBySweeper, onlyGrew, violationsOf } from '../../lib/core/invariants.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import {
  attemptFailed,
  attemptStarted,
  boom,
  completed,
  eventConsumed,
  eventReceived,
  richJournal,
  sleepCompleted,
  sleepStarted,
  started,
  stepSettled,
  turnFailed,
  waitStarted,
} from './journal-fixture.ts';

const broken = (...records: readonly JournalRecord[]) =>
  violationsOf([started(), ...records]).map(({ invariant, what }) => `${invariant}: ${what}`);

describe('a sound journal', () => {
  it('violates nothing, at any length', () => {
    for (let length = 0; length <= richJournal.length; length++) {
      expect(violationsOf(richJournal.slice(0, length))).toEqual([]);
    }
  });

  it('may try an attempt anew that a neighbour took down', () => {
    expect(broken(attemptStarted('a', 1), turnFailed(1, false), attemptStarted('a', 2))).toEqual([]);
  });
});

describe('a journal is caught where', () => {
  it('a step is settled twice (E1)', () => {
    expect(broken(stepSettled('a', 1), stepSettled('a', 2))).toEqual([
      'E1: step_settled of do:1:a after its settlement',
    ]);
    expect(broken(stepSettled('a', 1), attemptStarted('a', 2))).toEqual([
      'E1: attempt_started of do:1:a after its settlement',
    ]);
    expect(broken(sleepStarted('n', 1), sleepCompleted('n', 2), sleepCompleted('n', 3))).toHaveLength(1);
  });

  it('attempts are numbered with gaps, or backwards (E1)', () => {
    expect(broken(attemptStarted('a', 1, { attempt: 2 }))).toEqual(['E1: attempt 2 of do:1:a after attempt 0']);
    expect(broken(attemptFailed('a', 1), attemptFailed('a', 2, { attempt: 2 }), stepSettled('a', 3))).toEqual([
      'E1: attempt 1 of do:1:a after attempt 2',
    ]);
  });

  it('a step changes its ordinal (E4)', () => {
    expect(broken(attemptStarted('a', 1, { ordinal: 1 }), stepSettled('a', 2, { ordinal: 2 }))).toEqual([
      'E4: do:1:a has two ordinals',
    ]);
  });

  it('time goes back (E3)', () => {
    expect(
      broken(stepSettled('a', 9), stepSettled('b', 8, { ordinal: 2 }), stepSettled('c', 8, { ordinal: 3 })),
    ).toEqual(['E3: step_settled at 8 after 9', 'E3: step_settled at 8 after 9']);
  });

  it('an event is received twice, consumed twice or never received (E5)', () => {
    const waits = [waitStarted('v', 1, { ordinal: 1 }), waitStarted('w', 1, { ordinal: 2 })];
    const [v, w] = [eventConsumed('v', 3, { ordinal: 1 }), eventConsumed('w', 3, { ordinal: 2 })];
    expect(broken(...waits, eventReceived(1, 2), eventReceived(1, 2))).toEqual(['E5: event 1 received twice']);
    expect(broken(...waits, eventReceived(1, 2), v, w)).toEqual(['E5: event 1 consumed but not buffered']);
    expect(broken(...waits, v, eventReceived(1, 3))).toEqual(['E5: event 1 consumed but not buffered']);
  });

  it('an event overtakes an older one of its type (E5)', () => {
    const wait = waitStarted('w', 1);
    const events = [eventReceived(1, 2, { eventType: 'other' }), eventReceived(2, 2), eventReceived(3, 2)];
    expect(broken(wait, ...events, eventConsumed('w', 3, { seq: 3 }))).toEqual([
      'E5: event 3 consumed before an older one of its type',
    ]);
    expect(broken(wait, ...events, eventConsumed('w', 3, { seq: 2 }))).toEqual([]);
  });

  it('anything follows the end (E7)', () => {
    const ends: JournalRecord[] = [
      completed(1),
      { kind: 'errored', at: 1, error: boom },
      { kind: 'terminated', at: 1 },
    ];
    for (const end of ends) {
      expect(broken(end)).toEqual([]);
      expect(broken(end, eventReceived(1, 2))).toEqual([`E7: event_received after ${end.kind}`]);
    }
  });
});

describe('two readings of a journal', () => {
  it('differ only by what was added (E3)', () => {
    expect(onlyGrew(richJournal.slice(0, 5), richJournal)).toEqual([]);
    expect(onlyGrew([], [])).toEqual([]);
  });

  it('are caught where a record has changed or gone (E3)', () => {
    const changed = [started(), stepSettled('a', 2)];
    expect(onlyGrew([started(), stepSettled('a', 1)], changed)).toMatchObject([{ invariant: 'E3' }]);
    expect(onlyGrew(changed, [started()])).toMatchObject([
      { invariant: 'E3', what: expect.stringContaining('record 1') },
    ]);
  });
});

describe('the sweeper', () => {
  it('sees an unfinished instance by its wakeAt or its lease (E6)', () => {
    expect(isSeenBySweeper({ status: 'waiting', wakeAt: 5 })).toEqual([]);
    expect(isSeenBySweeper({ status: 'running', lease: { until: 5 } })).toEqual([]);
    expect(isSeenBySweeper({ status: 'waiting' })).toMatchObject([{ invariant: 'E6' }]);
    expect(isSeenBySweeper({ status: 'queued' })).toMatchObject([{ invariant: 'E6' }]);
  });

  it('need not see one that is finished or paused', () => {
    for (const status of ['complete', 'errored', 'terminated', 'paused'])
      expect(isSeenBySweeper({ status })).toEqual([]);
  });
});
