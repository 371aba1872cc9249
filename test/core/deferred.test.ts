import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../lib/core/admit.ts';
import {
  type InboxItem,
  journalBefore,
  lossOf,
  needsGuest,
  nextDueAt,
  projectionOf,
  takeInbox,
  waitingForOf,
} from '../../lib/core/decide.ts';
import { violationsOf } from '../../lib/core/invariants.ts';
import { DEFAULT_ATTEMPT_TIMEOUT_MS, MAX_WAIT_MS } from '../../lib/core/limits.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import { Replay } from '../../lib/core/replay/replay.ts';
import { stepViews } from '../../lib/core/step-view.ts';
import {
  attemptDeferred,
  attemptFailed,
  attemptStarted,
  boom,
  completionConsumed,
  completionReceived,
  fold,
  key,
  pauseRequested,
  resumed,
  started,
  stepSettled,
  tokenHash,
  tokenMade,
  turnFailed,
} from './journal-fixture.ts';

const LIMITS = { steps: 100, records: 400 };
const config = { retries: { limit: 1, delayMs: 5, backoff: 'constant' }, timeoutMs: 50 } as const;

/** An attempt that has made its token, and one whose callback has returned. */
const told = [started(), attemptStarted('a', 1), tokenMade('a', 2)];
const deferred = [...told, attemptDeferred('a', 3, { until: 60 })];
const step = key('do', 'a');

const refusal = (before: readonly JournalRecord[], record: unknown): string | undefined =>
  refusalOf(fold(before), record as JournalRecord, LIMITS, 1_000);

describe('an attempt whose callback has returned a deferred result', () => {
  it('is waited for until its deadline, without a turn', () => {
    const state = fold(deferred);
    expect(state.stepOf(step)).toMatchObject({ phase: 'deferred', until: 60, attempts: 1 });
    expect(waitingForOf(state)).toEqual([{ kind: 'deferred', name: 'a', until: 60 }]);
    expect(nextDueAt(state)).toBe(60);
    expect(needsGuest(state, 59)).toBe(false);
    expect(needsGuest(state, 60)).toBe(true);
    expect(projectionOf(state, { wakeAt: 60, retentionMs: 1 })).toMatchObject({ status: 'waiting', wakeAt: 60 });
  });

  it('is not lost with a turn, counted or not', () => {
    expect(lossOf(fold(deferred))).toBeUndefined();
    for (const isCounted of [true, false]) {
      const { openAttempt, lostTo, attempts } = fold([...deferred, turnFailed(4, isCounted)]).stepOf(step) ?? {};
      expect({ number: openAttempt?.number, lostTo, attempts }).toEqual({ number: 1, lostTo: undefined, attempts: 1 });
    }
  });

  it('is lost as any other where its callback had not returned yet', () => {
    expect(lossOf(fold(told))).toMatchObject({ kind: 'turn_failed' });
    expect(fold([...told, turnFailed(4)]).stepOf(step)?.lostTo).toBe('cpu_limit');
  });

  it('is nothing without an attempt: neither a token nor a return opens one', () => {
    expect(fold([started(), tokenMade('a', 1)]).stepOf(step)?.openAttempt).toBeUndefined();
    expect(fold([started(), attemptDeferred('a', 1)]).stepOf(step)?.openAttempt).toBeUndefined();
  });

  it('has its deadline moved by the time spent paused', () => {
    const state = fold([...deferred, pauseRequested(1, 10), resumed(2, 10, 35)]);
    expect(state.stepOf(step)).toMatchObject({ until: 85, untilUnmoved: 60 });
  });

  it('knows how long its result was to take', () => {
    const own = fold([...told, attemptDeferred('a', 3, { until: 52, timeoutMs: 50 })]);
    expect(own.stepOf(step)).toMatchObject({ until: 52, openAttempt: { timeoutMs: 50 } });
    expect(fold(deferred).stepOf(step)?.openAttempt?.timeoutMs).toBeUndefined();
  });

  it('wakes the guest as soon as its outcome has come', () => {
    expect(needsGuest(fold([...deferred, completionReceived(1, 'a', 4)]), 5)).toBe(true);
  });

  it('makes place for the next attempt when it fails, with no token yet', () => {
    const state = fold([...deferred, attemptFailed('a', 60), attemptStarted('a', 70, { attempt: 2 })]);
    expect(state.stepOf(step)).toMatchObject({
      phase: 'attempting',
      openAttempt: { number: 2, tokenHash: undefined, completion: undefined },
    });
  });
});

