import { describe, expect, it } from 'vitest';
import {
  type InboxItem,
  lossOf,
  needsGuest,
  nextDueAt,
  projectionOf,
  statusOf,
  takeInbox,
  uncleanEnd,
  waitingForOf,
} from '../../lib/core/decide.ts';
import type { JournalRecord, Status, Termination } from '../../lib/core/records.ts';
import {
  attemptFailed,
  attemptStarted,
  boom,
  completed,
  eventConsumed,
  eventReceived,
  fold,
  pauseRequested,
  resumed,
  sleepStarted,
  started,
  stepSettled,
  turnFailed,
  waitStarted,
} from './journal-fixture.ts';

const paused: JournalRecord = { kind: 'paused', at: 5 };

describe('the status', () => {
  it.each<[string, readonly JournalRecord[], Status, Status]>([
    ['nothing', [], 'running', 'queued'],
    ['an event before its start', [eventReceived(1, 0)], 'running', 'queued'],
    ['a start', [started()], 'running', 'waiting'],
    ['a sleep', [started(), sleepStarted('n', 1)], 'running', 'waiting'],
    ['a wish to pause', [started(), pauseRequested(1, 2)], 'waitingForPause', 'waitingForPause'],
    ['a wish to pause before its start', [pauseRequested(1, 2)], 'waitingForPause', 'waitingForPause'],
    ['a pause', [started(), pauseRequested(1, 2), paused], 'paused', 'paused'],
    ['a pause that is over', [started(), pauseRequested(1, 2), paused, resumed(2, 6)], 'running', 'waiting'],
    ['its output', [started(), completed(3)], 'complete', 'complete'],
    ['its error', [started(), { kind: 'errored', at: 3, error: boom }], 'errored', 'errored'],
    ['its termination', [started(), { kind: 'terminated', at: 3 }], 'terminated', 'terminated'],
    [
      'its termination in a pause',
      [pauseRequested(1, 2), paused, { kind: 'terminated', at: 6 }],
      'terminated',
      'terminated',
    ],
  ])('after %s is told, held or not', (_, records, held, released) => {
    expect(statusOf(fold(records), { isHeld: true })).toBe(held);
    expect(statusOf(fold(records))).toBe(released);
  });

  it('in line is queued, whatever it waited for before, but for what is over, paused or going back', () => {
    const slept = [started(), sleepStarted('nap', 1)];
    expect(statusOf(fold(slept), { isInLine: true })).toBe('queued');
    expect(statusOf(fold(slept), { isInLine: true, isHeld: true })).toBe('queued');
    expect(statusOf(fold([started(), completed(3)]), { isInLine: true })).toBe('complete');
    expect(statusOf(fold([started(), pauseRequested(1, 2), paused]), { isInLine: true })).toBe('paused');
    const projection = projectionOf(fold(slept), { wakeAt: 9, retentionMs: 1, isInLine: true });
    expect(projection).toMatchObject({ status: 'queued', wakeAt: 9, waitingFor: [] });
  });
});

describe('what an instance waits for', () => {
  it('names sleeps, events and retries with their ends', () => {
    const state = fold([
      sleepStarted('n', 1, { until: 50, ordinal: 1 }),
      waitStarted('w', 1, { timeoutMs: 9, ordinal: 2 }),
      attemptFailed('a', 1, { retryAt: 30, ordinal: 3 }),
    ]);
    expect(waitingForOf(state)).toEqual([
      { kind: 'sleep', name: 'n', until: 50 },
      { kind: 'event', name: 'w', until: 10, eventType: 'go' },
      { kind: 'retry', name: 'a', until: 30 },
    ]);
    expect(nextDueAt(state)).toBe(10);
    expect(nextDueAt(fold([started()]))).toBeUndefined();
  });

  it('names ten of many', () => {
    const many = Array.from({ length: 25 }, (_, index) => sleepStarted(`n${index}`, 1, { ordinal: index + 1 }));
    expect(waitingForOf(fold(many))).toHaveLength(10);
  });
});

