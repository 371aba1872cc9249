import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../lib/core/invariants.ts';
import { HandTurn, type Run, runOf, START_TIME } from './hand-host.ts';

describe('an event', () => {
  const one: Run = async (step) => {
    const { payload, timestamp, type } = await step.waitForEvent('w', { type: 'go' });
    return [payload, timestamp, type];
  };

  it('that comes while it is waited for is given with its time and type', async () => {
    const turn = await runOf(one);
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + 86_400_000 });
    turn.time += 7;
    await turn.event('go', '[{"a":1},2]');
    expect(turn.output).toEqual([{ a: 2 }, new Date(START_TIME + 7), 'go']);
  });

  it('without a payload gives undefined', async () => {
    const turn = await runOf(one);
    await turn.event('go');
    expect(turn.output).toEqual([undefined, new Date(START_TIME), 'go']);
  });

  it('sent before the wait is kept for it', async () => {
    const turn: HandTurn = new HandTurn(async (step) => {
      await step.sleep('first', 500);
      return one(step, {}, turn.turn);
    });
    await turn.drain();
    await turn.event('go', '["early"]');
    expect(turn.isFinished).toBe(false);
    await turn.pass(500);
    expect(turn.output).toEqual(['early', new Date(START_TIME), 'go']);
  });

  it('of another type is left alone', async () => {
    const turn = await runOf(one);
    await turn.event('other', '["no"]');
    expect(turn.said.at(-1)).toBe('blocked');
    await turn.event('go', '["yes"]');
    expect(turn.output).toEqual(['yes', new Date(START_TIME), 'go']);
  });
});

describe('events of one type', () => {
  const run =
    (count: number): Run =>
    async (step) => {
      const all: unknown[] = [];
      for (let index = 0; index < count; index++) all.push((await step.waitForEvent('w', { type: 'go' })).payload);
      return all;
    };

  it('are consumed first in first out, also more than ten of them, and across replays (bugs 1 and 2)', async () => {
    const count = 25;
    const live = new HandTurn(run(count + 1));
    await live.drain();
    for (let index = 0; index < count; index++) await live.event('go', `[${index}]`);
    expect(live.said.at(-1)).toBe('blocked');
    for (let length = 1; length <= live.journal.length; length++) {
      const again = new HandTurn(run(count + 1), live.journal.slice(0, length));
      await again.drain();
      const missing = live.journal.slice(length).filter(({ kind }) => kind === 'event_received');
      for (const event of missing) await again.beside({ ...event, at: again.lastAt });
      await again.event('go', '["last"]');
      expect(again.output).toEqual([...Array.from({ length: count }, (_, index) => index), 'last']);
      expect(violationsOf(again.journal)).toEqual([]);
    }
  });

  it('go to parallel waits in the order in which these were called, each to one', async () => {
    const parallel: Run = async (step) =>
      Promise.all(
        ['a', 'b', 'c'].map(async (name) => `${name}:${(await step.waitForEvent(name, { type: 'go' })).payload}`),
      );
    const turn = await runOf(parallel);
    for (const payload of ['1', '2', '3']) await turn.event('go', `["${payload}"]`);
    expect(turn.output).toEqual(['a:1', 'b:2', 'c:3']);
    const again = await new HandTurn(parallel, turn.journal.slice(0, -1)).drain();
    expect(again.output).toEqual(['a:1', 'b:2', 'c:3']);
  });
});

