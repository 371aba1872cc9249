import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../lib/core/admit.ts';
import {
  failureOf,
  journalBefore,
  needsGuest,
  nextDueAt,
  projectionOf,
  statusOf,
  terminationOf,
  uncleanEnd,
  waitingForOf,
} from '../../lib/core/decide.ts';
import { violationsOf } from '../../lib/core/invariants.ts';
import type { ErrorData, JournalRecord, RollbackOutcome, StepConfig } from '../../lib/core/records.ts';
import { canRollBack, rollbackKeyOf } from '../../lib/core/replay/journal-state.ts';
import { Replay } from '../../lib/core/replay/replay.ts';
import { rolledBack } from '../../lib/core/replay/rollback.ts';
import { DEFAULT_STEP_CONFIG } from '../../lib/core/step-config.ts';
import { stepViews } from '../../lib/core/step-view.ts';
import {
  attemptStarted,
  boom,
  fold,
  key,
  pauseRequested,
  sleepStarted,
  started,
  stepSettled,
} from './journal-fixture.ts';

const config: StepConfig = {
  ...DEFAULT_STEP_CONFIG,
  rollback: { retries: { limit: 2, delayMs: 50, backoff: 'constant' }, timeoutMs: 700 },
};

/** Three steps, the second without a handler, the third still at work. */
const forward: readonly JournalRecord[] = [
  started(),
  stepSettled('a', 1, { ordinal: 1, config, value: '["out of a"]' }),
  stepSettled('b', 2, { ordinal: 2 }),
  attemptStarted('c', 3, { ordinal: 3, config }),
];

const failing: JournalRecord = { kind: 'rollback_started', at: 4, cause: 'errored', error: boom };
const terminating: JournalRecord = { kind: 'rollback_started', at: 4, cause: 'terminated' };

const of = (name: string, ordinal: number) => ({ step: key('rollback', name), ordinal, attempt: 1 });
const undoing = (name: string, ordinal: number, at: number): JournalRecord => ({
  kind: 'attempt_started',
  ...of(name, ordinal),
  at,
});
const undone = (name: string, ordinal: number, at: number, error?: ErrorData): JournalRecord => ({
  kind: 'step_settled',
  ...of(name, ordinal),
  startedAt: at,
  outcome: error === undefined ? { ok: true, value: '[]' } : { ok: false, error },
  at,
});
const undoFailed = (name: string, ordinal: number, at: number, retryAt: number): JournalRecord => ({
  kind: 'attempt_failed',
  ...of(name, ordinal),
  startedAt: at,
  error: boom,
  retryAt,
  at,
});

const back = [...forward, failing];
const complete: RollbackOutcome = { outcome: 'complete' };
const limits = { steps: 3, records: 100 };
const refusal = (records: readonly JournalRecord[], record: JournalRecord) =>
  refusalOf(fold(records), record, limits, 1_000);

describe('what can be undone', () => {
  it('are steps that have started and came with a handler, the last one first', () => {
    expect(canRollBack(fold(forward))).toBe(true);
    expect(canRollBack(fold([started(), stepSettled('b', 2)]))).toBe(false);
    const state = fold(back);
    expect(state.toUndo.map((step) => step.key.name)).toEqual(['a', 'c']);
    expect(fold([...back, undone('c', 3, 5)]).toUndo.map((step) => step.key.name)).toEqual(['a']);
  });

  it('is known by a key of its own', () => {
    expect(rollbackKeyOf(key('do', 'a', 2))).toEqual(key('rollback', 'a', 2));
  });

  it('stays, once a handler has failed for good', () => {
    const state = fold([...back, undone('c', 3, 5, boom)]);
    expect(state.rollbackFailure).toEqual(boom);
    expect(state.toUndo).toHaveLength(2);
  });

  it('is tried by the config that came with the handler', () => {
    const state = fold([...back, undoing('c', 3, 5)]);
    expect(state.stepOf(key('rollback', 'c'))?.config).toEqual(config.rollback);
    expect(state.doSteps).toBe(3);
    expect(state.keysByOrdinal.get(3)).toEqual(key('do', 'c'));
  });
});