describe('the projection', () => {
  const sleeping = [started(1), sleepStarted('n', 2, { until: 50 }), stepSettled('a', 3, { ordinal: 2 })];

  it('says when it can go on, and what it waits for', () => {
    expect(projectionOf(fold(sleeping), { wakeAt: 50, retentionMs: 9 })).toEqual({
      status: 'waiting',
      startedAt: 1,
      wakeAt: 50,
      waitingFor: [{ kind: 'sleep', name: 'n', until: 50 }],
      stepCount: 1,
    });
    expect(projectionOf(fold(sleeping), { retentionMs: 9 })).not.toHaveProperty('wakeAt');
    expect(projectionOf(fold([]), { wakeAt: 5, retentionMs: 9 })).toEqual({
      status: 'queued',
      wakeAt: 5,
      waitingFor: [],
      stepCount: 0,
    });
  });

  it('tells how much is stored where that is much', () => {
    const large = (bytes: number) =>
      projectionOf(fold([started(1), stepSettled('a', 2, { value: { ref: 'x', bytes } })]), { retentionMs: 9 });
    expect(large(16_777_216)).not.toHaveProperty('storedBytes');
    expect(large(16_777_217).storedBytes).toBe(16_777_217);
  });

  it('of a pause waits for nobody but a resume', () => {
    expect(projectionOf(fold([...sleeping, pauseRequested(1, 4), paused]), { wakeAt: 50, retentionMs: 9 })).toEqual({
      status: 'paused',
      startedAt: 1,
      waitingFor: [],
      stepCount: 1,
    });
  });

  it('of an end says when, what, and until when it is kept', () => {
    expect(projectionOf(fold([...sleeping, completed(60)]), { wakeAt: 70, retentionMs: 9 })).toEqual({
      status: 'complete',
      startedAt: 1,
      endedAt: 60,
      expiresAt: 69,
      waitingFor: [],
      stepCount: 1,
      output: '[1]',
    });
    const errored = fold([{ kind: 'errored', at: 60, error: boom }]);
    expect(projectionOf(errored, { retentionMs: 9 })).toMatchObject({ status: 'errored', error: boom, endedAt: 60 });
    const terminated = projectionOf(fold([{ kind: 'terminated', at: 60 }]), { retentionMs: 9 });
    expect(terminated).not.toHaveProperty('output');
    expect(terminated).not.toHaveProperty('error');
  });
});

describe('whether the guest has anything to do', () => {
  const needs = (records: readonly JournalRecord[], now = 10): boolean => needsGuest(fold(records), now);

  it('is so at the beginning and wherever nothing is open', () => {
    expect(needs([])).toBe(true);
    expect(needs([started(), stepSettled('a', 2)])).toBe(true);
  });

  it('is not so once it is finished or paused', () => {
    expect(needs([completed(3)])).toBe(false);
    expect(needs([pauseRequested(1, 2), paused])).toBe(false);
  });

  it('is so when something open is due', () => {
    const sleeping = [started(), sleepStarted('n', 1, { until: 50 })];
    expect(needs(sleeping, 49)).toBe(false);
    expect(needs(sleeping, 50)).toBe(true);
    expect(needs([started(), attemptFailed('a', 1, { retryAt: 50 })], 49)).toBe(false);
  });

  it('is so when an event has come that a wait is for, and not for another', () => {
    const waiting = [started(), waitStarted('w', 1, { timeoutMs: 500 })];
    expect(needs(waiting)).toBe(false);
    expect(needs([...waiting, eventReceived(1, 2, { eventType: 'other' })])).toBe(false);
    expect(needs([...waiting, eventReceived(1, 2)])).toBe(true);
    const consumed = [...waiting, eventReceived(1, 2), eventConsumed('w', 3), sleepStarted('n', 3, { ordinal: 2 })];
    expect(needs(consumed)).toBe(false);
  });

  it('is so while an attempt is open beside a sleep', () => {
    expect(needs([started(), sleepStarted('n', 1), attemptStarted('a', 1, { ordinal: 2 })])).toBe(true);
  });

  it('is so after a move: what the new code has to do is not known', () => {
    const state = fold([
      started(),
      sleepStarted('n', 1, { until: 1_000 }),
      { kind: 'moved', at: 2, from: 'a', to: 'b' },
    ]);
    expect(needsGuest(state, 3)).toBe(true);
  });

  it('is so after a turn that was cut off: what its run() would have done next is not known', () => {
    const cutOff = [
      started(),
      sleepStarted('n', 1, { until: 500 }),
      stepSettled('a', 2, { ordinal: 2 }),
      turnFailed(2, false),
    ];
    expect(needs(cutOff)).toBe(true);
    expect(needs([...cutOff, eventReceived(1, 3)])).toBe(true);
    expect(needs([...cutOff, pauseRequested(1, 3), paused])).toBe(false);
    expect(needs([...cutOff, sleepStarted('m', 3, { ordinal: 3, until: 500 })])).toBe(false);
  });
});