describe('a completion in the inbox', () => {
  const completion = (changes: Partial<Extract<InboxItem, { kind: 'completion' }>> = {}): InboxItem => ({
    kind: 'completion',
    step,
    tokenHash: tokenHash('a'),
    digest: 'd',
    outcome: { ok: true, value: '[7]' },
    at: 40,
    ...changes,
  });
  const take = (before: readonly JournalRecord[], ...items: readonly InboxItem[]) =>
    takeInbox(
      fold(before),
      items.map((item, index) => ({ seq: index + 1, item })),
      { now: 100, gapSeenAt: undefined },
    ).records;
  const closed = (seq: number, at = 3) => ({ kind: 'inbox_gap_closed', at, seq });
  const received = {
    kind: 'completion_received',
    step,
    ordinal: 1,
    attempt: 1,
    tokenHash: tokenHash('a'),
    seq: 1,
    acceptedAt: 40,
    digest: 'd',
    outcome: { ok: true, value: '[7]' },
  };

  it('becomes a record of the attempt whose token it came by', () => {
    expect(take(deferred, completion())).toEqual([{ ...received, at: 3 }]);
  });

  it('may come before the callback has returned', () => {
    expect(take(told, completion())).toEqual([{ ...received, at: 2 }]);
  });

  it('counts once: the first one wins, in one reading of the inbox or in two', () => {
    const second = completion({ digest: 'other' });
    expect(take(deferred, completion(), second)).toEqual([{ ...received, at: 3 }, closed(2)]);
    expect(take([...deferred, completionReceived(0, 'a', 3)], completion())).toEqual([closed(1)]);
  });

  it('comes to nothing by another token, for an unknown step, or after the attempt has ended', () => {
    expect(take(deferred, completion({ tokenHash: tokenHash('b') }))).toEqual([closed(1)]);
    expect(take(deferred, completion({ step: key('do', 'b') }))).toEqual([closed(1)]);
    expect(take([...deferred, attemptFailed('a', 60)], completion())).toEqual([closed(1, 60)]);
    expect(take([...told, stepSettled('a', 4)], completion())).toEqual([closed(1, 4)]);
  });

  it('counts by the token of the same attempt that was lost without counting', () => {
    const again = [
      ...told,
      completionReceived(1, 'a', 3),
      turnFailed(3, false),
      attemptStarted('a', 4),
      tokenMade('a', 4, { hash: tokenHash('b') }),
    ];
    expect(fold(again).stepOf(step)?.openAttempt).toMatchObject({ tokenHash: tokenHash('b'), completion: undefined });
    const records = [...again, completionReceived(2, 'a', 5, { tokenHash: tokenHash('b') })];
    expect(fold(records).stepOf(step)?.openAttempt?.completion?.seq).toBe(2);
    expect(violationsOf(records)).toEqual([]);
  });

  it('is let go of by a guest that has ended the attempt before it hears of it', () => {
    const state = fold([...deferred, attemptFailed('a', 60), completionReceived(4, 'a', 60)]);
    expect(state.stepOf(step)?.openAttempt).toBeUndefined();
    expect(state.takenSeq).toBe(4);
  });
});

