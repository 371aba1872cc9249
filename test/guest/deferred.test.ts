import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../lib/core/invariants.ts';
import { deferInAttempt } from '../../lib/guest/deferred.ts';
import { RequestTurn } from '../../lib/guest/request.ts';
import { type Context, HandTurn, hashOf, type Run, runOf, START_TIME } from './hand-host.ts';

const MINUTE = 60_000;
const RETRY = { retries: { limit: 1, delay: 100, backoff: 'constant' }, timeout: '1 minute' };
const ONCE = { retries: { limit: 0, delay: 0 }, timeout: '1 minute' };

/** Tells the outside a token by a call, and leaves the step open. */
const asking =
  (config: object = RETRY): Run =>
  async (step, _event, turn) => {
    try {
      return await step.do('ask', config, async (ctx: Context) => {
        const deferred = ctx.defer();
        await turn.call('MAIL', 'send', [deferred.token]);
        return deferred;
      });
    } catch (error) {
      return [(error as Error).name, (error as Error).message];
    }
  };

const asked = async (config?: object): Promise<HandTurn> => {
  const turn = await runOf(asking(config));
  return turn.answer(turn.calls.length, '[1]');
};

describe('a callback that returns a deferred result', () => {
  it('leaves its step open: the turn is blocked until the deadline of the attempt', async () => {
    const turn = await asked();
    expect(turn.story).toEqual(['started', 'attempt_started ask', 'token_made ask', 'attempt_deferred ask']);
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + MINUTE, isHolding: false });
  });

  it('has the hash of its token recorded before the token can leave (E2)', async () => {
    const turn = await runOf(asking());
    const [call] = turn.calls;
    expect(call?.args).toBe('[[1],"prefix.1"]');
    expect(call?.records).toContainEqual(expect.objectContaining({ kind: 'token_made', attempt: 1, hash: hashOf(1) }));
    expect(JSON.stringify(turn.journal)).not.toContain('prefix.1');
  });

  it('gets the result that comes by the token', async () => {
    const turn = await asked();
    await turn.complete('ask', { ok: true, value: '[{"isFine":1},true]' });
    expect(turn.output).toEqual({ isFine: true });
    expect(turn.story.slice(-3)).toEqual(['completion_received ask', 'completion_consumed ask', 'completed']);
    expect(violationsOf(turn.journal)).toEqual([]);
  });

  it('gives the same on replay from wherever it is cut, and runs no callback again', async () => {
    let ran = 0;
    const run: Run = async (step) => {
      const result = await step.do('ask', RETRY, async (ctx: Context) => {
        ran += 1;
        return ctx.defer();
      });
      await step.sleep('n', '1 day');
      return result;
    };
    const turn = await runOf(run);
    await turn.complete('ask', { ok: true, value: '["yes"]' });
    await turn.pass(86_400_000);
    expect(turn.output).toBe('yes');
    ran = 0;
    const { journal } = turn;
    const first = journal.findIndex(({ kind }) => kind === 'attempt_deferred') + 1;
    for (let length = first; length < journal.length; length++) {
      const again = await new HandTurn(run, journal.slice(0, length)).drain();
      if (!journal.slice(0, length).some(({ kind }) => kind === 'completion_received')) {
        await again.complete('ask', { ok: true, value: '["yes"]' });
      }
      expect((await again.pass(2 * 86_400_000)).output).toBe('yes');
    }
    expect(ran).toBe(0);
  });

  it('may return it without waiting for anything, and beside other steps', async () => {
    const turn = await runOf(async (step) =>
      Promise.all([
        step.do('a', ({ defer }: Context) => defer()),
        step.do('b', async ({ defer }: Context) => defer()),
        step.do('c', async () => 3),
      ]),
    );
    await turn.complete('b', { ok: true, value: '[2]' });
    expect(turn.isFinished).toBe(false);
    await turn.complete('a', { ok: true, value: '[1]' });
    expect(turn.output).toEqual([1, 2, 3]);
  });

  it('settles at once where the result came while it was at work', async () => {
    const turn = await runOf(asking());
    await turn.complete('ask', { ok: true, value: '["early"]' });
    expect(turn.isFinished).toBe(false);
    await turn.answer(1, '[1]');
    expect(turn.output).toBe('early');
  });

  it('may return something else instead, and the token is for nothing', async () => {
    const run: Run = (step) =>
      step.do('ask', (ctx: Context) => {
        ctx.defer();
        return 'at once';
      });
    expect((await runOf(run)).output).toBe('at once');
  });
});

