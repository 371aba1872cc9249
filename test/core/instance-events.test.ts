import { describe, expect, it } from 'vitest';
import { type InstanceEvent, InstanceEvents } from '../../lib/core/instance-events.ts';
import type { JournalRecord, StepConfig } from '../../lib/core/records.ts';
import { DEFAULT_STEP_CONFIG } from '../../lib/core/step-config.ts';
import {
  attemptDeferred,
  attemptFailed,
  attemptStarted,
  boom,
  completed,
  completionConsumed,
  completionReceived,
  eventConsumed,
  eventReceived,
  key,
  pauseRequested,
  resumed,
  richJournal,
  sleepCompleted,
  sleepStarted,
  started,
  stepSettled,
  tokenMade,
  turnFailed,
  waitStarted,
  waitTimedOut,
} from './journal-fixture.ts';

const eventsOf = (records: readonly JournalRecord[]): readonly InstanceEvent[] => {
  const events = new InstanceEvents({ createdAt: 0 });
  events.add(records);
  return events.take();
};

const told = (records: readonly JournalRecord[]): readonly string[] =>
  eventsOf(records).map(({ type, step, attempt }) =>
    [
      type,
      ...(step === undefined ? [] : [`${step.name}-${step.count}`]),
      ...(attempt === undefined ? [] : [attempt]),
    ].join(' '),
  );

