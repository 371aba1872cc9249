import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../lib/core/invariants.ts';
import type { TurnPolicy } from '../../lib/core/replay/policies.ts';
import { type Context, HandTurn, type Run, runOf, START_TIME } from './hand-host.ts';

const MINUTE = 60_000;
const action = { kind: 'approve', timeoutMs: MINUTE } as const;
const ofStep: TurnPolicy = { name: 'steps', before: { step: 'pay*' }, action };
const ofCall: TurnPolicy = { name: 'calls', before: { binding: 'BANK' }, action };
const refuses: TurnPolicy = { name: 'never', before: { step: 'pay' }, action: { kind: 'refuse', reason: 'closed' } };

const named = (error: Error): readonly string[] => [error.name, error.message];

/** The verdict on the approval that was asked for last. */
const decide = (turn: HandTurn, approved: boolean, more: { reason?: string; acceptedAt?: number } = {}) => {
  const asked = turn.journal.findLast((record) => record.kind === 'approval_asked');
  if (asked?.kind !== 'approval_asked') throw new Error('No approval was asked for');
  const { step, ordinal, approval } = asked;
  const seq = turn.journal.filter(({ kind }) => kind === 'verdict_received').length + 1;
  const { acceptedAt = turn.time, ...said } = more;
  return turn.beside({
    kind: 'verdict_received',
    step,
    ordinal,
    approval,
    approved,
    ...said,
    seq,
    acceptedAt,
    at: turn.lastAt,
  });
};

const paying: Run = (step) => step.do('pay', async () => 'paid').catch(named);

describe('a step that a policy holds back', () => {
  it('is asked about, and the turn is blocked until the deadline', async () => {
    const turn = await runOf(paying, { policies: [ofStep] });
    expect(turn.story).toEqual(['started', 'approval_asked pay']);
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + MINUTE, isHolding: false });
  });

  it('begins when it is approved, in the same turn or in another', async () => {
    const turn = await runOf(paying, { policies: [ofStep] });
    const { journal } = turn;
    await decide(turn, true);
    expect(turn.output).toBe('paid');
    const asked = journal.slice(0, 2);
    const later = await new HandTurn(paying, asked, { policies: [ofStep], time: START_TIME + 5 }).drain();
    expect(later.story).toEqual(['started', 'approval_asked pay']);
    await decide(later, true);
    expect(later.output).toBe('paid');
    expect(violationsOf(later.journal)).toEqual([]);
  });

  it('fails with the reason where it is refused, and gives the same on replay without the policy', async () => {
    const turn = await runOf(paying, { policies: [ofStep] });
    await decide(turn, false, { reason: 'too dear' });
    const refused = ['PolicyRefusedError', 'The policy "steps" refused step.do("pay"): too dear'];
    expect(turn.output).toEqual(refused);
    const replayed = await new HandTurn(paying, turn.journal.slice(0, -1)).drain();
    expect(replayed.output).toEqual(refused);
    expect(replayed.story).toEqual(turn.story);
  });

  it('fails when its time is over, once it is known that nobody has answered', async () => {
    const turn = await runOf(paying, { policies: [ofStep] });
    await turn.pass(MINUTE);
    expect(turn.said).toContain('need_inbox');
    expect(turn.output).toEqual([
      'PolicyRefusedError',
      'The policy "steps" refused step.do("pay"): nobody has approved it in time',
    ]);
  });

  it('goes on by an answer that came in time and was heard of late, and by no later one', async () => {
    for (const [acceptedAt, output] of [
      [START_TIME + MINUTE, 'paid'],
      [START_TIME + MINUTE + 1, 'PolicyRefusedError'],
    ] as const) {
      const asked = (await runOf(paying, { policies: [ofStep] })).journal;
      const late = new HandTurn(paying, asked.slice(0, 2), { policies: [ofStep], time: START_TIME + MINUTE });
      late.isAnswering = false;
      await late.drain();
      await decide(late, true, { acceptedAt });
      late.time += MINUTE;
      late.turn.onMessage({ kind: 'inbox', records: [], isAnswer: true });
      await late.drain();
      expect([late.output].flat()[0]).toBe(output);
    }
  });

  it('is asked about by each policy in its turn', async () => {
    const turn = await runOf(paying, { policies: [ofStep, { ...ofStep, name: 'steps-too' }] });
    await decide(turn, true);
    expect(turn.story.slice(1)).toEqual(['approval_asked pay', 'verdict_received pay', 'approval_asked pay']);
    await decide(turn, true);
    expect(turn.output).toBe('paid');
    expect(violationsOf(turn.journal)).toEqual([]);
  });

  it('fails at once where a policy refuses', async () => {
    const turn = await runOf(paying, { policies: [ofStep, refuses] });
    expect(turn.story).toEqual(['started', 'step_refused pay', 'completed']);
    expect(turn.output).toEqual(['PolicyRefusedError', 'The policy "never" refused step.do("pay"): closed']);
  });

  it('is left alone once it has begun', async () => {
    const run: Run = (step) =>
      step.do('pay', { retries: { limit: 1, delay: 10 } }, async ({ attempt }: Context) => {
        if (attempt === 1) throw new Error('not yet');
        return attempt;
      });
    const { journal } = await runOf(run);
    const turn = new HandTurn(run, journal, { policies: [ofStep, refuses], time: START_TIME + 20 });
    await turn.drain();
    expect(turn.output).toBe(2);
  });

  it('does not hold up the steps beside it', async () => {
    const run: Run = (step) =>
      Promise.race([step.do('pay', async () => 'paid'), step.do('other', async () => 'other')]);
    expect((await runOf(run, { policies: [ofStep] })).output).toBe('other');
  });
});

