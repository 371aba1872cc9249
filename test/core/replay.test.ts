import { describe, expect, it } from 'vitest';
import type { JournalRecord, StepKind } from '../../lib/core/records.ts';
import { commitDueAt, isCommitDue } from '../../lib/core/replay/budget.ts';
import { type LoadedRecord, Replay, type StepCall, showKey } from '../../lib/core/replay/replay.ts';
import { retryDelayMs } from '../../lib/core/replay/retries.ts';
import {
  attemptFailed,
  attemptStarted,
  eventConsumed,
  eventReceived,
  key,
  sleepCompleted,
  sleepStarted,
  started,
  stepSettled,
  waitStarted,
} from './journal-fixture.ts';

const LIMITS = { steps: 10, records: 40 };

const loaded = (records: readonly JournalRecord[], from = 0, apart: readonly number[] = []): LoadedRecord[] =>
  records.map((record, index) => ({
    position: from + index,
    record,
    ...(apart.includes(from + index) ? { isValueApart: true } : {}),
  }));

/** A replay, what its calls were settled with, and short words for what is done with it. */
const replayOf = (
  records: readonly JournalRecord[],
  options: { hasMore?: boolean; apart?: readonly number[]; tellsAgain?: boolean } = {},
) => {
  const hasMore = options.hasMore ?? false;
  const replay = new Replay({ limits: LIMITS, hasMore, tellsAgain: options.tellsAgain === true });
  replay.load(loaded(records, 0, options.apart), hasMore);
  const settled: string[] = [];
  const values = new Map<number, string>();
  const call = (kind: StepKind, name: string): StepCall => {
    const made: StepCall = replay.call(kind, name, undefined, ({ kind: settlement }, value, event) => {
      settled.push(`${name} ${made.key.count} ${settlement} ${value ?? '-'} ${event?.eventId ?? '-'}`);
    });
    replay.enlist(made);
    return made;
  };
  const deliver = (): string => {
    const next = replay.next(values);
    if (next.kind === 'deliver') next.call.settle(next.record, next.value, next.event);
    return next.kind;
  };
  const deliverAll = (): readonly string[] => {
    while (deliver() === 'deliver');
    return settled;
  };
  return { replay, call, deliver, deliverAll, settled, values };
};

describe('what an instance stores', () => {
  it('has room for a result as long as that fits beside what the journal carries', () => {
    const value = { ref: '', bytes: 1_073_741_000 };
    const { replay } = replayOf([started(1), stepSettled('a', 2, { value })], { apart: [1] });
    expect(replay.hasRoomFor('x'.repeat(824))).toBe(true);
    expect(replay.hasRoomFor('x'.repeat(825))).toBe(false);
  });
});

describe('settlements', () => {
  const records = [
    started(1),
    sleepStarted('n', 2, { ordinal: 2, until: 4 }),
    stepSettled('b', 3, { ordinal: 3, value: '["b"]' }),
    sleepCompleted('n', 5, { ordinal: 2 }),
    stepSettled('a', 6, { ordinal: 1, value: '["a"]' }),
  ];

  it('are delivered in the order of the journal, whatever the order of the calls', () => {
    const { call, deliverAll } = replayOf(records);
    for (const [kind, name] of [
      ['do', 'a'],
      ['sleep', 'n'],
      ['do', 'b'],
    ] as const)
      call(kind, name);
    expect(deliverAll()).toEqual(['b 1 step_settled ["b"] -', 'n 1 sleep_completed - -', 'a 1 step_settled ["a"] -']);
  });

  it('bring the time that run() sees, and are counted', () => {
    const { replay, call, deliver } = replayOf(records);
    call('do', 'b');
    expect(deliver()).toBe('deliver');
    expect(replay).toMatchObject({ nowInRun: 3, delivered: 1 });
  });

  it('that are new go through the same queue', () => {
    const { replay, call, deliverAll } = replayOf([started(1), stepSettled('a', 2)]);
    call('do', 'a');
    const b = call('do', 'b');
    expect(replay.takeStartable()).toEqual([]);
    deliverAll();
    expect(replay.takeStartable()).toContain(b);
    replay.propose(stepSettled('b', 9, { ordinal: 2, value: '["new"]' }));
    expect(deliverAll().at(-1)).toBe('b 1 step_settled ["new"] -');
    expect(replay.takeGathered()).toMatchObject([{ kind: 'step_settled', step: { name: 'b' } }]);
    expect(replay.gathered).toEqual([]);
  });

  it('of a failed step bring no value', () => {
    const { call, deliverAll } = replayOf([stepSettled('a', 2, { error: { name: 'E', message: 'm' } })]);
    call('do', 'a');
    expect(deliverAll()).toEqual(['a 1 step_settled - -']);
  });

  it('wait for a step that has not been called', () => {
    const { replay, call, deliver } = replayOf([stepSettled('a', 2)]);
    expect(replay.next(new Map())).toEqual({ kind: 'not_called', key: key('do', 'a') });
    call('do', 'a');
    expect(deliver()).toBe('deliver');
    expect(deliver()).toBe('none');
  });

  it('are let go of once delivered, by the thousand', () => {
    const many = Array.from({ length: 2_500 }, (_, index) =>
      stepSettled('a', 2, { count: index + 1, ordinal: index + 1 }),
    );
    const { replay, call, deliver } = replayOf(many);
    for (let index = 0; index < 2_500; index++) {
      call('do', 'a');
      expect(replay.isLive).toBe(false);
      expect(deliver()).toBe('deliver');
    }
    expect(replay.isLive).toBe(true);
    expect(replay.takeStartable()).toHaveLength(2_500);
  });
});