describe('how an instance fails', () => {
  it('is by going back where there is something to undo', () => {
    expect(failureOf(fold(forward), 9, boom)).toEqual({
      kind: 'rollback_started',
      at: 9,
      cause: 'errored',
      error: boom,
    });
    expect(failureOf(fold([started(4)]), 2, boom)).toEqual({ kind: 'errored', at: 4, error: boom });
  });

  it('is as it would have without, where that fails itself', () => {
    const lost = { name: 'tenant.gone', message: 'no version' };
    const rollback = {
      outcome: 'failed',
      error: {
        name: 'RollbackUnavailableError',
        message: 'The rollback handlers could not be run: tenant.gone: no version',
      },
    };
    expect(failureOf(fold(back), 9, lost)).toEqual({ kind: 'errored', at: 9, error: boom, rollback });
    expect(failureOf(fold([...forward, terminating]), 9, lost)).toEqual({ kind: 'terminated', at: 9, rollback });
  });

  it('goes back too where its turns fail in a row, and says by what', () => {
    const state = fold([...forward, { kind: 'turn_failed', at: 4, cause: 'cpu_limit', isCounted: true }]);
    expect(uncleanEnd(state, 9, 'It looped')).toMatchObject({
      kind: 'rollback_started',
      error: {
        name: 'CpuLimitExceededError',
        message: 'Three turns in a row used more CPU time than the limit. It looped',
      },
    });
  });
});

describe('a call for the end', () => {
  const ask = (records: readonly JournalRecord[], isRollback: boolean) =>
    terminationOf(fold(records), { now: 9, isRollback });

  it('with rollback goes back where there is something to undo', () => {
    expect(ask(forward, true)).toEqual({ kind: 'rollback_started', at: 9, cause: 'terminated' });
    expect(ask([started()], true)).toEqual({ kind: 'terminated', at: 9 });
    expect(ask(forward, false)).toEqual({ kind: 'terminated', at: 9 });
  });

  it('changes nothing with rollback where it goes back already, and stops that without', () => {
    expect(ask(back, true)).toBeUndefined();
    expect(ask(back, false)).toMatchObject({
      kind: 'terminated',
      rollback: { outcome: 'failed', error: { name: 'WorkflowTerminatedError' } },
    });
  });
});

describe('an instance that goes back', () => {
  const waiting = [...back, undoFailed('c', 3, 5, 60)];

  it('has a status of its own, held or not, unless it is paused', () => {
    expect([statusOf(fold(back), { isHeld: true }), statusOf(fold(back))]).toEqual(['rollingBack', 'rollingBack']);
    expect(statusOf(fold([...back, pauseRequested(1, 5)]), { isHeld: true })).toBe('waitingForPause');
    expect(
      statusOf(
        fold([
          ...back,
          rolledBack({ ...failing, kind: 'rollback_started', cause: 'errored', error: boom, at: 4 }, 6, complete),
        ]),
      ),
    ).toBe('errored');
  });

  it('waits for nothing but its handlers', () => {
    const sleeping = [started(), sleepStarted('nap', 1, { ordinal: 2 }), ...forward.slice(1, 2), failing];
    expect(waitingForOf(fold(sleeping))).toEqual([]);
    expect(nextDueAt(fold(sleeping))).toBeUndefined();
    expect(waitingForOf(fold(waiting))).toEqual([{ kind: 'retry', name: 'c', until: 60 }]);
    expect(projectionOf(fold(waiting), { wakeAt: 60, retentionMs: 1 })).toMatchObject({
      status: 'rollingBack',
      wakeAt: 60,
    });
  });

  it('needs a guest unless a handler waits for its next attempt', () => {
    expect(needsGuest(fold(back), 5)).toBe(true);
    expect(needsGuest(fold(waiting), 59)).toBe(false);
    expect(needsGuest(fold(waiting), 60)).toBe(true);
  });

  it('shows its handlers after all steps, and from the last step back', () => {
    const views = stepViews([...back, undoing('c', 3, 5), undone('c', 3, 6), undone('a', 1, 7)]);
    expect(
      stepViews([...back.slice(0, 2), failing, undone('c', 3, 5), ...back.slice(2, 4)]).map(({ type }) => type),
    ).toEqual(['step', 'step', 'step', 'rollback']);
    expect(views.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'step a',
      'step b',
      'step c',
      'rollback c',
      'rollback a',
    ]);
    expect(views[3]).toMatchObject({
      status: 'completed',
      config: config.rollback,
      attempts: [{ number: 1, startedAt: 5, endedAt: 6 }],
    });
  });

  it('shows a handler whose step is not known with the defaults', () => {
    expect(stepViews([undoing('lost', 1, 5)])[0]).toMatchObject({ type: 'rollback', config: DEFAULT_STEP_CONFIG });
  });
});

