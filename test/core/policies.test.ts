import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../lib/core/admit.ts';
import { type InboxItem, journalBefore, needsGuest, takeInbox, waitingForOf } from '../../lib/core/decide.ts';
import { InstanceEvents } from '../../lib/core/instance-events.ts';
import { violationsOf } from '../../lib/core/invariants.ts';
import type { JournalRecord, RecordOf, StepKey } from '../../lib/core/records.ts';
import { canRollBack } from '../../lib/core/replay/journal-state.ts';
import {
  approvalName,
  isApprovalName,
  matchesGlob,
  policyBeforeCall,
  policyBeforeStep,
  refusalText,
  type TurnPolicy,
} from '../../lib/core/replay/policies.ts';
import { stepViews } from '../../lib/core/step-view.ts';
import {
  attemptFailed,
  attemptStarted,
  fold,
  key,
  pauseRequested,
  resumed,
  started,
  stepSettled,
} from './journal-fixture.ts';

const asks: TurnPolicy = { name: 'asks', before: { step: 'a*' }, action: { kind: 'approve', timeoutMs: 100 } };
const asksToo: TurnPolicy = { ...asks, name: 'asks-too' };
const asksOfCalls: TurnPolicy = {
  name: 'calls',
  before: { binding: 'BANK', method: 'pay' },
  action: { kind: 'approve', timeoutMs: 100 },
};
const refuses: TurnPolicy = { name: 'no', before: { step: 'b' }, action: { kind: 'refuse', reason: 'never' } };
const POLICIES = [asks, asksOfCalls, refuses];
const call = { binding: 'BANK', method: 'pay' };
const step = key('do', 'a');
const error = { name: 'PolicyRefusedError', message: 'no' };
const config = { retries: { limit: 1, delayMs: 5, backoff: 'constant' }, timeoutMs: 50 } as const;

const asked = (
  at: number,
  more: Partial<RecordOf<'approval_asked'>> & { readonly n?: number } = {},
): RecordOf<'approval_asked'> => {
  const { n = 1, ...fields } = more;
  const approval = `${n}-${at.toString(36)}`;
  return { kind: 'approval_asked', step, ordinal: 1, approval, policy: 'asks', until: at + 100, at, ...fields };
};
const answered = (
  seq: number,
  at: number,
  approved: boolean,
  more: Partial<RecordOf<'verdict_received'>> = {},
): RecordOf<'verdict_received'> => ({
  kind: 'verdict_received',
  step,
  ordinal: 1,
  approval: '1-5',
  approved,
  seq,
  acceptedAt: at,
  at,
  ...more,
});
const refused = (at: number, more: Partial<RecordOf<'step_refused'>> = {}): RecordOf<'step_refused'> => ({
  kind: 'step_refused',
  step,
  ordinal: 1,
  policy: 'asks',
  error,
  at,
  ...more,
});

const waiting = [started(), asked(5)];
const approved = [...waiting, answered(1, 10, true)];
const denied = [...waiting, answered(1, 10, false, { reason: 'too dear', by: 'ada' })];
const ofCall = { policy: 'calls', call: { ...call, attempt: 1 } };

const refusal = (before: readonly JournalRecord[], record: unknown, policies = POLICIES, steps = 100) =>
  refusalOf(fold(before), record as JournalRecord, { steps, records: 400, policies }, 1_000);