describe('events', () => {
  it('come with the wait that consumed them, by their payload', () => {
    const { call, deliverAll } = replayOf([
      waitStarted('v', 1, { ordinal: 1 }),
      waitStarted('w', 1, { ordinal: 2 }),
      eventReceived(1, 2, { payload: '["one"]' }),
      eventReceived(2, 2),
      eventConsumed('w', 3, { ordinal: 2, seq: 1 }),
      eventConsumed('v', 3, { ordinal: 1, seq: 2 }),
    ]);
    call('waitForEvent', 'v');
    call('waitForEvent', 'w');
    expect(deliverAll()).toEqual(['w 1 event_consumed ["one"] event-1', 'v 1 event_consumed - event-2']);
  });

  it('that come in beside the turn can be consumed', () => {
    const { replay, call, deliverAll } = replayOf([waitStarted('w', 1)]);
    call('waitForEvent', 'w');
    replay.note({ position: 1, record: { kind: 'inbox_gap_closed', at: 2, seq: 1 } });
    replay.note({ position: 2, record: eventReceived(2, 2, { payload: '["beside"]' }) });
    expect(replay.gathered).toEqual([]);
    replay.propose(eventConsumed('w', 3, { seq: 2 }));
    expect(deliverAll()).toEqual(['w 1 event_consumed ["beside"] event-2']);
  });

  it('that are not there bring nothing', () => {
    const { call, deliverAll } = replayOf([waitStarted('w', 1), eventConsumed('w', 3, { seq: 9 })]);
    call('waitForEvent', 'w');
    expect(deliverAll()).toEqual(['w 1 event_consumed - -']);
  });
});

describe('a value apart', () => {
  it('is asked for by position when its turn has come, and used once', () => {
    const { replay, call, deliver, settled, values } = replayOf(
      [stepSettled('a', 1), stepSettled('b', 2, { ordinal: 2 })],
      {
        apart: [1],
      },
    );
    call('do', 'a');
    call('do', 'b');
    expect(deliver()).toBe('deliver');
    expect(replay.next(values)).toEqual({ kind: 'need_value', position: 1 });
    values.set(1, '["large"]');
    expect(deliver()).toBe('deliver');
    expect(settled[1]).toBe('b 1 step_settled ["large"] -');
    expect(values.size).toBe(0);
  });

  it('of an event stands where the event was received', () => {
    const { replay, call, values } = replayOf(
      [waitStarted('w', 1), eventReceived(1, 2, { payload: { ref: 'x', bytes: 9_000 } }), eventConsumed('w', 3)],
      { apart: [1] },
    );
    call('waitForEvent', 'w');
    expect(replay.next(values)).toEqual({ kind: 'need_value', position: 1 });
  });

  it('that stands nowhere is none', () => {
    const { call, deliverAll } = replayOf([stepSettled('a', 1, { value: { ref: 'x', bytes: 9_000 } })]);
    call('do', 'a');
    expect(deliverAll()).toEqual(['a 1 step_settled - -']);
  });
});

