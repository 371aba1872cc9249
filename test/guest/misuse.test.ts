import { describe, expect, it } from 'vitest';
import { HandTurn, type Run, runOf } from './hand-host.ts';

const fatal = async (run: Run, more = {}) => {
  const turn = await runOf(run, more);
  return turn.error;
};

describe('a mistake in a call is fatal, and says which step and what', () => {
  it.each<[string, Run, readonly string[]]>([
    ['a bad duration', (step) => step.sleep('nap', 'banana'), ['"nap"', '"banana"']],
    ['a negative duration', (step) => step.sleep('nap', -5), ['"nap"', '-5']],
    ['a bad moment', (step) => step.sleepUntil('nap', 'tomorrow'), ['"nap"', '"tomorrow"']],
    ['a bad config', (step) => step.do('pay', { timeout: 0 }, () => 1), ['"pay"', 'timeout']],
    ['an unknown field', (step) => step.do('pay', { retry: 1 }, () => 1), ['"pay"', '"retry"']],
    ['no callback', (step) => step.do('pay'), ['"pay"', 'function']],
    ['no name', (step) => step.do('', () => 1), ['name']],
    ['a name with control characters', (step) => step.do('a\u0000', () => 1), ['name']],
    ['a bad event type', (step) => step.waitForEvent('w', { type: 'no way' }), ['"w"', 'type']],
    ['a bad timeout', (step) => step.waitForEvent('w', { type: 'x', timeout: 'soon' }), ['"w"', '"soon"']],
  ])('%s', async (_, run, words) => {
    const error = await fatal(run);
    expect(error.name).toBe('WorkflowFatalError');
    for (const word of words) expect(error.message).toContain(word);
  });

  it('may be caught like any error, and the code goes on', async () => {
    const turn = await runOf(async (step) => {
      await step.sleep('nap', 'banana').catch(() => {});
      return step.do('a', async () => 'on');
    });
    expect(turn.output).toBe('on');
  });

  it.each([
    ['a function', () => () => 1],
    ['a symbol', () => Symbol('s')],
    ['a function deep inside', () => ({ list: [{ f: () => 1 }] })],
    ['a promise', () => ({ later: Promise.resolve(1) })],
    [
      'a getter that throws',
      () => ({
        get x() {
          throw new Error('hostile');
        },
      }),
    ],
  ])('a step that gives %s fails without another try (bug 12)', async (_, give) => {
    const turn = await runOf((step) => step.do('make', give));
    expect(turn.error.name).toBe('WorkflowFatalError');
    expect(turn.error.message).toContain('Step "make" returned a value that cannot be stored');
    expect(turn.story).toEqual(['started', 'step_settled make', 'errored']);
  });

  it('a run() that gives a function fails', async () => {
    const error = await fatal(() => () => 1);
    expect(error.message).toContain('run() returned a value that cannot be stored');
  });

  it('a step with a result of 1 MiB is kept, with one byte more it is refused', async () => {
    const ok = await runOf(
      async (step) => ((await step.do('big', async () => 'x'.repeat(1_048_574))) as string).length,
    );
    expect(ok.output).toBe(1_048_574);
    const error = await fatal((step) => step.do('big', async () => 'x'.repeat(1_048_575)));
    expect(error.message).toBe('Step "big-1" output is too large. Maximum allowed size is 1MiB.');
  });

  it('an output of more than 1 MiB is refused', async () => {
    const error = await fatal(() => new Uint8Array(1_048_577));
    expect(error.message).toContain('too large. Maximum allowed size is 1MiB');
  });

  it('one step too many', async () => {
    const many: Run = async (step) => {
      for (let index = 0; index < 4; index++) await step.do('a', async () => 1).catch(() => {});
    };
    const turn = await runOf(many, { limits: { steps: 3, records: 100 } });
    expect(turn.error.message).toBe('The limit of 3 steps has been reached.');
    expect(turn.journal.filter(({ kind }) => kind === 'step_settled')).toHaveLength(3);
  });

  it('a result that passes what an instance may store', async () => {
    const run: Run = async (step) => {
      await step.do('fits', async () => 'é'.repeat(400));
      const why = await step.do('too much', async () => 'x'.repeat(200)).catch(({ message }) => message);
      return [why, await step.do('small', async () => 1)];
    };
    const turn = await runOf(run, { limits: { steps: 9, records: 36, storedBytes: 1_000 } });
    expect(turn.output).toEqual(['Step "too much-1" output is too large. An instance stores at most 1GiB in all.', 1]);
    const again = await new HandTurn(run, turn.journal.slice(0, -1), {
      limits: { steps: 9, records: 36, storedBytes: 1_000 },
    }).drain();
    expect(again.output).toEqual(turn.output);
  });

  it('too many records of any kind', async () => {
    const run: Run = async (step) => {
      for (;;) await step.sleep('n', 0);
    };
    const turn = await runOf(run, { limits: { steps: 5, records: 20 } });
    expect(turn.error.message).toContain('The limit of 20 journal records has been reached');
    expect(turn.journal.length).toBeLessThanOrEqual(36);
  });

  it('a plain timer of a second or more outside a step', async () => {
    const error = await fatal(async (_step, _event, turn) => turn.setTimer(1_000, () => {}, true));
    expect(error.message).toContain('Use step.sleep instead');
    const short = await new HandTurn(
      (_step, _event, turn) => new Promise((resolve) => turn.setTimer(999, () => resolve('fine'), true)),
    ).pass(999);
    expect(short.output).toBe('fine');
    const inStep = await new HandTurn((step, _event, turn) =>
      step.do('a', () => new Promise((resolve) => turn.setTimer(5_000, () => resolve('fine'), true))),
    ).pass(5_000);
    expect(inStep.output).toBe('fine');
  });

  it('also where the error is caught: there is no way on', async () => {
    const error = await fatal(async (_step, _event, turn) => {
      try {
        turn.setTimer(5_000, () => {}, true);
      } catch {}
      await new Promise(() => {});
    });
    expect(error.name).toBe('WorkflowFatalError');
  });
});