describe('a deferred result that is an error', () => {
  it('fails the attempt, and another one asks by another token', async () => {
    const turn = await asked();
    await turn.complete('ask', { ok: false, error: { name: 'Refused', message: 'not today' } });
    await turn.pass(100);
    await turn.answer(2, '[1]');
    const failed = turn.journal.find(({ kind }) => kind === 'attempt_failed');
    expect(failed).toMatchObject({ attempt: 1, error: { name: 'Refused', message: 'not today' } });
    expect(turn.journal.filter(({ kind }) => kind === 'token_made')).toMatchObject([
      { attempt: 1, hash: hashOf(1) },
      { attempt: 2, hash: hashOf(2) },
    ]);
    await turn.complete('ask', { ok: true, value: '["then"]' }, { attempt: 2 });
    expect(turn.output).toBe('then');
  });

  it('is thrown into run() when the retries are used up', async () => {
    const turn = await asked(ONCE);
    await turn.complete('ask', { ok: false, error: { name: 'TypeError', message: 'no' } });
    expect(turn.output).toEqual(['TypeError', 'no']);
  });

  it('is not tried again where its name says so', async () => {
    const turn = await asked();
    await turn.complete('ask', { ok: false, error: { name: 'NonRetryableError', message: 'never' } });
    expect(turn.output).toEqual(['NonRetryableError', 'never']);
  });
});

describe('the deadline of a deferred attempt', () => {
  it('is that of the whole attempt: it times out and is tried again', async () => {
    const turn = await runOf(asking());
    await turn.pass(MINUTE / 2);
    await turn.answer(1, '[1]');
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + MINUTE });
    await turn.pass(MINUTE / 2);
    const failed = turn.journal.find(({ kind }) => kind === 'attempt_failed');
    expect(failed).toMatchObject({ at: START_TIME + MINUTE, error: { name: 'WorkflowTimeoutError' } });
    await turn.pass(100);
    expect(turn.calls).toHaveLength(2);
  });

  it('ends the step where it was the last attempt', async () => {
    const turn = await asked(ONCE);
    await turn.pass(MINUTE);
    expect(turn.output).toEqual(['WorkflowTimeoutError', 'Execution timed out after 60000ms']);
  });

  it('waits to hear whether a result was accepted in time', async () => {
    const turn = await asked(ONCE);
    turn.isAnswering = false;
    await turn.pass(MINUTE);
    expect(turn.said.at(-1)).toBe('need_inbox');
    turn.time -= 1;
    await turn.complete('ask', { ok: true, value: '["in time"]' });
    turn.turn.onMessage({ kind: 'inbox', records: [], isAnswer: true });
    await turn.drain();
    expect(turn.output).toBe('in time');
  });

  it('takes nothing that was accepted after it', async () => {
    const turn = await asked(ONCE);
    turn.isAnswering = false;
    await turn.pass(MINUTE);
    turn.time += 1;
    await turn.complete('ask', { ok: true, value: '["late"]' });
    turn.turn.onMessage({ kind: 'inbox', records: [], isAnswer: true });
    await turn.drain();
    expect(turn.output).toEqual(['WorkflowTimeoutError', 'Execution timed out after 60000ms']);
  });

  it('stays what it was over a replay', async () => {
    const first = await asked(ONCE);
    const again = await new HandTurn(asking(ONCE), first.journal, { time: START_TIME + 1_000 }).drain();
    expect(again.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + MINUTE });
    expect(again.calls).toEqual([]);
  });
});