describe('segments', () => {
  it('are asked for when the one before has been delivered; nothing starts before the last', () => {
    const { replay, call, deliver } = replayOf([stepSettled('a', 1)], { hasMore: true });
    call('do', 'a');
    call('do', 'b');
    deliver();
    expect(deliver()).toBe('need_segment');
    expect(replay.isLive).toBe(false);
    expect(replay.takeStartable()).toEqual([]);
    replay.load(loaded([stepSettled('b', 2, { ordinal: 2 })], 1), false);
    expect(deliver()).toBe('deliver');
    expect(replay.isLive).toBe(true);
    expect(replay.takeStartable()).toHaveLength(2);
  });

  it('that have not come keep divergence from being told', () => {
    const { replay, call } = replayOf([started()], { hasMore: true });
    call('do', 'a');
    expect(replay.findDivergence()).toBeUndefined();
    replay.load(loaded([stepSettled('b', 2)], 1), false);
    expect(replay.findDivergence()).toMatchObject({ expected: 'step.do("b")', got: 'step.do("a")' });
  });
});

describe('live', () => {
  it('is what has no recorded settlement before it', () => {
    expect(replayOf([]).replay.isLive).toBe(true);
    expect(replayOf([started(), sleepStarted('n', 1)]).replay.isLive).toBe(true);
    expect(replayOf([started(), stepSettled('a', 1)]).replay.isLive).toBe(false);
  });

  it('has nothing to start where nothing was called', () => {
    expect(replayOf([]).replay.takeStartable()).toEqual([]);
  });
});

describe('divergence', () => {
  const records = [stepSettled('a', 1, { ordinal: 1 }), attemptStarted('b', 2, { ordinal: 2 })];

  it('is a different step where one was recorded', () => {
    const { replay, call } = replayOf(records);
    call('do', 'a');
    expect(replay.findDivergence()).toBeUndefined();
    call('sleep', 'b');
    expect(replay.findDivergence()).toEqual({
      key: key('do', 'b'),
      expected: 'step.do("b")',
      got: 'step.sleep("b")',
    });
    expect(replay.findDivergence()).toBeUndefined();
    call('do', 'new');
    expect(replay.findDivergence()).toBeUndefined();
  });

  it('is told once per journal', () => {
    const told = { kind: 'diverged', at: 3, expected: 'step.do("b")', got: 'step.do("x")' } as const;
    const { replay, call } = replayOf([...records, told]);
    call('do', 'a');
    call('do', 'x');
    expect(replay.findDivergence()).toBeUndefined();
    // What stands in its place is what came instead, whatever run() waits for.
    expect(replay.divergenceAt(key('do', 'b'), 'run() ended')).toBeUndefined();
    expect(replay.divergenceAt(key('do', 'z'), 'run() ended')).toEqual({
      key: key('do', 'z'),
      expected: 'step.do("z")',
      got: 'run() ended',
    });
  });

  it('is told again to who wants to know', () => {
    const told = { kind: 'diverged', at: 3, expected: 'step.do("b")', got: 'step.do("x")' } as const;
    const { replay, call } = replayOf([...records, told], { tellsAgain: true });
    call('do', 'a');
    call('do', 'x');
    expect(replay.findDivergence()).toMatchObject({ key: key('do', 'b') });
    expect(replay.uncalled()).toEqual([key('do', 'b')]);
  });

  it('is no rollback that run() does not call', () => {
    const undone = stepSettled('a', 2, { ordinal: 1 });
    const { replay, call } = replayOf([stepSettled('a', 1), { ...undone, step: { ...undone.step, kind: 'rollback' } }]);
    call('do', 'a');
    expect(replay.uncalled()).toEqual([]);
  });

  it('is a settled step that nobody asked for', () => {
    const { replay, call } = replayOf([stepSettled('a', 1), stepSettled('b', 2, { ordinal: 2 })]);
    call('do', 'a');
    expect(replay.firstUncalled()).toEqual(key('do', 'b'));
    call('do', 'b');
    expect(replay.firstUncalled()).toBeUndefined();
  });

  it('passes over a step that is not called, which a late call still gets', () => {
    const { replay, call, deliver, settled } = replayOf([
      stepSettled('gone', 1, { ordinal: 1, value: '["late"]' }),
      stepSettled('b', 2, { ordinal: 2 }),
    ]);
    call('do', 'b');
    expect(deliver()).toBe('not_called');
    replay.passOver();
    expect(deliver()).toBe('deliver');
    expect(replay.isLive).toBe(true);
    call('do', 'gone');
    expect(replay.isLive).toBe(false);
    expect(deliver()).toBe('deliver');
    expect(settled).toEqual(['b 1 step_settled [1] -', 'gone 1 step_settled ["late"] -']);
    expect(replay.isLive).toBe(true);
  });

  it('passes over nothing where nothing is left', () => {
    const { replay } = replayOf([]);
    replay.passOver();
    expect(replay.isLive).toBe(true);
  });

  it('leaves a step the ordinal that it began with', () => {
    const { replay, call } = replayOf([attemptFailed('old', 1, { ordinal: 1 })]);
    const added = call('do', 'added');
    const old = call('do', 'old');
    expect([added.ordinal, old.ordinal]).toEqual([1, 1]);
    expect(replay.openSteps()).toMatchObject([{ call: old }]);
  });

  it('names steps as a person would write them', () => {
    expect(showKey(key('do', 'a "b"'))).toBe('step.do("a \\"b\\"")');
    expect(showKey(key('sleep', 'n', 2))).toBe('step.sleep("n") no. 2');
    expect(showKey(key('waitForEvent', 'w'))).toBe('step.waitForEvent("w")');
  });
});

