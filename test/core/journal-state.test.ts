import { describe, expect, it } from 'vitest';
import { isFinal, isSettlement, stepKeyText } from '../../lib/core/records.ts';
import { divergenceText, effectText } from '../../lib/core/replay/journal-state.ts';
import {
  attemptFailed,
  attemptStarted,
  boom,
  completed,
  eventConsumed,
  eventReceived,
  fold,
  key,
  pauseRequested,
  resumed,
  richJournal,
  sleepCompleted,
  sleepStarted,
  started,
  stepSettled,
  turnFailed,
  waitStarted,
  waitTimedOut,
} from './journal-fixture.ts';

describe('a step that has given a stream', () => {
  it('keeps its place, and counts towards what the instance stores', () => {
    const value = { stream: 'life/1/x', bytes: 7 };
    const state = fold([started(), stepSettled('a', 1, { value }), stepSettled('b', 2, { ordinal: 2, value: '[1]' })]);
    expect(state.stepOf(key('do', 'a'))?.stream).toEqual(value);
    expect(state.stepOf(key('do', 'b'))?.stream).toBeUndefined();
    expect(state.storedBytes).toBe(7 + 3);
    const more = fold([started(), stepSettled('a', 1, { value }), stepSettled('b', 2, { ordinal: 2, value })]);
    expect(more.storedBytes).toBe(14);
  });
});

describe('the key of a step', () => {
  it('tells kinds, names and counts apart, whatever the names hold', () => {
    const keys = [
      key('do', 'x1000'),
      key('sleep', 'x1000'),
      key('sleep', 'x', 1000),
      key('sleep', 'x'),
      key('do', '1:x'),
      key('do', 'x', 1),
      key('do', '1:1:x'),
      key('waitForEvent', 'x'),
    ];
    expect(new Set(keys.map(stepKeyText)).size).toBe(keys.length);
  });
});

describe('the kinds of records', () => {
  it('that settle a step are five', () => {
    const kinds = new Set(richJournal.filter(isSettlement).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'completion_consumed',
      'event_consumed',
      'sleep_completed',
      'step_settled',
      'wait_timed_out',
    ]);
  });

  it('of status that are final are three', () => {
    const all = ['queued', 'running', 'waiting', 'paused', 'waitingForPause', 'rollingBack'] as const;
    expect(all.filter(isFinal)).toEqual([]);
    expect((['errored', 'terminated', 'complete'] as const).filter(isFinal)).toHaveLength(3);
  });
});

