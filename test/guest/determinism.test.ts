import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../lib/core/records.ts';
import { HandTurn, type Run, runOf, START_TIME } from './hand-host.ts';

describe('time in run()', () => {
  it('is that of the last settlement, and real in a callback', async () => {
    const run: Run = async (step, _event, turn) => {
      const at = [turn.now()];
      await step.sleep('n', 300);
      at.push(turn.now());
      at.push(await step.do('a', async () => turn.now()));
      at.push(turn.now());
      await step.sleep('day', '1 day');
      return at;
    };
    const live = await new HandTurn(run).pass(86_500_000);
    const expected = [START_TIME, START_TIME + 300, START_TIME + 300, START_TIME + 300];
    expect(live.output).toEqual(expected);
    const late = await new HandTurn(run, live.journal.slice(0, -1), { time: START_TIME * 9 }).drain();
    expect(late.output).toEqual(expected);
  });

  it('stays with its owner over the awaits of either', async () => {
    const turn = new HandTurn(async (step, _event, guest) => {
      const inStep = step.do('a', async () => {
        await new Promise<void>((resolve) => guest.setTimer(500, resolve, true));
        await null;
        return [guest.now(), guest.isDeterministic];
      });
      await new Promise<void>((resolve) => guest.setTimer(100, resolve, true));
      await null;
      return [guest.now(), guest.isDeterministic, await inStep];
    });
    await turn.pass(1_000);
    expect(turn.output).toEqual([START_TIME, true, [START_TIME + 500, false]]);
  });

  it('never goes back, though the clock of the next turn does', async () => {
    const run: Run = async (step, _event, turn) => {
      const at: number[] = [];
      for (let index = 0; index < 3; index++) {
        await step.do('a', async () => 1);
        at.push(turn.now());
      }
      return at;
    };
    const first = await runOf(run);
    const again = await new HandTurn(run, first.journal.slice(0, 2), { time: START_TIME - 900 }).drain();
    expect(again.output).toEqual([START_TIME, START_TIME, START_TIME]);
  });
});

describe('chance in run()', () => {
  it('is the same on replay, whatever was drawn elsewhere, and differs by seed', async () => {
    const run: Run = async (step, _event, turn) => {
      const drawn = [turn.random.float(), turn.random.float()];
      await step.do('a', async () => 1);
      drawn.push(turn.random.float());
      await step.sleep('n', '1 day');
      drawn.push(turn.random.float());
      return drawn;
    };
    const live = await new HandTurn(run).pass(86_400_000);
    const again = await new HandTurn(run, live.journal.slice(0, -1)).drain();
    expect(again.output).toEqual(live.output);
    expect(new Set(live.output as number[]).size).toBe(4);
    const other = await new HandTurn(run, [], { seed: 'other' }).pass(86_400_000);
    expect(other.output).not.toEqual(live.output);
  });
});

describe('divergence', () => {
  const before: Run = async (step) => {
    await step.do('a', async () => 1);
    await step.do('b', async () => 2);
    await step.sleep('n', '1 day');
  };
  const after: Run = async (step) => {
    await step.do('a', async () => 1);
    await step.do('x', async () => 3);
    await step.sleep('n', '1 day');
    return 'through';
  };
  const diverged = (records: readonly JournalRecord[]) =>
    records.flatMap((record) => (record.kind === 'diverged' ? [[record.expected, record.got]] : []));

  it('is told once with what was expected and what came, and the code goes on', async () => {
    const { journal } = await runOf(before);
    const turn = await new HandTurn(after, journal).drain();
    expect(diverged(turn.journal)).toEqual([['step.do("b")', 'step.do("x")']]);
    const again = await new HandTurn(after, turn.journal).pass(86_400_000);
    expect(diverged(again.journal)).toHaveLength(1);
    expect(again.output).toBe('through');
  });

  it('fails the instance where determinism is strict', async () => {
    const { journal } = await runOf(before);
    const turn = await new HandTurn(after, journal, { isStrict: true }).drain();
    expect(turn.error).toMatchObject({
      name: 'NonDeterminismError',
      message: expect.stringContaining('expected step.do("b"), got step.do("x")'),
    });
  });

  it('is a recorded step that the code no longer reaches', async () => {
    const { journal } = await runOf(before);
    const turn = await new HandTurn(async (step) => step.do('a', async () => 1), journal).drain();
    expect(diverged(turn.journal)).toEqual([['step.do("b")', 'run() ended']]);
    expect(turn.output).toBe(1);
    const strict = await new HandTurn(async (step) => step.do('a', async () => 1), journal, { isStrict: true }).drain();
    expect(strict.error.name).toBe('NonDeterminismError');
  });

  it('leaves a step that is called late what was recorded of it', async () => {
    const { journal } = await runOf(before);
    const turn = await new HandTurn(async (step) => {
      const x = await step.do('x', async () => 'new');
      return [x, await step.do('b', async () => 'ran again'), await step.do('a', async () => 'ran again')];
    }, journal).drain();
    expect(turn.output).toEqual(['new', 2, 1]);
  });
});

describe('an effect outside of steps', () => {
  const run: Run = async (step, _event, turn) => {
    const value = await turn.call('BOX', 'get', [1]);
    await turn.call('BOX', 'get', [2]);
    await step.sleep('n', '1 day');
    return value;
  };

  it('is allowed, made again at each replay, and told once', async () => {
    const turn = await runOf(run);
    await turn.answer(1, '["one"]');
    await turn.answer(2, '["two"]');
    expect(turn.calls).toHaveLength(2);
    expect(turn.calls[0]).toMatchObject({ binding: 'BOX', method: 'get', args: '[[1],1]' });
    expect(turn.calls[0]).not.toHaveProperty('attempt');
    expect(turn.story.filter((kind) => kind === 'unrecorded_effect')).toHaveLength(1);
    const again = await new HandTurn(run, turn.journal).drain();
    expect(again.calls).toHaveLength(1);
    expect(again.story.filter((kind) => kind === 'unrecorded_effect')).toHaveLength(1);
  });

  it('is fatal where determinism is strict', async () => {
    const turn = await runOf(run, { isStrict: true });
    expect(turn.error).toMatchObject({ name: 'NonDeterminismError', message: expect.stringContaining('BOX.get') });
    expect(turn.calls).toEqual([]);
  });

  it('in a step is none', async () => {
    const turn = await runOf((step, _event, guest) => step.do('a', () => guest.call('BOX', 'get', [])), {
      isStrict: true,
    });
    await turn.answer(1, '["fine"]');
    expect(turn.output).toBe('fine');
    expect(turn.story).not.toContain('unrecorded_effect');
  });
});