describe('calls', () => {
  it('are counted by kind and name, and ordered by their making', () => {
    const { call } = replayOf([]);
    const keys = [call('do', 'a'), call('sleep', 'a'), call('do', 'a'), call('do', 'b')].map(
      ({ key: { kind, name, count }, ordinal }) => [kind, name, count, ordinal].join(' '),
    );
    expect(keys).toEqual(['do a 1 1', 'sleep a 1 2', 'do a 2 3', 'do b 1 4']);
  });

  it('of step.do are limited, and records of all kinds are', () => {
    const { replay, call } = replayOf(Array.from({ length: 39 }, () => started()));
    for (let index = 0; index < 10; index++) call('do', 'a');
    call('sleep', 'n');
    expect(replay.isOverStepLimit).toBe(false);
    call('do', 'a');
    expect(replay.isOverStepLimit).toBe(true);
    expect(replay.isFull).toBe(false);
    replay.propose(sleepStarted('n', 1));
    expect(replay.isFull).toBe(true);
  });

  it('that wait are the open steps; what the code has not called is none of them', () => {
    const { replay, call } = replayOf([sleepStarted('n', 1, { ordinal: 1 }), sleepStarted('m', 1, { ordinal: 2 })]);
    const n = call('sleep', 'n');
    expect(replay.openSteps().map((open) => open.call)).toEqual([n]);
  });
});

describe('a record', () => {
  it('is stamped with the clock, but never before the one in front of it', () => {
    const { replay } = replayOf([started(50)]);
    expect([replay.stamp(40), replay.stamp(60)]).toEqual([50, 60]);
  });

  it('of an effect is told once', () => {
    const { replay } = replayOf([{ kind: 'unrecorded_effect', at: 1, what: 'fetch' }]);
    expect([replay.isEffectTold('fetch'), replay.isEffectTold('other')]).toEqual([true, false]);
  });
});

describe('what is gathered is due', () => {
  it.each([
    [{ records: 0, bytes: 0, sinceAt: 0 }, 1_000, false],
    [{ records: 1, bytes: 10, sinceAt: 100 }, 119, false],
    [{ records: 1, bytes: 10, sinceAt: 100 }, 120, true],
    [{ records: 63, bytes: 10, sinceAt: 100 }, 100, false],
    [{ records: 64, bytes: 10, sinceAt: 100 }, 100, true],
    [{ records: 1, bytes: 32_767, sinceAt: 100 }, 100, false],
    [{ records: 1, bytes: 32_768, sinceAt: 100 }, 100, true],
  ])('%j at %d: %s', (gathered, now, isDue) => {
    expect(isCommitDue(gathered, now)).toBe(isDue);
  });

  it('20 ms after its first', () => {
    expect(commitDueAt({ records: 1, bytes: 1, sinceAt: 100 })).toBe(120);
  });
});

it('the guest shares the delays of retries', () => {
  expect(retryDelayMs({ retries: { limit: 1, delayMs: 7, backoff: 'linear' }, timeoutMs: 1 }, 2)).toBe(14);
});