describe('the dispatcher admits', () => {
  const ended = (record: JournalRecord): JournalRecord => record;

  it('the way back where there is something to undo, once, and only for a failure', () => {
    expect(refusal(forward, failing)).toBeUndefined();
    expect(refusal([started()], failing)).toBe('there is nothing to undo');
    expect(refusal(back, { ...failing, at: 5 })).toBe('the instance rolls back');
    expect(refusal(forward, terminating)).toBe('the instance was not terminated');
    expect(refusal(forward, { kind: 'rollback_started', at: 4, cause: 'errored' } as never)).toBe('it has no error');
  });

  it('a handler’s config that is one, with the step’s own', () => {
    const stepWith = (rollback: unknown) =>
      attemptStarted('d', 4, { ordinal: 4, config: { ...config, rollback } as StepConfig });
    const roomy = { steps: 9, records: 100 };
    const asked = (rollback: unknown) => refusalOf(fold(forward), stepWith(rollback), roomy, 1_000);
    expect(asked(config.rollback)).toBeUndefined();
    expect(asked({ ...config.rollback, sensitive: 'output' })).toBe('its config is none');
    expect(asked('soon')).toBe('its config is none');
  });

  it('handlers in their order, each as often as its config says, and nothing else of theirs', () => {
    expect(refusal(back, undoing('c', 3, 5))).toBeUndefined();
    expect(refusal(back, undoFailed('c', 3, 5, 60))).toBeUndefined();
    expect(refusal(back, undoing('a', 1, 5))).toBe('another handler is next');
    expect(refusal(back, undoing('c', 2, 5))).toBe('another handler is next');
    expect(refusal(back, undoing('b', 2, 5))).toBe('another handler is next');
    expect(refusal([...back, undone('c', 3, 5)], undoing('a', 1, 6))).toBeUndefined();
    expect(refusal([...back, undone('c', 3, 5, boom)], undoing('a', 1, 6))).toBe('another handler is next');
    expect(refusal(back, { ...undoing('c', 3, 5), config } as JournalRecord)).toBe('its config is none');
    expect(refusal(back, { ...of('c', 3), kind: 'token_made', hash: 'a'.repeat(64), at: 5 })).toBe(
      'handlers have no such record',
    );
  });

  it('no handler before that, and no step after it', () => {
    expect(refusal(forward, undoing('c', 3, 5))).toBe('the instance does not roll back');
    expect(refusal(back, stepSettled('c', 5, { ordinal: 3 }))).toBe('the instance rolls back');
    expect(refusal(back, sleepStarted('nap', 5, { ordinal: 4 }))).toBe('the instance rolls back');
    expect(refusal(back, { kind: 'completed', at: 5, output: '[]' })).toBe('the instance rolls back');
    expect(refusal(back, { kind: 'unrecorded_effect', at: 5, what: 'fetch' })).toBeUndefined();
  });

  it('more handlers than there may be steps, and beyond a journal that is full', () => {
    expect(refusalOf(fold(back), undoing('c', 3, 5), { steps: 0, records: -20 }, 1_000)).toBeUndefined();
  });

  it('the end that it was on its way to, when all is undone or nothing more can be', () => {
    const allUndone = [...back, undone('c', 3, 5), undone('a', 1, 6)];
    const end = (rollback: unknown, error: ErrorData = boom): JournalRecord =>
      ended({ kind: 'errored', at: 7, error, rollback } as JournalRecord);
    expect(refusal(allUndone, end(complete))).toBeUndefined();
    expect(refusal(back, end({ outcome: 'failed', error: boom }))).toBeUndefined();
    expect(refusal(back, end(complete))).toBe('there is something left to undo');
    expect(refusal(back, end({ outcome: 'failed' }))).toBe('it has no error');
    expect(refusal(back, end({ outcome: 'perhaps' }))).toBe('there is something left to undo');
    expect(refusal(back, end('complete'))).toBe('its rollback has no outcome');
    expect(refusal(back, end({ ...complete, by: 'me' }))).toBe('its rollback has no outcome');
    expect(refusal(allUndone, end(complete, { name: 'Error', message: 'another' }))).toBe(
      'it failed with another error',
    );
    expect(refusal(allUndone, end(complete, null as never))).toBeDefined();
    expect(refusal(allUndone, { kind: 'terminated', at: 7, rollback: complete })).toBe('the instance rolls back');
    expect(refusal(forward, end(complete))).toBe('it has not rolled back');
  });

  it('a termination only where it was asked for', () => {
    const end: JournalRecord = { kind: 'terminated', at: 7, rollback: { outcome: 'failed', error: boom } };
    expect(refusal([...forward, terminating], end)).toBeUndefined();
    expect(refusal(forward, end)).toBe('only the dispatcher writes such a record');
  });
});