describe('a deferred result with a timeout of its own', () => {
  /** Tells the token after half a minute of work, of the minute that its step allows. */
  const asked = async (timeout: unknown, retries: object = ONCE.retries): Promise<HandTurn> => {
    const turn = await runOf(async (step, _event, guest) => {
      try {
        return await step.do('ask', { timeout: '1 minute', retries }, async (ctx: Context) => {
          const deferred = ctx.defer({ timeout });
          await guest.call('MAIL', 'send', [deferred.token]);
          return deferred;
        });
      } catch (error) {
        return [(error as Error).name, (error as Error).message];
      }
    });
    await turn.pass(MINUTE / 2);
    return turn.answer(1, '[1]');
  };

  it('is waited for longer than the step may take, from when it was made', async () => {
    const turn = await asked('7 days');
    const wakeAt = START_TIME + 7 * 24 * 60 * MINUTE;
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt });
    const deferral = turn.journal.find(({ kind }) => kind === 'attempt_deferred');
    expect(deferral).toMatchObject({ until: wakeAt, timeoutMs: 7 * 24 * 60 * MINUTE });
    await turn.pass(6 * 24 * 60 * MINUTE);
    await turn.complete('ask', { ok: true, value: '["after days"]' });
    expect(turn.output).toBe('after days');
    expect(violationsOf(turn.journal)).toEqual([]);
  });

  it('is waited for shorter than the step may take', async () => {
    const turn = await asked(MINUTE / 2 + 100);
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + MINUTE / 2 + 100 });
    await turn.pass(100);
    expect(turn.output).toEqual(['WorkflowTimeoutError', `Execution timed out after ${MINUTE / 2 + 100}ms`]);
  });

  it('leaves the callback the time of its step, and is over when that returns too late', async () => {
    const turn = await asked(100);
    expect(turn.output).toEqual(['WorkflowTimeoutError', 'Execution timed out after 100ms']);
    expect(turn.story).toContain('attempt_deferred ask');
  });

  it('does not let the callback work longer than its step may take', async () => {
    const run: Run = (step) =>
      step.do('ask', ONCE, (ctx: Context) => {
        ctx.defer({ timeout: '7 days' });
        return new Promise(() => {});
      });
    const turn = await runOf(run);
    await turn.pass(MINUTE);
    expect(turn.error.message).toBe('Execution timed out after 60000ms');
  });

  it('times out for another attempt, which asks anew', async () => {
    const turn = await asked('2 minutes', { limit: 1, delay: 100, backoff: 'constant' });
    await turn.pass(1.5 * MINUTE);
    expect(turn.journal.find(({ kind }) => kind === 'attempt_failed')).toMatchObject({
      at: START_TIME + 2 * MINUTE,
      error: { message: 'Execution timed out after 120000ms' },
    });
    await turn.pass(100);
    await turn.answer(1, '[1]');
    await turn.complete('ask', { ok: true, value: '["then"]' }, { attempt: 2 });
    expect(turn.output).toBe('then');
  });

  it('keeps its deadline over a replay, moves it with a pause, and says how long it was', async () => {
    const first = await asked('1 hour');
    const run: Run = (step) => step.do('ask', ONCE, () => 'not called again');
    const again = await new HandTurn(run, first.journal).drain();
    expect(again.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + 60 * MINUTE });
    await again.beside({ kind: 'pause_requested', at: again.lastAt, seq: 1, requestedAt: again.time });
    again.time += 10 * MINUTE;
    await again.beside({ kind: 'resumed', at: again.lastAt, seq: 2, resumedAt: again.time });
    expect(again.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + 70 * MINUTE });
    await again.pass(60 * MINUTE);
    expect(again.error.message).toBe('Execution timed out after 3600000ms');
  });
});

