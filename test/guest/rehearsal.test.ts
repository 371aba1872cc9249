import { describe, expect, it } from 'vitest';
import type { GuestMessage, Rehearsed } from '../../lib/ports/turn-messages.ts';
import { HandTurn, type Run, runOf, START_TIME } from './hand-host.ts';

const DAY_MS = 86_400_000;

const said = ({ messages }: HandTurn): Rehearsed => {
  expect(messages).toHaveLength(1);
  const [message] = messages as [GuestMessage];
  if (message.kind !== 'rehearsed') throw new Error(`said ${message.kind}`);
  return message;
};

/** Records what the first code does, then rehearses that with the second. */
const rehearsed = async (first: Run, second: Run = first): Promise<Rehearsed> => {
  const { journal } = await runOf(first);
  return said(await new HandTurn(second, journal, { isRehearsal: true }).drain());
};

describe('a rehearsal', () => {
  it('delivers what is recorded and stops where a callback would start', async () => {
    let ran = 0;
    const run: Run = async (step) => {
      const a = await step.do('a', async () => ++ran);
      await step.sleep('nap', '1 day');
      return step.do('b', async () => a);
    };
    const turn = await new HandTurn(run).pass(DAY_MS);
    const journal = turn.journal.slice(0, turn.story.indexOf('sleep_completed nap') + 1);
    expect(said(await new HandTurn(run, journal, { isRehearsal: true }).drain())).toMatchObject({
      stop: 'caught_up',
      delivered: 2,
      divergences: [],
      next: 'step.do("b")',
    });
    expect(ran).toBe(1);
  });

  it('of an instance that has not begun stops at its first step', async () => {
    const turn = new HandTurn((step) => step.do('a', async () => 1), [], { isRehearsal: true });
    expect(said(await turn.drain())).toMatchObject({ stop: 'caught_up', delivered: 0, next: 'step.do("a")' });
    expect(turn.journal).toEqual([]);
  });

  it('goes by a pause as if there were none', async () => {
    const run: Run = (step) => step.sleep('nap', '1 day');
    const { journal } = await runOf(run);
    const paused = [...journal, { kind: 'pause_requested', at: START_TIME, seq: 1, requestedAt: START_TIME } as const];
    expect(said(await new HandTurn(run, paused, { isRehearsal: true }).drain())).toMatchObject({ stop: 'caught_up' });
  });

  it('waits for a timer of run() itself', async () => {
    const run: Run = async (step, _event, turn) => {
      await new Promise<void>((resolve) => turn.setTimer(500, resolve, true));
      return step.do('a', async () => 1);
    };
    const turn = await new HandTurn(run, [], { isRehearsal: true }).drain();
    expect(turn.messages).toEqual([]);
    expect(said(await turn.pass(500))).toMatchObject({ stop: 'caught_up', next: 'step.do("a")' });
  });

  it('ends at a call that run() makes itself', async () => {
    const run: Run = async (step, _event, turn) => {
      await turn.call('FETCH', 'fetch', []);
      return step.do('a', async () => 1);
    };
    const turn = new HandTurn(run, [], { isRehearsal: true });
    expect(said(await turn.drain())).toMatchObject({ stop: 'effect', next: 'FETCH.fetch' });
  });

  it('tells what run() throws, and that it waits for nothing', async () => {
    const fails: Run = () => Promise.reject(new RangeError('no'));
    expect(await rehearsed(async () => 1, fails)).toMatchObject({ stop: 'threw', error: { name: 'RangeError' } });
    const hangs: Run = () => new Promise(() => {});
    expect(await rehearsed((step) => step.do('a', async () => 1), hangs)).toMatchObject({ stop: 'threw' });
  });

  it.each<[string, Run, object]>([
    ['left out', async (step) => step.do('b', async () => 2), { step: 'a', got: 'step.do("b")' }],
    ['that run() ends without', async () => 1, { step: 'a', got: 'run() ended' }],
    [
      'of another name',
      async (step) => [await step.do('c', async () => 1), await step.do('b', async () => 2)],
      { step: 'a', got: 'step.do("c")' },
    ],
  ])('tells of a step %s', async (_, second, expected) => {
    const first: Run = async (step) => [await step.do('a', async () => 1), await step.do('b', async () => 2)];
    const { divergences } = await rehearsed(first, second);
    expect(divergences[0]).toMatchObject({ expected: 'step.do("a")', ...expected });
  });

  it('tells of an open step that is not reached beside one that is', async () => {
    const first: Run = (step) => Promise.all([step.sleep('one', '1 day'), step.sleep('two', '1 day')]);
    const { divergences } = await rehearsed(first, (step) => step.sleep('one', '1 day'));
    expect(divergences).toMatchObject([{ step: 'two', got: 'run() waits for something else' }]);
  });

  it('tells again what the journal tells of, each once, and at most ten', async () => {
    const names = Array.from({ length: 15 }, (_, index) => `s${index}`);
    const first: Run = async (step) => {
      for (const name of names) await step.do(name, async () => 1);
      await step.sleep('nap', '1 day');
    };
    const second: Run = async (step) => {
      for (const name of names) await step.do(`new ${name}`, async () => 1);
    };
    const { journal } = await runOf(first);
    const diverged = await new HandTurn(second, journal).drain();
    expect(diverged.story).toContain('diverged');
    const told = said(await new HandTurn(second, diverged.journal.slice(0, -5), { isRehearsal: true }).drain());
    expect(told.divergences).toHaveLength(10);
  });

  it('takes a changed config for no divergence', async () => {
    const first: Run = (step) => step.do('a', async () => 1);
    const second: Run = (step) => step.do('a', { retries: { limit: 1, delay: 5 } }, async () => 1);
    expect(await rehearsed(first, second)).toMatchObject({ stop: 'returned', divergences: [] });
  });
});