describe('a call that a policy holds back', () => {
  const calling: Run = (step, _event, turn) =>
    step.do('order', async ({ attempt, signal }: Context) => {
      let isAborted = false;
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      await turn.call('MAIL', 'send', []);
      await turn.call('BANK', 'pay', []);
      return [attempt, isAborted];
    });

  it('does not leave: its attempt is given up, and runs anew without having counted', async () => {
    const turn = await runOf(calling, { policies: [ofCall] });
    await turn.answer(1, '[1]');
    expect(turn.calls.map(({ binding }) => binding)).toEqual(['MAIL']);
    expect(turn.story.slice(1)).toEqual(['attempt_started order', 'approval_asked order']);
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', isHolding: false });
    await decide(turn, true);
    await turn.answer(2, '[1]');
    await turn.answer(3, '[1]');
    expect(turn.calls.map(({ binding }) => binding)).toEqual(['MAIL', 'MAIL', 'BANK']);
    expect(turn.output).toEqual([1, false]);
    expect(violationsOf(turn.journal)).toEqual([]);
  });

  it('fails its step where it is refused', async () => {
    const turn = await runOf(calling, { policies: [ofCall] });
    await turn.answer(1, '[1]');
    await decide(turn, false);
    expect(turn.error).toMatchObject({ name: 'PolicyRefusedError' });
  });

  it('is not asked about where a `delay` makes it: the dispatcher refuses that', async () => {
    const run: Run = (step, _event, turn) =>
      step.do('order', { retries: { limit: 1, delay: () => turn.call('BANK', 'pay', []) } }, async () => {
        throw new Error('no');
      });
    const turn = await runOf(run, { policies: [ofCall] });
    expect(turn.calls).toHaveLength(1);
    expect(turn.story).not.toContain('approval_asked order');
  });

  it('of a handler is waited for as well', async () => {
    const run: Run = async (step, _event, turn) => {
      await step.do('order', async () => 1, { rollback: () => turn.call('BANK', 'undo', []) });
      throw new Error('breaks');
    };
    const { journal } = await runOf(run, { policies: [ofCall] });
    const back = async (): Promise<HandTurn> => new HandTurn(run, journal.slice(), { policies: [ofCall] }).drain();
    const approved = await back();
    expect(approved.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + MINUTE });
    await decide(approved, true);
    await approved.answer(1, '[1]');
    expect(approved.journal.at(-1)).toMatchObject({ kind: 'errored', rollback: { outcome: 'complete' } });
    const refused = await back();
    await decide(refused, false);
    expect(refused.journal.at(-1)).toMatchObject({
      rollback: { outcome: 'failed', error: { name: 'PolicyRefusedError' } },
    });
    const expired = await back();
    await expired.pass(MINUTE);
    expect(expired.said).toContain('need_inbox');
    expect(expired.journal.at(-1)).toMatchObject({ rollback: { outcome: 'failed' } });
    expect([approved, refused, expired].flatMap((turn) => violationsOf(turn.journal))).toEqual([]);
  });
});