describe('what a guest proposes of a deferred attempt', () => {
  it('is one token of an attempt that is open, by its hash', () => {
    expect(refusal([started()], tokenMade('a', 2))).toBe('it is not attempting');
    expect(refusal(told, tokenMade('a', 3))).toBe('the attempt has a token');
    expect(refusal(told.slice(0, 2), tokenMade('a', 3, { attempt: 2 }))).toBe('the attempt is not open');
    expect(refusal([...told.slice(0, 2), turnFailed(2)], tokenMade('a', 3))).toBe('the attempt is not open');
    for (const hash of ['', 'A'.repeat(64), 'a'.repeat(63), 5]) {
      expect(refusal(told.slice(0, 2), { ...tokenMade('a', 3), hash })).toBe('its hash is none');
    }
  });

  it('is a return that leaves it open no longer than its timeout', () => {
    expect(refusal(told.slice(0, 2), attemptDeferred('a', 3))).toBe('the attempt has no token');
    expect(refusal(deferred, attemptDeferred('a', 4))).toBe('it is not attempting');
    const longest = 3 + DEFAULT_ATTEMPT_TIMEOUT_MS;
    expect(refusal(told, attemptDeferred('a', 3, { until: longest }))).toBeUndefined();
    expect(refusal(told, attemptDeferred('a', 3, { until: longest + 1 }))).toBe('it takes too long');
    expect(refusal(told, { ...attemptDeferred('a', 3), until: '9' })).toBe('it takes too long');
    const short = [started(), attemptStarted('a', 1, { config }), tokenMade('a', 2)];
    expect(refusal(short, attemptDeferred('a', 3, { until: 53 }))).toBeUndefined();
    expect(refusal(short, attemptDeferred('a', 3, { until: 54 }))).toBe('it takes too long');
  });

  it('is a return that leaves it open as long as its result asked for, up to 366 days', () => {
    const own = (timeoutMs: number, until: number) => attemptDeferred('a', 3, { timeoutMs, until });
    expect(refusal(told, own(MAX_WAIT_MS, 3 + MAX_WAIT_MS))).toBeUndefined();
    expect(refusal(told, own(MAX_WAIT_MS, 4 + MAX_WAIT_MS))).toBe('it takes too long');
    expect(refusal(told, own(5, 9))).toBe('it takes too long');
    // Its time may have been over before the callback returned.
    expect(refusal(told, own(1, 2))).toBeUndefined();
    for (const timeoutMs of [0, 1.5, '5', null, MAX_WAIT_MS + 1]) {
      expect(refusal(told, { ...own(5, 4), timeoutMs })).toBe('its timeout is none');
    }
  });

  it('is the result that has come, and no other', () => {
    const come = [...deferred, completionReceived(4, 'a', 5)];
    expect(refusal(come, completionConsumed('a', 6, { seq: 4 }))).toBeUndefined();
    expect(refusal(come, completionConsumed('a', 6, { seq: 5 }))).toBe('no such result has come');
    expect(refusal(deferred, completionConsumed('a', 6, { seq: 4 }))).toBe('no such result has come');
    const failed = [...deferred, completionReceived(4, 'a', 5, { error: boom })];
    expect(refusal(failed, completionConsumed('a', 6, { seq: 4 }))).toBe('no such result has come');
    const running = [...told, completionReceived(4, 'a', 5)];
    expect(refusal(running, completionConsumed('a', 6, { seq: 4 }))).toBe('it is not deferred');
  });

  it('is no result of its own making', () => {
    expect(refusal(deferred, stepSettled('a', 70))).toBe('its result comes from outside');
    expect(refusal([...deferred, completionReceived(4, 'a', 5)], stepSettled('a', 6))).toBe(
      'its result comes from outside',
    );
  });

  it('is the failure that it was told of, or one when its time is over', () => {
    const failed = [...deferred, completionReceived(4, 'a', 5, { error: boom })];
    expect(refusal(failed, attemptFailed('a', 6))).toBeUndefined();
    expect(refusal(failed, stepSettled('a', 6, { error: boom }))).toBeUndefined();
    expect(refusal(failed, stepSettled('a', 6, { error: { ...boom, name: 'Other' } }))).toBe('it is not over yet');
    expect(refusal(failed, stepSettled('a', 6, { error: { ...boom, message: 'x' } }))).toBe('it is not over yet');
    expect(refusal([...deferred, completionReceived(4, 'a', 5)], attemptFailed('a', 6))).toBe('it is not over yet');
    expect(refusal(deferred, attemptFailed('a', 59))).toBe('it is not over yet');
    expect(refusal(deferred, attemptFailed('a', 60))).toBeUndefined();
  });

  it('is no other start before it has ended', () => {
    expect(refusal(deferred, attemptStarted('a', 4, { attempt: 1 }))).toBe('the attempt before it has not ended');
  });
});

describe('the result of a deferred attempt in a replay', () => {
  const settled = [...deferred, completionReceived(1, 'a', 5, { value: '[9]' }), completionConsumed('a', 6)];
  const replayOf = (records: readonly JournalRecord[], apart?: number) => {
    const replay = new Replay({ limits: LIMITS, hasMore: false });
    replay.load(
      records.map((record, position) => ({ position, record, ...(position === apart ? { isValueApart: true } : {}) })),
      false,
    );
    replay.call('do', 'a', undefined, () => {});
    return replay;
  };

  it('is delivered from the record that brought it', () => {
    expect(replayOf(settled).next(new Map())).toMatchObject({ kind: 'deliver', value: '[9]', event: undefined });
  });

  it('is asked for there where it is large', () => {
    const replay = replayOf(settled, 4);
    expect(replay.next(new Map())).toEqual({ kind: 'need_value', position: 4 });
    expect(replay.next(new Map([[4, '["large"]']]))).toMatchObject({ kind: 'deliver', value: '["large"]' });
  });

  it('is delivered the same way live', () => {
    const replay = replayOf(deferred);
    replay.note({ position: 4, record: completionReceived(1, 'a', 5, { value: '[9]' }) });
    replay.propose(completionConsumed('a', 6));
    expect(replay.next(new Map())).toMatchObject({ kind: 'deliver', value: '[9]' });
  });

  it('is none where a failure came', () => {
    const failed = [...deferred, completionReceived(1, 'a', 5, { error: boom }), completionConsumed('a', 6)];
    expect(replayOf(failed).next(new Map())).toMatchObject({ kind: 'deliver', value: undefined });
  });
});