describe('a mistake with a deferred result is fatal and names its step', () => {
  const failing = async (run: Run): Promise<string> => {
    const { name, message } = (await runOf(run)).error;
    expect(name).toBe('WorkflowFatalError');
    return message;
  };

  it('where another attempt has made it', async () => {
    const message = await failing(async (step) => {
      let first: unknown;
      await step.do('first', (ctx: Context) => {
        first = ctx.defer();
        return 1;
      });
      await step.do('second', (ctx: Context) => {
        ctx.defer();
        return first;
      });
    });
    expect(message).toBe('Step "second" returned a deferred result that another attempt has made');
  });

  it.each([
    ['in an object', (deferred: unknown) => ({ deferred })],
    ['in a list', (deferred: unknown) => [deferred]],
  ])('where it stands %s', async (_, nest) => {
    const message = await failing((step) => step.do('nested', (ctx: Context) => nest(ctx.defer())));
    expect(message).toMatch(/^Step "nested" returned a value that cannot be stored: a deferred result is no part/);
  });

  it.each([
    [{ timeout: '5 bananas' }, 'defer(): timeout: "5 bananas" is not a duration'],
    [{ timeout: '1 hour', retries: 1 }, 'defer() has no option "retries"'],
  ])('where it is asked for with %j, and no token is made', async (options, problem) => {
    const turn = await runOf((step) => step.do('ask', (ctx: Context) => ctx.defer(options)));
    expect(turn.error).toMatchObject({ name: 'WorkflowFatalError' });
    expect(turn.error.message).toContain(`Step "ask": ${problem}`);
    expect(turn.tokens).toBe(0);
  });

  it('where an attempt makes a second one', async () => {
    const message = await failing((step) =>
      step.do('twice', (ctx: Context) => {
        ctx.defer();
        return ctx.defer();
      }),
    );
    expect(message).toBe('Step "twice": an attempt has one deferred result. Use a step for each');
  });
});

describe('defer() after the attempt is over', () => {
  it("is refused, and so are calls: what comes now is nobody's", async () => {
    const contexts: Context[] = [];
    const turn = await runOf(async (step, _event, guest) => {
      await step.do('ask', (ctx: Context) => {
        contexts.push(ctx);
        guest.setTimer(10, () => {}, true);
        return ctx.defer();
      });
    });
    expect(() => contexts[0]?.defer()).toThrow(
      'Step "ask": defer() was refused, since the attempt that called it is over',
    );
    expect(turn.said.at(-1)).toBe('blocked');
  });
});

describe('the proxy of a binding', () => {
  it('can leave the step of its caller open', async () => {
    const turn = await runOf((step, _event, guest) =>
      step.do('exec', async () => {
        const deferred = deferInAttempt(guest);
        await guest.call('SANDBOX', 'exec', [deferred.token]);
        return deferred;
      }),
    );
    await turn.answer(1, '[1]');
    await turn.complete('exec', { ok: true, value: '[{"exitCode":1},0]' });
    expect(turn.output).toEqual({ exitCode: 0 });
  });

  it('is refused outside of a step, with what to do instead', async () => {
    const turn = await runOf(async (_step, _event, guest) => deferInAttempt(guest));
    expect(turn.error).toMatchObject({
      name: 'WorkflowFatalError',
      message: 'A deferred result was asked for outside a step: make the call inside step.do',
    });
    const request = new RequestTurn({
      now: () => 0,
      post: () => {},
      setAlarm: () => {},
      postEntry: () => {},
      makeToken: () => ({ token: '', hash: '' }),
      mapStack: (stack) => stack,
    });
    expect(() => deferInAttempt(request)).toThrow('outside a step');
  });
});

describe('a pause', () => {
  it('lets a deferred attempt wait, and moves its deadline when it ends', async () => {
    const turn = await asked(ONCE);
    await turn.beside({ kind: 'pause_requested', at: turn.lastAt, seq: 1, requestedAt: turn.time });
    await turn.complete('ask', { ok: true, value: '["meanwhile"]' });
    expect(turn.isFinished).toBe(false);
    expect(turn.messages.at(-1)).not.toHaveProperty('wakeAt');
    turn.time += 10 * MINUTE;
    await turn.beside({ kind: 'resumed', at: turn.lastAt, seq: 3, resumedAt: turn.time });
    expect(turn.output).toBe('meanwhile');
  });
});