describe('which policy holds', () => {
  it('before a step: one that refuses first, then each whose approval is missing', () => {
    expect(policyBeforeStep([asks, refuses], 'c', undefined)).toBeUndefined();
    expect(policyBeforeStep([asks, { ...refuses, before: { step: '*' } }], 'a1', undefined)?.name).toBe('no');
    const state = fold(approved);
    expect(policyBeforeStep([asks, asksToo], 'a', fold(waiting).stepOf(step))?.name).toBe('asks');
    expect(policyBeforeStep([asks, asksToo], 'a', state.stepOf(step))?.name).toBe('asks-too');
    state.apply(asked(11, { n: 2, policy: 'asks-too' }));
    expect(policyBeforeStep([asks], 'a', state.stepOf(step))).toBeUndefined();
  });

  it('before no step that has begun', () => {
    expect(policyBeforeStep([asks], 'a', fold([started(), attemptStarted('a', 1)]).stepOf(step))).toBeUndefined();
  });

  it('before a call, by its binding and its method', () => {
    expect(policyBeforeCall(POLICIES, call, undefined)?.name).toBe('calls');
    expect(policyBeforeCall(POLICIES, { ...call, method: 'look' }, undefined)).toBeUndefined();
    expect(policyBeforeCall(POLICIES, { ...call, binding: 'POST' }, undefined)).toBeUndefined();
    const all: TurnPolicy = { ...asksOfCalls, before: { binding: 'BANK' } };
    expect(policyBeforeCall([all], { ...call, method: 'look' }, undefined)?.name).toBe('calls');
    const state = fold([started(), asked(5, ofCall), answered(1, 6, true)]);
    expect(policyBeforeCall([all], call, state.stepOf(step))).toBeUndefined();
    expect(policyBeforeCall([all], { ...call, method: 'look' }, state.stepOf(step))?.name).toBe('calls');
  });

  it.each([
    ['charge', 'charge', true],
    ['charge', 'charged', false],
    ['charge*', 'charge', true],
    ['*card', 'charge card', true],
    ['*card', 'cards', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c', false],
    ['a*b*c', 'xa-b-c', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
  ])('%j fits %j: %s', (pattern, text, fits) => {
    expect(matchesGlob(pattern, text)).toBe(fits);
  });

  it('is told in words', () => {
    expect(refusalText({ policy: 'p', what: 'it', why: undefined })).toBe('The policy "p" refused it');
    expect(refusalText({ policy: 'p', what: 'it', why: 'no' })).toBe('The policy "p" refused it: no');
  });

  it('gives each approval a name of its own', () => {
    expect(approvalName({ approvals: 1 }, 36)).toBe('2-10');
    expect(['2-10', '1-mz'].every(isApprovalName)).toBe(true);
    expect(['0-1', '1', '1-', '1-A'].some(isApprovalName)).toBe(false);
  });
});

describe('a step that waits for an approval', () => {
  it('needs no turn before it is answered, or its time is over', () => {
    const state = fold(waiting);
    expect(waitingForOf(state)).toEqual([{ kind: 'approval', name: 'a', until: 105, approval: '1-5' }]);
    expect([needsGuest(state, 104), needsGuest(state, 105)]).toEqual([false, true]);
    expect(needsGuest(fold(approved), 11)).toBe(true);
  });

  it('begins when it is approved in time, and not before', () => {
    expect(refusal(waiting, attemptStarted('a', 20))).toBe('it has not been approved');
    expect(refusal(denied, stepSettled('a', 20))).toBe('it has not been approved');
    expect(refusal(approved, attemptStarted('a', 20))).toBeUndefined();
    expect(refusal([...waiting, answered(1, 106, true)], attemptStarted('a', 110))).toBe('it has not been approved');
    const state = fold([...approved, attemptStarted('a', 20)]);
    expect(state.stepOf(step)).toMatchObject({ phase: 'attempting', approved: ['asks'], gate: undefined });
    expect(state.open.size).toBe(0);
  });

  it('is not begun past the policy, nor past a second one', () => {
    expect(refusal([started()], attemptStarted('a', 1))).toBe('the policy asks holds before it');
    expect(refusal([started()], attemptStarted('a', 1), [])).toBeUndefined();
    expect(refusal(approved, stepSettled('a', 20), [asks, asksToo])).toBe('the policy asks-too holds before it');
    expect(refusal(approved, asked(20, { n: 2, policy: 'asks-too' }), [asks, asksToo])).toBeUndefined();
  });

  it('is refused by a verdict, by the clock, or at once, and by nothing else', () => {
    expect(refusal(denied, refused(20))).toBeUndefined();
    expect(refusal(waiting, refused(104))).toBe('it has not been refused');
    expect(refusal(waiting, refused(105))).toBeUndefined();
    expect(refusal(denied, refused(20, { policy: 'other' }))).toBe('another policy holds before it');
    expect(refusal(approved, refused(20))).toBe('no such policy refuses it');
    const b = { step: key('do', 'b'), policy: 'no' };
    expect(refusal([started()], refused(1, b))).toBeUndefined();
    expect(refusal([started()], refused(1))).toBe('no such policy refuses it');
    expect(refusal([started()], { ...refused(1, b), error: 'x' })).toBe('it has no error');
    expect(refusalOf(fold([started()]), refused(1, b), { steps: 9, records: 9 }, 9)).toBe('no such policy refuses it');
    expect(fold([...denied, refused(20)]).stepOf(step)).toMatchObject({ phase: 'settled', gate: undefined });
  });

  it('has nothing to undo before it has begun', () => {
    const withHandler = asked(5, { config: { ...config, rollback: config } });
    expect(canRollBack(fold([started(), withHandler]))).toBe(false);
    expect(canRollBack(fold([started(), { ...withHandler, ...ofCall }]))).toBe(true);
  });

  it('waits longer by as much as it was paused', () => {
    const records = [...waiting, pauseRequested(1, 20), resumed(2, 50)];
    expect(fold(records).stepOf(step)?.until).toBe(135);
    expect(stepViews(records)[0]).toMatchObject({ until: 135, approvals: [{ until: 135 }] });
  });
});

describe('an approval', () => {
  it('is asked for as the policy says, under the next name', () => {
    expect(refusal([started()], asked(5))).toBeUndefined();
    expect(refusal([started()], asked(5, { n: 2 }))).toBe('another approval is next');
    expect(refusal([started()], asked(5, { until: 106 }))).toBe('it waits for another time');
    expect(refusal([started()], asked(5, { policy: 'other' }))).toBe('no such policy asks for it');
    expect(refusal([started()], asked(5, { policy: 'no', step: key('do', 'b') }))).toBe('no such policy asks for it');
    expect(refusalOf(fold([started()]), asked(5), { steps: 9, records: 9 }, 9)).toBe('no such policy asks for it');
    expect(refusal([started()], asked(5, { config: {} as never }))).toBe('its config is none');
    expect(refusal([started()], asked(5, { call: [] as never }))).toBe('it names no call');
    expect(refusal([started()], asked(5, { call: { ...call, attempt: 1, x: 1 } as never }))).toBe('it names no call');
    expect(refusal([started()], asked(5, { step: { ...step, kind: 'sleep' } }))).toBe('only step.do has attempts');
    expect(refusal([started()], asked(5), POLICIES, 0)).toBe('the limit of 0 steps has been reached');
  });

  it('is asked for of a step that may go on', () => {
    expect(refusal(waiting, asked(6, { n: 2 }))).toBe('it waits for an approval');
    expect(refusal([started(), stepSettled('a', 1)], asked(5))).toMatch('has its outcome');
    const lost: JournalRecord = { kind: 'turn_failed', at: 2, cause: 'cpu_limit', isCounted: true };
    expect(refusal([started(), attemptStarted('a', 1), lost], asked(5, ofCall))).toBe('its attempt was lost');
    expect(refusal([started(), attemptFailed('a', 1)], asked(5, ofCall))).toBeUndefined();
    const sleeping: JournalRecord = { kind: 'attempt_deferred', step, ordinal: 1, attempt: 1, until: 9, at: 3 };
    expect(refusal([started(), attemptStarted('a', 1), sleeping], asked(5, ofCall))).toBe('it is deferred');
  });

  it('of a call gives the attempt up, which then does not count', () => {
    const records = [started(), attemptStarted('a', 1), asked(5, ofCall)];
    expect(fold(records).stepOf(step)).toMatchObject({ attempts: 0, openAttempt: undefined, phase: 'gated' });
    expect(stepViews(records)[0]).toMatchObject({
      status: 'waiting',
      attempts: [],
      approvals: [{ id: '1-5', policy: 'calls', call, status: 'pending', askedAt: 5, until: 105 }],
    });
    expect(refusal([...records, answered(1, 6, true)], attemptStarted('a', 7))).toBeUndefined();
  });

  it('is answered once, while it is waited for', () => {
    const item = (approval: string, isYes: boolean): InboxItem => ({
      kind: 'verdict',
      approval,
      approved: isYes,
      reason: 'r',
      at: 9,
    });
    const items = [item('1-4', true), item('1-5', true), item('1-5', false)];
    const numbered = items.map((one, index) => ({ seq: index + 1, item: one }));
    const taken = takeInbox(fold(waiting), numbered, { now: 10, gapSeenAt: undefined });
    expect(taken.records.map(({ kind }) => kind)).toEqual(['inbox_gap_closed', 'verdict_received', 'inbox_gap_closed']);
    expect(taken.records[1]).toEqual({ ...answered(2, 9, true, { reason: 'r' }), at: 5 });
    const later = takeInbox(fold(approved), [{ seq: 2, item: item('1-5', false) }], { now: 10, gapSeenAt: undefined });
    expect(later.records[0]?.kind).toBe('inbox_gap_closed');
  });

  it('that comes when nobody waits any more changes nothing', () => {
    const state = fold([...waiting, refused(105), answered(1, 106, true)]);
    expect(state.stepOf(step)).toMatchObject({ phase: 'settled', gate: undefined });
    expect(state.takenSeq).toBe(1);
  });

  it('is written by the dispatcher alone', () => {
    expect(refusal(waiting, answered(1, 6, true))).toBe('only the dispatcher writes such a record');
  });

  it('stays through a restart from a later step', () => {
    const settled = [...approved, stepSettled('a', 20)];
    expect(journalBefore(settled, 2)).toEqual([started(), asked(5), answered(-1, 10, true), stepSettled('a', 20)]);
    expect(journalBefore(settled, 1)).toEqual([started()]);
    expect(journalBefore([...denied, refused(20)], 2)).toHaveLength(4);
  });

  it('shows how it went', () => {
    const shown = (records: readonly JournalRecord[]) => stepViews(records)[0];
    expect(shown(approved)?.approvals?.[0]).toMatchObject({ status: 'approved', decidedAt: 10 });
    expect(shown([...denied, refused(20)])).toMatchObject({
      status: 'errored',
      error,
      approvals: [{ status: 'refused', reason: 'too dear', by: 'ada' }],
    });
    expect(shown([...waiting, refused(105)])?.approvals?.[0]?.status).toBe('expired');
    expect(shown([started(), refused(5)])?.approvals).toBeUndefined();
    expect(shown([started(), attemptFailed('a', 2), asked(5, ofCall)])?.attempts).toHaveLength(1);
    expect(shown([started(), answered(1, 6, true)])).toBeUndefined();
    expect(shown([...approved, refused(20, { policy: 'no' })])?.approvals?.[0]?.status).toBe('approved');
    const paused = [...approved, pauseRequested(2, 20), resumed(3, 50)];
    expect(shown(paused)?.approvals?.[0]).toMatchObject({ status: 'approved', until: 105 });
  });
});

describe('a handler that is held back', () => {
  const handler: StepKey = key('rollback', 'a');
  const back: readonly JournalRecord[] = [
    started(),
    stepSettled('a', 1, { config: { ...config, rollback: config } }),
    { kind: 'rollback_started', at: 2, cause: 'terminated' },
  ];
  const held = asked(5, { ...ofCall, step: handler });

  it('goes on when it is answered', () => {
    expect(refusal(back, held)).toBeUndefined();
    const state = fold([...back, held]);
    expect([needsGuest(state, 6), needsGuest(state, 105)]).toEqual([false, true]);
    state.apply(answered(1, 10, true, { step: handler }));
    expect(needsGuest(state, 11)).toBe(true);
  });

  it('stops the others when it is refused', () => {
    const state = fold([...back, held, answered(1, 10, false, { step: handler })]);
    state.apply(refused(11, { step: handler, policy: 'calls' }));
    expect(state.rollbackFailure).toBe(error);
  });
});

describe('what is told of approvals', () => {
  const told = (records: readonly JournalRecord[]) => {
    const events = new InstanceEvents({ createdAt: 0 });
    events.add(records);
    return events.take().slice(3);
  };

  it('is that they were asked for and how they were answered', () => {
    expect(told([...denied, refused(20)])).toMatchObject([
      { type: 'step_started', step: { name: 'a', count: 1 } },
      { type: 'approval_requested', approval: '1-5', policy: 'asks' },
      { type: 'workflow_waiting' },
      { type: 'approval_received', approved: false, reason: 'too dear', by: 'ada' },
      { type: 'workflow_running' },
      { type: 'step_errored', error },
    ]);
    const handler = key('rollback', 'a');
    expect(told([started(), asked(5, { ...ofCall, step: handler })])).toMatchObject([
      { type: 'rollback_step_started' },
      { type: 'approval_requested' },
    ]);
    expect(told([started(), refused(5)])).toMatchObject([{ type: 'step_started' }, { type: 'step_errored' }]);
    expect(told([started(), asked(5, ofCall), answered(1, 6, true), stepSettled('a', 8)])).toMatchObject([
      { type: 'step_started' },
      { type: 'approval_requested', call: 'BANK.pay' },
      { type: 'workflow_waiting' },
      { type: 'approval_received', approved: true },
      { type: 'workflow_running' },
      { type: 'attempt_started' },
      { type: 'attempt_completed' },
      { type: 'step_completed' },
    ]);
  });
});

describe('the invariants', () => {
  it('see what goes on before it is approved, and an answer that nobody waits for', () => {
    const violations = (records: readonly JournalRecord[]) => violationsOf(records).map(({ invariant }) => invariant);
    expect(violations([...approved, attemptStarted('a', 20), stepSettled('a', 21)])).toEqual([]);
    expect(violations([...denied, refused(20)])).toEqual([]);
    expect(violations([...waiting, attemptStarted('a', 20)])).toEqual(['E2']);
    expect(violations([...denied, attemptStarted('a', 20)])).toEqual(['E2']);
    expect(violations([...approved, answered(2, 12, true)])).toEqual(['E5']);
    expect(violations([...waiting, asked(6, { n: 2 })])).toEqual(['E2']);
  });
});
