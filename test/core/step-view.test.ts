import { describe, expect, it } from 'vitest';
import type { JournalRecord, StepConfig } from '../../lib/core/records.ts';
import { DEFAULT_STEP_CONFIG } from '../../lib/core/step-config.ts';
import { type StepView, stepViews } from '../../lib/core/step-view.ts';
import {
  attemptFailed,
  attemptStarted,
  boom,
  eventConsumed,
  eventReceived,
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

const only = (...records: readonly JournalRecord[]): StepView => {
  const views = stepViews([started(), ...records]);
  expect(views).toHaveLength(1);
  return views[0] as StepView;
};

describe('the view of a step', () => {
  it('shows a step while it runs', () => {
    expect(only(attemptStarted('a', 5, { ordinal: 2 }))).toEqual({
      type: 'step',
      name: 'a',
      count: 1,
      ordinal: 2,
      status: 'running',
      startedAt: 5,
      config: DEFAULT_STEP_CONFIG,
      attempts: [{ number: 1, startedAt: 5 }],
    });
  });

  it('shows a step that is done, whether or not its start was recorded', () => {
    const done = {
      status: 'completed',
      startedAt: 5,
      endedAt: 9,
      output: '[1]',
      attempts: [{ number: 1, startedAt: 5, endedAt: 9 }],
    };
    expect(only(stepSettled('a', 9, { startedAt: 5 }))).toMatchObject(done);
    expect(only(attemptStarted('a', 5), stepSettled('a', 9, { startedAt: 5 }))).toMatchObject(done);
  });

  it('shows every attempt with its error, and when the next is due', () => {
    const failed = [
      attemptStarted('a', 5),
      attemptFailed('a', 6, { startedAt: 5, retryAt: 20 }),
      attemptFailed('a', 21, { attempt: 2, startedAt: 20, retryAt: 50 }),
    ];
    expect(only(...failed)).toMatchObject({
      status: 'waiting',
      until: 50,
      attempts: [
        { number: 1, startedAt: 5, endedAt: 6, error: boom },
        { number: 2, startedAt: 20, endedAt: 21, error: boom },
      ],
    });
    const again = only(...failed, attemptStarted('a', 50, { attempt: 3 }));
    expect(again.status).toBe('running');
    expect(again).not.toHaveProperty('until');
    const done = only(...failed, stepSettled('a', 51, { attempt: 3, startedAt: 50, error: boom }));
    expect(done).toMatchObject({ status: 'errored', error: boom, endedAt: 51 });
    expect(done.attempts[2]).toEqual({ number: 3, startedAt: 50, endedAt: 51, error: boom });
    expect(done).not.toHaveProperty('until');
  });

  it('shows the config that was pinned', () => {
    const config: StepConfig = { retries: { limit: 1, delayMs: 2, backoff: 'linear' }, timeoutMs: 3 };
    expect(only(attemptStarted('a', 5, { config })).config).toEqual(config);
  });

  it('never shows a sensitive output, only that there is one', () => {
    const config: StepConfig = { ...DEFAULT_STEP_CONFIG, sensitive: 'output' };
    const view = only(stepSettled('a', 9, { config, value: '["secret"]' }));
    expect(view.output).toBe('["[REDACTED]"]');
    expect(JSON.stringify(view)).not.toContain('secret');
    expect(only(stepSettled('a', 9, { config, error: boom })).error).toEqual(boom);
  });

  it('shows a sleep', () => {
    expect(only(sleepStarted('n', 5, { until: 50 }))).toEqual({
      type: 'sleep',
      name: 'n',
      count: 1,
      ordinal: 1,
      status: 'waiting',
      startedAt: 5,
      until: 50,
      attempts: [],
    });
    expect(only(sleepStarted('n', 5), sleepCompleted('n', 120))).toMatchObject({ status: 'completed', endedAt: 120 });
  });

  it('shows a wait with its event, or its timeout', () => {
    const wait = waitStarted('w', 5);
    expect(only(wait)).toMatchObject({ type: 'waitForEvent', status: 'waiting', eventType: 'go', until: 1_005 });
    expect(only(wait, eventReceived(1, 6, { payload: '["p"]' }), eventConsumed('w', 7))).toMatchObject({
      status: 'completed',
      endedAt: 7,
      output: '["p"]',
    });
    expect(only(wait, eventReceived(1, 6), eventConsumed('w', 7))).not.toHaveProperty('output');
    expect(only(wait, waitTimedOut('w', 1_005))).toMatchObject({ status: 'timedOut', endedAt: 1_005 });
  });

  it('ends an attempt that was lost with its turn, or leaves it out where a neighbour was the cause', () => {
    const lost = only(attemptStarted('a', 5), turnFailed(7));
    expect(lost).toMatchObject({ status: 'running', attempts: [{ number: 1, startedAt: 5, endedAt: 7 }] });
    expect(only(attemptStarted('a', 5), turnFailed(7), turnFailed(9)).attempts).toMatchObject([{ endedAt: 7 }]);
    expect(only(attemptStarted('a', 5), turnFailed(7, false)).attempts).toEqual([]);
    expect(only(attemptStarted('a', 5), turnFailed(7, false), turnFailed(8, false)).attempts).toEqual([]);
    expect(only(sleepStarted('n', 5), turnFailed(7)).status).toBe('waiting');
  });

  it('moves what waits by the time spent paused, and nothing else', () => {
    const steps = [
      sleepStarted('n', 5, { until: 50, ordinal: 1 }),
      sleepStarted('over', 5, { until: 6, ordinal: 2 }),
      sleepCompleted('over', 6, { ordinal: 2 }),
    ];
    const untils = (...records: readonly JournalRecord[]) =>
      stepViews([...steps, ...records]).map(({ until }) => until);
    expect(untils(pauseRequested(1, 10, 10), pauseRequested(2, 10, 11), resumed(3, 10, 40))).toEqual([80, 6]);
    expect(untils(pauseRequested(1, 10, 10), resumed(2, 10, 5))).toEqual([50, 6]);
    expect(untils(resumed(1, 10, 99))).toEqual([50, 6]);
    expect(untils(pauseRequested(1, 10, 10), resumed(2, 10, 20), resumed(3, 10, 90))).toEqual([60, 6]);
  });

  it('orders steps by how they started, not by how they ended', () => {
    const views = stepViews([stepSettled('late', 9, { ordinal: 2 }), stepSettled('early', 10, { ordinal: 1 })]);
    expect(views.map(({ name }) => name)).toEqual(['early', 'late']);
  });

  it('of a whole journal has every step once', () => {
    expect(stepViews(richJournal).map(({ name, status }) => [name, status])).toEqual([
      ['open', 'completed'],
      ['charge', 'errored'],
      ['nap', 'completed'],
      ['approval', 'completed'],
      ['second', 'timedOut'],
      ['third', 'completed'],
      ['slow', 'completed'],
      ['errand', 'completed'],
    ]);
  });
});