describe('events of an instance', () => {
  it('are numbered from 1, the first before there is any record', () => {
    expect(eventsOf([])).toEqual([{ eventId: 1, type: 'workflow_queued', at: 0 }]);
    expect(eventsOf(richJournal).map(({ eventId }) => eventId)).toEqual(
      eventsOf(richJournal).map((_, index) => index + 1),
    );
  });

  it('are the same however the journal comes, so that numbers are good as cursors', () => {
    const whole = eventsOf(richJournal);
    for (let cut = 0; cut <= richJournal.length; cut++) {
      const events = new InstanceEvents({ createdAt: 0 });
      events.add(richJournal.slice(0, cut));
      const before = events.take();
      expect(events.position).toBe(cut);
      events.add(richJournal.slice(cut));
      expect([...before, ...events.take()]).toEqual(whole);
    }
  });

  it('tell the start of a step and of an attempt that only their end is recorded of', () => {
    expect(told([started(1), stepSettled('a', 9, { startedAt: 4 })])).toEqual([
      'workflow_queued',
      'workflow_started',
      'workflow_running',
      'step_started a-1',
      'attempt_started a-1 1',
      'attempt_completed a-1 1',
      'step_completed a-1',
    ]);
    const [, , , begun, , , done] = eventsOf([started(1), stepSettled('a', 9, { startedAt: 4, value: '["out"]' })]);
    expect(begun).toMatchObject({ at: 4, config: DEFAULT_STEP_CONFIG });
    expect(done).toMatchObject({ at: 9, output: '["out"]' });
  });

  it('tell each attempt once, with its error and when the next one is due', () => {
    const records = [
      started(1),
      attemptStarted('a', 2),
      attemptFailed('a', 3, { retryAt: 50 }),
      stepSettled('a', 60, { attempt: 2, error: boom }),
    ];
    expect(told(records).slice(3)).toEqual([
      'step_started a-1',
      'attempt_started a-1 1',
      'attempt_errored a-1 1',
      'workflow_waiting',
      'workflow_running',
      'attempt_started a-1 2',
      'attempt_errored a-1 2',
      'step_errored a-1',
    ]);
    expect(eventsOf(records)[5]).toMatchObject({ error: boom, retryDelayMs: 47 });
  });

  it('tell an output that is sensitive as such', () => {
    const config: StepConfig = { ...DEFAULT_STEP_CONFIG, sensitive: 'output' };
    expect(eventsOf([started(1), stepSettled('a', 2, { config })]).at(-1)).toMatchObject({ isSensitive: true });
  });

  it('tell sleeps and waits', () => {
    expect(told([started(1), sleepStarted('nap', 2, { until: 9 }), sleepCompleted('nap', 9)]).slice(3)).toEqual([
      'sleep_started nap-1',
      'workflow_waiting',
      'workflow_running',
      'sleep_completed nap-1',
    ]);
    const waiting = [started(1), waitStarted('w', 2, { eventType: 'go' })];
    expect(eventsOf(waiting).at(-1)).toMatchObject({ type: 'wait_started', eventType: 'go' });
    expect(
      told([...waiting, eventReceived(1, 5, { eventType: 'go' }), eventConsumed('w', 6, { seq: 1 })]).slice(4),
    ).toEqual(['workflow_waiting', 'workflow_running', 'wait_completed w-1']);
    expect(told([...waiting, waitTimedOut('w', 99)]).at(-1)).toBe('wait_timed_out w-1');
  });

  it('tell a deferred result when it has come', () => {
    const records = [
      started(1),
      attemptStarted('ask', 2),
      tokenMade('ask', 3),
      attemptDeferred('ask', 4),
      completionReceived(1, 'ask', 5),
      completionConsumed('ask', 6),
    ];
    expect(told(records).slice(5)).toEqual([
      'workflow_waiting',
      'workflow_running',
      'attempt_completed ask-1 1',
      'step_completed ask-1',
    ]);
    expect(eventsOf(records).at(-1)?.output).toBeDefined();
  });

  it('tell a deferred result that has failed, and one whose step is not known any more', () => {
    const records = [started(1), attemptStarted('ask', 2), tokenMade('ask', 3), attemptDeferred('ask', 4)];
    const consumed = [...records, completionReceived(1, 'ask', 5, { error: boom }), completionConsumed('ask', 6)];
    expect(eventsOf(consumed).at(-1)).not.toHaveProperty('output');
    expect(told([started(1), { kind: 'moved', at: 2, from: 'v1', to: 'v2' }])).toHaveLength(3);
    const stray = [started(1), attemptStarted('ask', 2), completionConsumed('ask', 3)];
    expect(eventsOf(stray).at(-1)).not.toHaveProperty('output');
    expect(eventsOf([started(1), completionConsumed('gone', 3)]).at(-1)).not.toHaveProperty('output');
    const lost: JournalRecord = {
      kind: 'attempt_started',
      step: key('rollback', 'lost'),
      ordinal: 9,
      attempt: 1,
      at: 3,
    };
    expect(eventsOf([started(1), lost])[3]).toMatchObject({ config: DEFAULT_STEP_CONFIG });
  });

  it('tell what was said, where it was said', () => {
    const lines = [
      { at: 2, level: 'log', message: 'one' },
      { at: 3, level: 'warn', message: 'two', step: { name: 'a', count: 1 }, attempt: 1 },
    ] as const;
    const events = eventsOf([started(1), { kind: 'logged', at: 1, lines }, completed(4)]);
    expect(events.slice(3)).toMatchObject([
      { type: 'log', at: 2, level: 'log', message: 'one' },
      { type: 'log', at: 3, level: 'warn', message: 'two', step: { name: 'a', count: 1 }, attempt: 1 },
      { type: 'workflow_completed' },
    ]);
  });

  it('tell a divergence', () => {
    const diverged: JournalRecord = { kind: 'diverged', at: 2, expected: 'step.do("a")', got: 'step.do("b")' };
    expect(eventsOf([started(1), diverged]).at(-1)).toMatchObject({ type: 'replay_diverged', got: 'step.do("b")' });
  });

  it('tell the way back', () => {
    const config: StepConfig = { ...DEFAULT_STEP_CONFIG, rollback: { ...DEFAULT_STEP_CONFIG, timeoutMs: 7 } };
    const of = { step: key('rollback', 'a'), ordinal: 1, attempt: 1 };
    const back: readonly JournalRecord[] = [
      started(1),
      stepSettled('a', 2, { config }),
      { kind: 'rollback_started', at: 3, cause: 'errored', error: boom },
      { kind: 'attempt_started', ...of, at: 4 },
    ];
    const undone: JournalRecord = {
      kind: 'step_settled',
      ...of,
      startedAt: 4,
      outcome: { ok: true, value: '[]' },
      at: 5,
    };
    const failed: JournalRecord = { ...undone, outcome: { ok: false, error: boom } };
    expect(
      told([...back, undone, { kind: 'errored', at: 6, error: boom, rollback: { outcome: 'complete' } }]).slice(7),
    ).toEqual([
      'rollback_started',
      'rollback_step_started a-1',
      'rollback_attempt_started a-1 1',
      'rollback_attempt_completed a-1 1',
      'rollback_step_completed a-1',
      'rollback_completed',
      'workflow_errored',
    ]);
    expect(eventsOf(back)[8]).toMatchObject({ config: config.rollback });
    const end: JournalRecord = { kind: 'terminated', at: 6, rollback: { outcome: 'failed', error: boom } };
    expect(told([...back, failed, end]).slice(-4)).toEqual([
      'rollback_attempt_errored a-1 1',
      'rollback_step_errored a-1',
      'rollback_errored',
      'workflow_terminated',
    ]);
  });
});

