import { describe, expect, it } from 'vitest';
import { type Context, HandTurn, type Run, runOf } from './hand-host.ts';

const kindsOf = (turn: HandTurn) =>
  turn.messages.map((message) =>
    'records' in message ? `${message.kind}(${message.records.map(({ kind }) => kind).join(' ')})` : message.kind,
  );

describe('what pure steps give', () => {
  it('gathers until the turn ends: one write for all', async () => {
    const turn = await runOf(async (step) => {
      for (let index = 0; index < 5; index++) await step.do('a', async () => index);
    });
    expect(kindsOf(turn)).toEqual([`finished(started ${'step_settled '.repeat(5)}completed)`]);
  });

  it('gathers until it blocks', async () => {
    const turn = await runOf(async (step) => {
      await step.do('a', async () => 1);
      await step.sleep('n', '1 day');
    });
    expect(kindsOf(turn)).toEqual(['blocked(started step_settled sleep_started)']);
  });

  it('is committed at 64 records', async () => {
    const turn = await runOf(async (step) => {
      for (let index = 0; index < 70; index++) await step.do('a', async () => index);
    });
    expect(turn.messages.map((message) => 'records' in message && message.records.length)).toEqual([64, 8]);
  });

  it('is committed at 32 KiB', async () => {
    const turn = await runOf(async (step) => {
      for (let index = 0; index < 3; index++) await step.do('a', async () => 'x'.repeat(20_000));
    });
    expect(turn.messages.map((message) => 'records' in message && message.records.length)).toEqual([3, 2]);
  });

  it('is committed after 20 ms while something goes on', async () => {
    const turn = new HandTurn(async (step) => {
      await step.do('a', async () => 1);
      await step.do('slow', () => new Promise(() => {}));
    });
    await turn.pass(19);
    expect(turn.messages).toEqual([]);
    await turn.pass(1);
    expect(kindsOf(turn)).toEqual(['records(started step_settled)']);
  });
});

describe('a call to the outside', () => {
  it('takes all that was gathered with it, and the start of its attempt (E2)', async () => {
    const turn = await runOf(async (step, _event, guest) => {
      await step.do('pure', async () => 1);
      await step.do('effect', () => guest.call('BOX', 'put', ['x']));
    });
    expect(kindsOf(turn)).toEqual(['call(started step_settled attempt_started)']);
    expect(turn.calls[0]).toMatchObject({ callId: 1, attempt: { ordinal: 2, attempt: 1 } });
    await turn.answer(1, '["stored"]');
    expect(kindsOf(turn)).toEqual(['call(started step_settled attempt_started)', 'finished(step_settled completed)']);
  });

  it('tells of the start of its attempt once', async () => {
    const turn = await runOf(async (step, _event, guest) => {
      await step.do('effect', async () => {
        await guest.call('BOX', 'put', [1]);
        await guest.call('BOX', 'put', [2]);
      });
      await step.do('next', () => guest.call('BOX', 'put', [3]));
    });
    for (const call of [1, 2, 3]) await turn.answer(call, '[1]');
    expect(kindsOf(turn)).toEqual([
      'call(started attempt_started)',
      'call()',
      'call(step_settled attempt_started)',
      'finished(step_settled completed)',
    ]);
  });

  it('that is refused comes back as an error with its code', async () => {
    const turn = await runOf((step, _event, guest) =>
      step.do('effect', async () =>
        guest.call('BOX', 'put', []).catch((error) => [error.name, error.message, error.code]),
      ),
    );
    turn.turn.onMessage({
      kind: 'answer',
      callId: 1,
      ok: false,
      error: { name: 'TypeError', message: 'no', code: 'x.y' },
    });
    await turn.drain();
    expect(turn.output).toEqual(['TypeError', 'no', 'x.y']);
  });

  it("is answered once; other answers are nobody's", async () => {
    const turn = await runOf((step, _event, guest) => step.do('effect', () => guest.call('BOX', 'get', [])));
    await turn.answer(99, '["?"]');
    await turn.answer(1, '["first"]');
    await turn.answer(1, '["second"]');
    expect(turn.output).toBe('first');
  });

  it('with arguments that cannot be sent fails before it leaves', async () => {
    const turn = await runOf((step, _event, guest) =>
      step.do('effect', { retries: { limit: 0, delay: 0 } }, async () => guest.call('BOX', 'put', [() => 1])),
    );
    expect(turn.calls).toEqual([]);
    expect(turn.error.message).toContain('function');
  });
});