describe('a replay for the handlers', () => {
  const replay = (): Replay => {
    const made = new Replay({ limits, hasMore: false });
    const records = [...back, undone('c', 3, 5)];
    made.load(
      records.map((record, position) => ({ position, record })),
      false,
    );
    return made;
  };

  it('delivers what was settled on the way forth, and nothing of the way back', () => {
    const made = replay();
    const delivered: string[] = [];
    for (const name of ['a', 'b', 'c']) made.call('do', name, undefined, ({ step }) => delivered.push(step.name));
    for (let next = made.next(new Map()); next.kind === 'deliver'; next = made.next(new Map())) {
      next.call.settle(next.record, next.value, next.event);
    }
    expect(delivered).toEqual(['a', 'b']);
    expect(made.isLive).toBe(true);
  });

  it('keeps what steps with handlers have given', () => {
    expect(replay().outcomeOf(key('do', 'a'))).toEqual({ position: 1, isApart: false, value: '["out of a"]' });
    expect(replay().outcomeOf(key('do', 'b'))).toBeUndefined();
    expect(replay().outcomeOf(key('do', 'c'))).toBeUndefined();
  });
});

describe('a restart from a step', () => {
  it('keeps nothing of the way back', () => {
    const kept = journalBefore([...back, undone('c', 3, 5), undone('a', 1, 6)], 3);
    expect(kept).toEqual(forward.slice(0, 3));
  });
});

describe('a journal that went back', () => {
  const sound = [
    ...back,
    undoing('c', 3, 5),
    undone('c', 3, 6),
    undone('a', 1, 7),
    { kind: 'errored', at: 8, error: boom, rollback: complete } as const,
  ];

  it('is sound with each handler once, from the last step back', () => {
    expect(violationsOf(sound)).toEqual([]);
  });

  it('is told of where a handler comes too early, in another order, or a step after it began', () => {
    expect(violationsOf([...forward, undoing('c', 3, 5)])).toMatchObject([
      { what: 'attempt_started of rollback:1:c before it rolled back' },
    ]);
    expect(violationsOf([...back, undone('a', 1, 5), undone('c', 3, 6)])).toMatchObject([
      { what: 'rollback:1:c undone after one that started before it' },
    ]);
    expect(violationsOf([...back, stepSettled('c', 5, { ordinal: 3 })])).toMatchObject([
      { what: 'step_settled of do:1:c after it began to roll back' },
    ]);
  });
});