describe('the view of a step with a deferred attempt', () => {
  it('waits until the deadline, and longer after a pause', () => {
    expect(stepViews(told)).toMatchObject([{ status: 'running' }]);
    expect(stepViews(deferred)).toMatchObject([
      { status: 'waiting', until: 60, attempts: [{ number: 1, startedAt: 1 }] },
    ]);
    expect(stepViews([...deferred, turnFailed(4, false)])).toEqual(stepViews(deferred));
    expect(stepViews([...deferred, pauseRequested(1, 10), resumed(2, 10, 35)])).toMatchObject([{ until: 85 }]);
  });

  it('is completed with what came', () => {
    const [view] = stepViews([...deferred, completionReceived(1, 'a', 5), completionConsumed('a', 6)]);
    expect(view).toMatchObject({
      status: 'completed',
      endedAt: 6,
      output: '[1]',
      attempts: [{ number: 1, endedAt: 6 }],
    });
    expect(view).not.toHaveProperty('until');
  });

  it('hides a sensitive result', () => {
    const secret = { ...config, sensitive: 'output' } as const;
    const records = [started(), attemptStarted('a', 1, { config: secret }), tokenMade('a', 2), attemptDeferred('a', 3)];
    const [view] = stepViews([...records, completionReceived(1, 'a', 5), completionConsumed('a', 6)]);
    expect(view?.output).toBe('["[REDACTED]"]');
  });

  it('shows the failure that came as that of the attempt', () => {
    const [view] = stepViews([
      ...deferred,
      completionReceived(1, 'a', 5, { error: boom }),
      attemptFailed('a', 6, { startedAt: 1, retryAt: 9 }),
    ]);
    expect(view).toMatchObject({ status: 'waiting', until: 9, attempts: [{ number: 1, error: boom }] });
  });
});

describe('a restart from a later step', () => {
  const beside = (records: readonly JournalRecord[]) => [...records, stepSettled('b', 50, { ordinal: 2 })];

  it('keeps a deferred attempt open, under its token', () => {
    const kept = journalBefore(beside(deferred), 2);
    expect(kept).toEqual(deferred);
    expect(fold(kept).stepOf(step)?.openAttempt?.tokenHash).toBe(tokenHash('a'));
  });

  it('keeps what came for it, below the numbers of the new inbox', () => {
    const kept = journalBefore(
      beside([...deferred, completionReceived(3, 'a', 5), completionConsumed('a', 6, { seq: 3 })]),
      2,
    );
    expect(kept.flatMap((record) => ('seq' in record ? [record.seq] : []))).toEqual([-1, -1]);
    expect(fold(kept).takenSeq).toBe(0);
    expect(violationsOf(kept)).toEqual([]);
  });

  it('wipes it where it started after that step', () => {
    const later = [
      started(),
      stepSettled('b', 1, { ordinal: 1 }),
      attemptStarted('a', 2, { ordinal: 2 }),
      tokenMade('a', 2, { ordinal: 2 }),
      attemptDeferred('a', 3, { ordinal: 2 }),
      completionReceived(1, 'a', 4, { ordinal: 2 }),
      completionConsumed('a', 4, { ordinal: 2 }),
    ];
    expect(journalBefore(later, 2)).toEqual(later.slice(0, 2));
  });
});

describe('a journal with completions is caught where (E5)', () => {
  const broken = (...records: readonly JournalRecord[]) => violationsOf(records).map(({ what }) => what);

  it('one came without a token, or a second one by it', () => {
    const what = 'attempt 1 of do:1:a completed without a token of its own';
    expect(broken(started(), attemptStarted('a', 1), completionReceived(1, 'a', 2))).toEqual([what]);
    expect(broken(...deferred, completionReceived(1, 'a', 4), completionReceived(2, 'a', 5))).toEqual([what]);
    const other = [attemptStarted('b', 4, { ordinal: 2 }), completionReceived(1, 'b', 5, { ordinal: 2 })];
    expect(broken(...deferred, ...other)).toEqual([what.replace(':a', ':b')]);
  });

  it('a step is settled by what is not its result', () => {
    const what = 'attempt 1 of do:1:a settled by completion 1, which is not its result';
    expect(broken(...deferred, completionConsumed('a', 6))).toEqual([what]);
    expect(broken(...deferred, completionReceived(2, 'a', 5), completionConsumed('a', 6))).toEqual([what]);
    expect(broken(...deferred, completionReceived(1, 'a', 5, { error: boom }), completionConsumed('a', 6))).toEqual([
      what,
    ]);
  });
});