describe('a wait', () => {
  const run: Run = async (step) => {
    try {
      return (await step.waitForEvent('w', { type: 'go', timeout: 100 })).payload;
    } catch (error) {
      return [(error as Error).name, (error as Error).message];
    }
  };

  it('times out at its deadline, catchably, after asking whether an event came in time', async () => {
    const turn = await runOf(run);
    await turn.pass(100);
    expect(turn.said).toContain('need_inbox');
    expect(turn.output).toEqual(['WorkflowTimeoutError', 'Execution timed out after 100ms']);
  });

  it('takes an event that was accepted before its deadline, though it is told of later', async () => {
    const turn = await runOf(run);
    turn.isAnswering = false;
    await turn.pass(100);
    expect(turn.said.at(-1)).toBe('need_inbox');
    const event = {
      kind: 'event_received',
      at: turn.lastAt,
      seq: 1,
      eventId: 'e',
      eventType: 'go',
      acceptedAt: turn.time - 1,
      payload: '["in time"]',
    } as const;
    turn.turn.onMessage({ kind: 'inbox', records: [{ position: turn.journal.length, record: event }], isAnswer: true });
    await turn.drain();
    expect(turn.output).toBe('in time');
  });

  it('takes nothing after its deadline: the event stays for the next', async () => {
    const two: Run = async (step) => [
      await run(step, {}, undefined as never),
      (await step.waitForEvent('next', { type: 'go' })).payload,
    ];
    const turn = await runOf(two);
    await turn.pass(150);
    await turn.event('go', '["late"]');
    expect(turn.output).toEqual([['WorkflowTimeoutError', 'Execution timed out after 100ms'], 'late']);
  });

  it('keeps the deadline of its first call over replays', async () => {
    const first = await runOf(run);
    const again = new HandTurn(run, first.journal, { time: START_TIME + 60 });
    await again.drain();
    expect(again.alarmAt).toBe(START_TIME + 100);
    await again.pass(40);
    expect(again.output).toEqual(['WorkflowTimeoutError', 'Execution timed out after 100ms']);
    expect((await new HandTurn(run, again.journal.slice(0, -1)).drain()).output).toEqual(again.output);
  });
});

describe('a sleep', () => {
  it('ends when it should, though another duration is asked for on replay (bug 4)', async () => {
    const run =
      (ms: number): Run =>
      async (step) => {
        await step.sleep('n', ms);
        return 'awake';
      };
    const first = await runOf(run(5_000));
    const again = new HandTurn(run(99_000), first.journal, { time: START_TIME + 4_500 });
    await again.pass(500);
    expect(again.output).toBe('awake');
    expect(again.story).toEqual(['started', 'sleep_started n', 'sleep_completed n', 'completed']);
  });

  it('until a moment does not sleep again on replay past it (bug 3)', async () => {
    const run: Run = async (step) => {
      await step.sleepUntil('n', new Date(START_TIME + 500));
      await step.sleepUntil('past', START_TIME - 1_000_000);
      await step.sleep('long', '1 day');
    };
    const live = await runOf(run);
    await live.pass(500);
    expect(live.story.slice(0, 5)).toEqual([
      'started',
      'sleep_started n',
      'sleep_completed n',
      'sleep_started past',
      'sleep_completed past',
    ]);
    const again = await new HandTurn(run, live.journal, { time: START_TIME + 900_000 }).drain();
    expect(again.journal).toEqual(live.journal);
  });

  it('of nothing ends at once', async () => {
    const turn = await runOf(async (step) => {
      await step.sleep('n', 0);
      return 'awake';
    });
    expect(turn.output).toBe('awake');
  });
});

describe('a pause', () => {
  const ask = (turn: HandTurn, seq: number) =>
    turn.beside({ kind: 'pause_requested', at: turn.lastAt, seq, requestedAt: turn.time });
  const resume = (turn: HandTurn, seq: number) =>
    turn.beside({ kind: 'resumed', at: turn.lastAt, seq, resumedAt: turn.time });

  it('lets the running callback finish and starts nothing new', async () => {
    const ran: string[] = [];
    const turn = await runOf(async (step, _event, guest) => {
      await step.do('a', () => new Promise<void>((resolve) => guest.setTimer(50, resolve, true)));
      await step.do('b', async () => ran.push('b'));
    });
    await ask(turn, 1);
    expect(turn.said).not.toContain('blocked');
    await turn.pass(50);
    expect(turn.story).toContain('step_settled a');
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', takenSeq: 1 });
    expect(turn.messages.at(-1)).not.toHaveProperty('wakeAt');
    expect(ran).toEqual([]);
    await resume(turn, 2);
    expect(ran).toEqual(['b']);
    expect(turn.isFinished).toBe(true);
  });

  it('stops sleeps, and resuming moves them by the paused time', async () => {
    const turn = await runOf((step) => step.sleep('n', 500));
    turn.time += 100;
    await ask(turn, 1);
    await turn.pass(10_000);
    expect(turn.isFinished).toBe(false);
    await resume(turn, 2);
    expect(turn.alarmAt).toBe(turn.time + 400);
    await turn.pass(400);
    expect(turn.isFinished).toBe(true);
  });

  it('after a caught failure is reached as well (bug 7)', async () => {
    const turn = await runOf(async (step) => {
      await step.do('a', { retries: { limit: 0, delay: 0 } }, () => Promise.reject(new Error('no'))).catch(() => {});
      await step.sleep('n', '1 day');
    });
    await ask(turn, 1);
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', takenSeq: 1 });
  });
});