describe('after an unclean turn', () => {
  it("each attempt's start is durable before its callback runs", async () => {
    const ran: string[] = [];
    const run: Run = async (step) => {
      await Promise.all(['a', 'b'].map((name) => step.do(name, async () => ran.push(name))));
      await step.do('c', async () => ran.push('c'));
    };
    const turn = new HandTurn(run, [], { isCautious: true });
    turn.isAnswering = false;
    await turn.drain();
    expect(kindsOf(turn)).toEqual(['commit(started attempt_started attempt_started)']);
    expect(ran).toEqual([]);
    turn.turn.onMessage({ kind: 'committed' });
    await turn.drain();
    expect(ran).toEqual(['a', 'b']);
    expect(kindsOf(turn).at(-1)).toBe('commit(step_settled step_settled attempt_started)');
    turn.turn.onMessage({ kind: 'committed' });
    await turn.drain();
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(turn.isFinished).toBe(true);
  });

  it('an attempt whose start came later than a commit waits for the next one', async () => {
    const ran: string[] = [];
    const turn = new HandTurn(
      async (step, _event, guest) => {
        const a = step.do('a', async () => ran.push('a'));
        await new Promise<void>((resolve) => guest.setTimer(5, resolve, true));
        await Promise.all([a, step.do('b', async () => ran.push('b'))]);
      },
      [],
      { isCautious: true },
    );
    turn.isAnswering = false;
    await turn.pass(5);
    expect(turn.said).toEqual(['commit', 'commit']);
    turn.turn.onMessage({ kind: 'committed' });
    await turn.drain();
    expect(ran).toEqual(['a']);
    turn.turn.onMessage({ kind: 'committed' });
    await turn.drain();
    expect(ran).toEqual(['a', 'b']);
  });

  it("an attempt whose start left with somebody else's call starts all the same", async () => {
    const ran: string[] = [];
    const turn = new HandTurn(
      async (step, _event, guest) => {
        const a = step.do('a', async ({ attempt }: Context) => {
          await guest.call('BOX', 'put', [attempt]);
          await guest.call('BOX', 'put', [2]);
        });
        await new Promise<void>((resolve) => guest.setTimer(5, resolve, true));
        await Promise.all([a, step.do('b', async () => ran.push('b'))]);
      },
      [],
      { isCautious: true },
    );
    await turn.drain();
    expect(turn.said).toEqual(['commit', 'call']);
    // Timer and answer are due together: `b` is called, and the second call takes its start along.
    turn.time += 5;
    turn.turn.onAlarm();
    turn.turn.onMessage({ kind: 'answer', callId: 1, ok: true, value: '[1]' });
    await turn.drain();
    await turn.answer(2, '[1]');
    expect(ran).toEqual(['b']);
    expect(turn.isFinished).toBe(true);
  });
});

describe('a blocked turn', () => {
  it('says until when, and whether it has set its own alarm for it', async () => {
    const near = await runOf((step) => step.sleep('n', 900));
    expect(near.messages.at(-1)).toMatchObject({ kind: 'blocked', isHolding: true, wakeAt: near.time + 900 });
    expect(near.alarmAt).toBe(near.time + 900);
    const far = await runOf((step) => step.sleep('n', 5_000));
    expect(far.messages.at(-1)).toMatchObject({ kind: 'blocked', isHolding: false, wakeAt: far.time + 5_000 });
    expect(far.alarmAt).toBeUndefined();
  });

  it('goes on by its own alarm where it was held', async () => {
    const turn = await runOf(async (step) => {
      await step.sleep('n', 900);
      return 'awake';
    });
    expect((await turn.pass(900)).output).toBe('awake');
  });
});