describe('that an instance waits', () => {
  const napping = [started(1), sleepStarted('nap', 2, { until: 90 })];

  it('is told where it rests, once, and the same way by a longer journal', () => {
    const events = new InstanceEvents({ createdAt: 0 });
    events.add(napping);
    events.rest();
    events.rest();
    expect(
      events
        .take()
        .map(({ type }) => type)
        .slice(3),
    ).toEqual(['sleep_started', 'workflow_waiting']);
    events.add([sleepCompleted('nap', 90)]);
    expect(events.take().map(({ eventId, type }) => `${eventId} ${type}`)).toEqual([
      '6 workflow_running',
      '7 sleep_completed',
    ]);
    expect(told([...napping, sleepCompleted('nap', 90)]).slice(4)).toEqual([
      'workflow_waiting',
      'workflow_running',
      'sleep_completed nap-1',
    ]);
  });

  it('is not told while a callback is at work or more is begun', () => {
    const events = new InstanceEvents({ createdAt: 0 });
    events.add([...napping, attemptStarted('a', 3, { ordinal: 2 })]);
    events.rest();
    expect(events.take().map(({ type }) => type)).not.toContain('workflow_waiting');
    events.add([turnFailed(4)]);
    events.rest();
    expect(events.take().map(({ type }) => type)).toEqual(['workflow_waiting']);
    expect(told([...napping, waitStarted('w', 3, { ordinal: 2 })])).not.toContain('workflow_waiting');
  });

  it('is told of one that was waiting when it failed, before the way back', () => {
    const terminated: JournalRecord = { kind: 'terminated', at: 6 };
    expect(told([...napping, terminated]).slice(4)).toEqual(['workflow_waiting', 'workflow_terminated']);
  });

  it('is not told of one that is paused or has ended', () => {
    const paused: JournalRecord = { kind: 'paused', at: 5 };
    expect(told([...napping, pauseRequested(1, 5), paused, resumed(2, 6)]).slice(4)).toEqual([
      'workflow_waiting',
      'workflow_waiting_for_pause',
      'workflow_paused',
      'workflow_running',
    ]);
    const events = new InstanceEvents({ createdAt: 0 });
    events.add([started(1), completed(2)]);
    events.rest();
    expect(events.take().at(-1)).toMatchObject({ type: 'workflow_completed', at: 2 });
    expect(events.isOver).toBe(true);
  });

  it('stands while something comes in that nobody waits for', () => {
    expect(told([...napping, eventReceived(1, 5), sleepCompleted('nap', 90)]).slice(4)).toEqual([
      'workflow_waiting',
      'workflow_running',
      'sleep_completed nap-1',
    ]);
  });
});