describe('a run() that waits for nothing', () => {
  it('fails at once and says so', async () => {
    const error = await fatal(() => new Promise(() => {}));
    expect(error).toMatchObject({ name: 'WorkflowFatalError', message: expect.stringContaining('can never happen') });
  });

  it('is not one that waits for a step, a timer, a call or an event', async () => {
    const waiting: Run[] = [
      (step) => step.do('a', () => new Promise(() => {})),
      (step) => step.sleep('n', '1 day'),
      (step) => step.waitForEvent('w', { type: 'go' }),
      (_step, _event, turn) => new Promise((resolve) => turn.setTimer(100, () => resolve(1), true)),
      (_step, _event, turn) => turn.call('BOX', 'get', []),
    ];
    for (const run of waiting) expect((await runOf(run)).isFinished).toBe(false);
  });

  it('is one that waits only for a deadline that nobody waits for by itself', async () => {
    const error = await fatal((_step, _event, turn) => new Promise(() => turn.setTimer(100, () => {}, false)));
    expect(error.message).toContain('can never happen');
  });
});

describe('the end of run()', () => {
  it('does not wait for attempts in flight, and nothing of them comes after', async () => {
    let finish: (value: string) => void = () => {};
    const turn = await runOf(async (step) => {
      void step.do(
        'slow',
        () =>
          new Promise((resolve) => {
            finish = resolve;
          }),
      );
      return step.do('quick', async () => 'first');
    });
    expect(turn.output).toBe('first');
    const { length } = turn.messages;
    finish('late');
    await turn.pass(10_000_000);
    await turn.event('go');
    expect(turn.messages).toHaveLength(length);
    expect(turn.alarmAt).toBeUndefined();
  });

  it('gives the error with its class, message, stack and fields', async () => {
    const turn = await runOf(() => {
      throw Object.assign(new RangeError('bad'), { code: 7, cause: new Error('why'), skip: () => 1 });
    });
    expect(turn.error).toMatchObject({ name: 'RangeError', message: 'bad', stack: 'mapped RangeError: bad' });
    expect(turn.error).toHaveProperty('encoded', expect.stringContaining('code'));
  });

  it('survives an error that is hostile to whoever reads it', async () => {
    const hostile = new Error('x');
    for (const name of ['name', 'message', 'stack']) {
      Object.defineProperty(hostile, name, {
        get: () => {
          throw new Error('trap');
        },
      });
    }
    expect((await runOf(() => Promise.reject(hostile))).error).toMatchObject({ name: 'Error', message: '' });
    const huge = Object.assign(new Error('m'.repeat(100_000)), { name: 'n'.repeat(5_000) });
    const { name, message } = (await runOf(() => Promise.reject(huge))).error;
    expect([name.length, message.length]).toEqual([257, 16_385]);
  });
});

it('the event is read-only and whole', async () => {
  const turn = await runOf(
    (_step, event) => {
      expect(() => {
        event.payload.list.push(1);
      }).toThrow(TypeError);
      expect(() => {
        event.payload = 1;
      }).toThrow(TypeError);
      return event;
    },
    { payload: '[{"list":1},[]]', schedule: { cron: '* * * * *', scheduledAt: 7 } },
  );
  expect(turn.output).toEqual({
    payload: { list: [] },
    timestamp: new Date(999_500),
    instanceId: 'instance',
    workflowName: 'W',
    schedule: { cron: '* * * * *', scheduledTime: 7 },
  });
  expect((await runOf((_step, event) => event.payload)).output).toEqual({});
});