describe('the state of a journal', () => {
  it('counts positions and knows the last time', () => {
    const state = fold(richJournal);
    expect(state.position).toBe(richJournal.length);
    expect(state.lastAt).toBe(41);
    expect(state.startedAt).toBe(1);
    expect(state.doSteps).toBe(4);
    expect(state.takenSeq).toBe(6);
    expect(state.final).toEqual(completed(41));
    expect(state.open.size).toBe(0);
    expect(state.buffered.size).toBe(0);
    expect(state.bufferedCount).toBe(0);
    expect(state.keysByOrdinal.get(2)).toEqual(key('do', 'charge'));
  });

  it('keeps the first start', () => {
    expect(fold([started(1), started(5)]).startedAt).toBe(1);
  });

  it('ends with each of the three ends', () => {
    expect(fold([{ kind: 'errored', at: 3, error: boom }]).final?.kind).toBe('errored');
    expect(fold([{ kind: 'terminated', at: 3 }]).final?.kind).toBe('terminated');
  });

  it('follows a step through its attempts', () => {
    const records = [
      attemptStarted('a', 5, { ordinal: 3 }),
      attemptFailed('a', 6, { ordinal: 3, retryAt: 20 }),
      attemptStarted('a', 21, { ordinal: 3, attempt: 2 }),
      stepSettled('a', 22, { ordinal: 3, attempt: 2 }),
    ];
    const at = (count: number) => {
      const state = fold(records.slice(0, count));
      return { step: state.stepOf(key('do', 'a')), isOpen: state.open.size === 1 };
    };
    expect(at(0).step).toBeUndefined();
    expect(at(1)).toMatchObject({
      isOpen: false,
      step: { phase: 'attempting', attempts: 1, openAttempt: { number: 1 } },
    });
    expect(at(2)).toMatchObject({
      isOpen: true,
      step: { phase: 'retrying', attempts: 1, openAttempt: undefined, until: 20, ordinal: 3, startedAt: 5 },
    });
    expect(at(3)).toMatchObject({
      isOpen: false,
      step: { phase: 'attempting', openAttempt: { number: 2, startedAt: 21 } },
    });
    expect(at(4)).toMatchObject({ isOpen: false, step: { phase: 'settled', attempts: 2, openAttempt: undefined } });
  });

  it('pins the config that came first', () => {
    const config = { retries: { limit: 1, delayMs: 1, backoff: 'constant' as const }, timeoutMs: 1 };
    const other = { ...config, timeoutMs: 9 };
    const state = fold([attemptFailed('a', 5, { config }), attemptStarted('a', 6, { attempt: 2, config: other })]);
    expect(state.stepOf(key('do', 'a'))?.config).toEqual(config);
  });

  it('buffers events by type, oldest first, and gives each away once', () => {
    const state = fold([
      waitStarted('w', 1),
      eventReceived(1, 2),
      eventReceived(2, 2, { eventType: 'other' }),
      eventReceived(3, 2),
      eventConsumed('w', 3, { seq: 1 }),
    ]);
    expect(state.buffered.get('go')?.map(({ seq }) => seq)).toEqual([3]);
    expect(state.buffered.get('other')?.map(({ seq }) => seq)).toEqual([2]);
    expect(state.bufferedCount).toBe(2);
    expect(state.takenSeq).toBe(3);
    state.apply(eventConsumed('x', 4, { seq: 99 }));
    expect(state.bufferedCount).toBe(2);
  });

  it('does not count an inherited event as one of its own inbox', () => {
    expect(fold([eventReceived(-1, 1), eventReceived(-2, 1)]).takenSeq).toBe(0);
  });

  it('forgets the open waits and sleeps that are over', () => {
    const state = fold([sleepStarted('n', 1), waitStarted('w', 1), sleepCompleted('n', 200), waitTimedOut('w', 2_000)]);
    expect(state.open.size).toBe(0);
    expect(state.stepOf(key('waitForEvent', 'w'))).toMatchObject({
      phase: 'settled',
      eventType: 'go',
      timeoutMs: 1_000,
    });
  });

  describe('with a pause', () => {
    const sleeping = [sleepStarted('n', 1, { until: 100 }), attemptFailed('a', 1, { retryAt: 50 })];
    const untils = (records: Parameters<typeof fold>[0]) => [...fold(records).open].map(({ until }) => until);

    it('is asked for, takes place and ends', () => {
      const asked = fold([...sleeping, pauseRequested(1, 10)]);
      expect(asked).toMatchObject({ pauseRequestedAt: 10, isPaused: false, takenSeq: 1 });
      const paused = fold([...sleeping, pauseRequested(1, 10), pauseRequested(2, 20), { kind: 'paused', at: 20 }]);
      expect(paused).toMatchObject({ pauseRequestedAt: 10, isPaused: true, takenSeq: 2 });
      const on = fold([...sleeping, pauseRequested(1, 10), { kind: 'paused', at: 20 }, resumed(2, 20, 40)]);
      expect(on).toMatchObject({ pauseRequestedAt: undefined, isPaused: false, takenSeq: 2 });
    });

    it('moves what is open by the time from asking to resuming', () => {
      expect(untils([...sleeping, pauseRequested(1, 10), resumed(2, 10, 40)])).toEqual([130, 80]);
    });

    it('moves nothing back where clocks disagree, and nothing without a pause', () => {
      expect(untils([...sleeping, pauseRequested(1, 10), resumed(2, 10, 5)])).toEqual([100, 50]);
      expect(untils([...sleeping, resumed(1, 10, 500)])).toEqual([100, 50]);
    });
  });

  describe('with a lost turn', () => {
    const open = [stepSettled('before', 1, { ordinal: 1 }), attemptStarted('a', 2, { ordinal: 2, attempt: 1 })];
    const step = (records: Parameters<typeof fold>[0]) => fold(records).stepOf(key('do', 'a'));

    it('counts the open attempt, by its cause, once', () => {
      expect(step([...open, turnFailed(3, true, 'memory_limit')])).toMatchObject({
        attempts: 1,
        lostTo: 'memory_limit',
        openAttempt: { number: 1 },
      });
      expect(step([...open, turnFailed(3, true, 'memory_limit'), turnFailed(4, true, 'cpu_limit')])?.lostTo).toBe(
        'memory_limit',
      );
      expect(step([...open, turnFailed(3, true), turnFailed(4, false)])?.openAttempt?.number).toBe(1);
    });

    it('gives the attempt back where a neighbour was the cause', () => {
      expect(step([...open, turnFailed(3, false)])).toMatchObject({ attempts: 0, openAttempt: undefined });
    });

    it('is remembered as the last failure', () => {
      expect(fold([turnFailed(3, true, 'cpu_limit'), turnFailed(4, true, 'wall_limit')]).lastFailure?.cause).toBe(
        'wall_limit',
      );
    });

    it('is over when the failure of the attempt is recorded', () => {
      expect(step([...open, turnFailed(3), attemptFailed('a', 4, { ordinal: 2 })])).toMatchObject({
        lostTo: undefined,
        openAttempt: undefined,
        phase: 'retrying',
      });
    });
  });

  it('remembers what was reported, so that it is told once', () => {
    const state = fold([
      { kind: 'diverged', at: 1, expected: 'a', got: 'b' },
      { kind: 'unrecorded_effect', at: 1, what: 'fetch' },
    ]);
    expect(state.reported.has(divergenceText('a', 'b'))).toBe(true);
    expect(state.reported.has(divergenceText('b', 'a'))).toBe(false);
    expect(state.reported.has(effectText('fetch'))).toBe(true);
  });
});