describe('the inbox', () => {
  const event = (eventId = 'e', more: Partial<InboxItem> = {}): InboxItem =>
    ({ kind: 'event', eventId, eventType: 'go', at: 3, ...more }) as InboxItem;
  const take = (
    before: readonly JournalRecord[],
    items: readonly (readonly [number, InboxItem])[],
    params: { now: number; gapSeenAt: number | undefined } = { now: 100, gapSeenAt: undefined },
  ) =>
    takeInbox(
      fold(before),
      items.map(([seq, item]) => ({ seq, item })),
      params,
    );

  it('becomes records in the order of its numbers, at the time of the journal', () => {
    const taken = take(
      [started(40)],
      [
        [1, event('a', { payload: '[1]' })],
        [2, event('b')],
      ],
    );
    expect(taken).toEqual({
      hasGap: false,
      records: [
        { kind: 'event_received', at: 40, seq: 1, eventId: 'a', eventType: 'go', acceptedAt: 3, payload: '[1]' },
        { kind: 'event_received', at: 40, seq: 2, eventId: 'b', eventType: 'go', acceptedAt: 3 },
      ],
    });
    expect(take([], [[1, event()]]).records[0]?.at).toBe(0);
  });

  it('leaves out what was taken before', () => {
    const taken = take(
      [started(), eventReceived(1, 1), eventReceived(2, 1)],
      [
        [1, event()],
        [2, event()],
        [3, event('c')],
      ],
    );
    expect(taken.records).toMatchObject([{ seq: 3, eventId: 'c' }]);
  });

  it('stops in front of a gap, whose item may still come', () => {
    for (const gapSeenAt of [undefined, 100 - 9_999]) {
      const taken = take(
        [started()],
        [
          [1, event()],
          [3, event()],
        ],
        { now: 100, gapSeenAt },
      );
      expect(taken).toMatchObject({ hasGap: true, records: [{ seq: 1 }] });
    }
  });

  it('closes a gap after ten seconds, each missing number by itself', () => {
    const taken = take(
      [started()],
      [
        [2, event()],
        [5, event()],
      ],
      { now: 20_000, gapSeenAt: 10_000 },
    );
    expect(taken.hasGap).toBe(false);
    expect(taken.records.map(({ kind, ...rest }) => [kind, 'seq' in rest && rest.seq])).toEqual([
      ['inbox_gap_closed', 1],
      ['event_received', 2],
      ['inbox_gap_closed', 3],
      ['inbox_gap_closed', 4],
      ['event_received', 5],
    ]);
  });

  it('ignores an item that comes after its tombstone', () => {
    const closed = [started(), { kind: 'inbox_gap_closed', at: 1, seq: 1 } as const, eventReceived(2, 1)];
    expect(
      take(closed, [
        [1, event()],
        [2, event()],
      ]),
    ).toEqual({ records: [], hasGap: false });
  });

  it('pauses once and resumes once; what changes nothing leaves its number', () => {
    const taken = take(
      [started()],
      [
        [1, { kind: 'resume', at: 5 }],
        [2, { kind: 'pause', at: 6 }],
        [3, { kind: 'pause', at: 7 }],
        [4, { kind: 'resume', at: 8 }],
        [5, { kind: 'resume', at: 9 }],
        [6, { kind: 'pause', at: 10 }],
      ],
    );
    expect(taken.records).toEqual([
      { kind: 'inbox_gap_closed', at: 0, seq: 1 },
      { kind: 'pause_requested', at: 0, seq: 2, requestedAt: 6 },
      { kind: 'inbox_gap_closed', at: 0, seq: 3 },
      { kind: 'resumed', at: 0, seq: 4, resumedAt: 8 },
      { kind: 'inbox_gap_closed', at: 0, seq: 5 },
      { kind: 'pause_requested', at: 0, seq: 6, requestedAt: 10 },
    ]);
    expect(fold([started(), ...taken.records])).toMatchObject({ takenSeq: 6, pauseRequestedAt: 10 });
  });

  it('resumes a pause of the journal', () => {
    const taken = take([started(), pauseRequested(1, 2), paused], [[2, { kind: 'resume', at: 8 }]]);
    expect(taken.records).toEqual([{ kind: 'resumed', at: 5, seq: 2, resumedAt: 8 }]);
  });
});

describe('a lost turn', () => {
  it('is seen by an attempt that was left open', () => {
    expect(lossOf(fold([started(), attemptStarted('a', 5)]))).toEqual({
      kind: 'turn_failed',
      at: 5,
      cause: 'executor_lost',
      isCounted: true,
    });
  });

  it('is told once, and not where nothing was open', () => {
    expect(lossOf(fold([started(), stepSettled('a', 5)]))).toBeUndefined();
    expect(lossOf(fold([started(), attemptStarted('a', 5), turnFailed(5)]))).toBeUndefined();
    expect(lossOf(fold([started(), attemptStarted('a', 5), turnFailed(5, false)]))).toBeUndefined();
  });
});

describe('the end of an instance whose turns fail in a row', () => {
  it.each<[Termination | undefined, string, string]>([
    ['cpu_limit', 'CpuLimitExceededError', 'CPU'],
    ['memory_limit', 'MemoryLimitExceededError', 'memory'],
    ['wall_limit', 'WorkflowInternalError', 'answer'],
    ['executor_lost', 'WorkflowInternalError', 'executor'],
    ['protocol_violation', 'WorkflowInternalError', 'accept'],
    ['bundle_failed', 'WorkflowInternalError', 'bundle'],
    [undefined, 'WorkflowInternalError', 'executor'],
  ])('by %s is a %s', (cause, name, word) => {
    const state = fold(cause === undefined ? [started(5)] : [started(5), turnFailed(6, true, cause)]);
    expect(uncleanEnd(state, 9)).toEqual({
      kind: 'errored',
      at: 9,
      error: { name, message: expect.stringMatching(new RegExp(`^Three turns in a row .*${word}`)) },
    });
  });

  it('is never before the last record', () => {
    expect(uncleanEnd(fold([started(50)]), 9).at).toBe(50);
  });
});
