import { describe, expect, it } from 'vitest';
import { NonRetryableError } from '../../lib/sdk/workflows.ts';
import { type Context, HandTurn, type Run, runOf, START_TIME } from './hand-host.ts';

const RETRY = { retries: { limit: 2, delay: 100, backoff: 'constant' } };
const ONCE = { retries: { limit: 0, delay: 0 } };

describe('a callback that fails', () => {
  it('is tried again after its delay, as often as its config says', async () => {
    const at: number[] = [];
    const turn = new HandTurn(async (step) =>
      step.do('a', RETRY, async ({ attempt }: Context) => {
        at.push(turn.time - START_TIME);
        throw new Error(`no ${attempt}`);
      }),
    );
    await turn.pass(1_000);
    expect(at).toEqual([0, 100, 200]);
    expect(turn.error).toMatchObject({ name: 'Error', message: 'no 3' });
    expect(turn.story).toEqual(['started', 'attempt_failed a', 'attempt_failed a', 'step_settled a', 'errored']);
  });

  it('may succeed later, and the workflow goes on', async () => {
    const turn = new HandTurn((step) =>
      step.do('a', RETRY, async ({ attempt }: Context) => {
        if (attempt < 3) throw new Error('no');
        return attempt;
      }),
    );
    expect((await turn.pass(1_000)).output).toBe(3);
  });

  it('backs off by the defaults where nothing is said', async () => {
    const turn = new HandTurn((step) => step.do('a', () => Promise.reject(new Error('no'))));
    await turn.pass(100_000_000);
    const delays = turn.journal.flatMap((record) =>
      record.kind === 'attempt_failed' ? [record.retryAt - record.at] : [],
    );
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(turn.error.message).toBe('no');
  });

  it('is caught in run() by class and message, and not run again on replay (bug 6)', async () => {
    let ran = 0;
    const run: Run = async (step) => {
      try {
        await step.do('a', async () => {
          ran += 1;
          throw new NonRetryableError('never');
        });
      } catch (error) {
        await step.sleep('n', '1 day');
        return [error instanceof NonRetryableError, (error as Error).message];
      }
    };
    const turn = await runOf(run);
    const again = await new HandTurn(run, turn.journal).pass(86_400_000);
    expect(again.output).toEqual([true, 'never']);
    expect(ran).toBe(1);
  });

  it.each([
    ['a NonRetryableError', () => new NonRetryableError('x')],
    ['one with a name of its own', () => new NonRetryableError('x', 'Custom')],
    ['any error of that name', () => Object.assign(new Error('x'), { name: 'NonRetryableError' })],
  ])('by %s is not tried again', async (_, make) => {
    const turn = new HandTurn((step) => step.do('a', async () => Promise.reject(make())));
    await turn.drain();
    expect(turn.story).toEqual(['started', 'step_settled a', 'errored']);
  });

  it.each([
    ['a text', 'plain', 'plain'],
    ['undefined', undefined, 'a value that is no error was thrown'],
    ['an object', { code: 5 }, '{"code":5}'],
    ['a symbol', Symbol('s'), 'a value that is no error was thrown'],
  ])('by throwing %s is an error all the same', async (_, thrown, message) => {
    const turn = await runOf((step) => step.do('a', ONCE, () => Promise.reject(thrown)));
    expect(turn.error).toEqual(expect.objectContaining({ name: 'Error', message }));
  });

  it('at once, without a promise, counts like any other', async () => {
    const turn = await runOf((step) =>
      step.do('a', ONCE, () => {
        throw new TypeError('sync');
      }),
    );
    expect(turn.error).toMatchObject({
      name: 'TypeError',
      message: 'sync',
      stack: expect.stringContaining('mapped TypeError: sync'),
    });
  });

  it('keeps the delay and the attempts over a replay', async () => {
    const run: Run = (step) =>
      step.do('a', { retries: { limit: 1, delay: '1 hour' } }, ({ attempt }: Context) =>
        Promise.reject(new Error(`no ${attempt}`)),
      );
    const first = await runOf(run);
    expect(first.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + 3_600_000 });
    const again = await new HandTurn(run, first.journal).drain();
    expect(again.story).toEqual(['started', 'attempt_failed a']);
    await again.pass(3_600_000);
    expect(again.error.message).toBe('no 2');
  });

  it('pins the config that was seen first', async () => {
    const run =
      (limit: number): Run =>
      (step) =>
        step.do('a', { retries: { limit, delay: 10 } }, () => Promise.reject(new Error('no')));
    const first = await runOf(run(1));
    const again = await new HandTurn(run(9), first.journal).pass(100_000);
    expect(again.journal.filter(({ kind }) => kind === 'attempt_failed')).toHaveLength(1);
  });
});

describe('an attempt that takes too long', () => {
  it('is ended, aborted and tried again; what it still gives is ignored (bug 9)', async () => {
    const late: ((value: unknown) => void)[] = [];
    const reasons: unknown[] = [];
    const turn = new HandTurn((step) =>
      step.do('a', { timeout: 50, retries: { limit: 1, delay: 100 } }, ({ attempt, signal }: Context) => {
        signal.addEventListener('abort', () => reasons.push((signal.reason as Error).message));
        return attempt === 1 ? new Promise((resolve) => late.push(resolve)) : 'second';
      }),
    );
    await turn.pass(50);
    expect(reasons).toEqual(['Execution timed out after 50ms']);
    late[0]?.('too late');
    await turn.pass(200);
    expect(turn.output).toBe('second');
    const failed = turn.journal.find(({ kind }) => kind === 'attempt_failed');
    expect(failed).toMatchObject({
      error: { name: 'WorkflowTimeoutError', message: 'Execution timed out after 50ms' },
    });
  });

  it('makes no more calls to the outside', async () => {
    let refusal = '';
    const turn = new HandTurn((step, _event, guest) =>
      step.do('a', { timeout: 50, ...ONCE }, ({ signal }: Context) => {
        signal.addEventListener('abort', () => {
          guest.call('BOX', 'put', []).catch((error: Error) => {
            refusal = error.message;
          });
        });
        return new Promise(() => {});
      }),
    );
    await turn.pass(50);
    expect(refusal).toContain('BOX.put was refused');
    expect(turn.calls).toEqual([]);
    expect(turn.error.name).toBe('WorkflowTimeoutError');
  });

  it('shows its signal aborted to whoever looks only afterwards', async () => {
    let late: Context | undefined;
    const turn = new HandTurn((step) =>
      step.do('a', { timeout: 50, ...ONCE }, (context: Context) => {
        late = context;
        return new Promise(() => {});
      }),
    );
    await turn.pass(60);
    expect(late?.signal.aborted).toBe(true);
  });

  it('drops the answer to a call that it had made, and its timers', async () => {
    const seen: string[] = [];
    const turn = new HandTurn(async (step, _event, guest) => {
      await step
        .do('a', { timeout: 50, ...ONCE }, () => {
          guest.setTimer(80, () => seen.push('timer'), true);
          return guest.call('BOX', 'get', []).then(() => seen.push('answer'));
        })
        .catch(() => {});
      await step.sleep('n', 100);
    });
    await turn.pass(50);
    await turn.answer(1, '["late"]');
    await turn.pass(100);
    expect(seen).toEqual([]);
    expect(turn.isFinished).toBe(true);
  });
});

describe('the context of a callback', () => {
  it('says which step, which attempt and with which config', async () => {
    const turn = await runOf((step) =>
      step.do(
        'pay',
        { timeout: '5 seconds', sensitive: 'output' },
        ({ step: of, attempt, config, signal }: Context) => [of, attempt, config, signal.aborted],
      ),
    );
    expect(turn.output).toEqual([
      { name: 'pay', count: 1 },
      1,
      { retries: { limit: 5, delay: 1_000, backoff: 'exponential' }, timeout: 5_000, sensitive: 'output' },
      false,
    ]);
  });
});

describe('an attempt that was lost with its turn', () => {
  const started = { kind: 'started', at: 1 } as const;
  const open = (name: string) =>
    ({ kind: 'attempt_started', step: { kind: 'do', name, count: 1 }, ordinal: 1, attempt: 1, at: 2 }) as const;
  const failed = (cause: 'cpu_limit' | 'memory_limit' | 'executor_lost', isCounted = true) =>
    ({ kind: 'turn_failed', at: 3, cause, isCounted }) as const;
  const run: Run = (step) =>
    step.do('a', { retries: { limit: 1, delay: 10 } }, async ({ attempt }: Context) => attempt);

  it.each([
    ['cpu_limit', 'CpuLimitExceededError'],
    ['memory_limit', 'MemoryLimitExceededError'],
    ['executor_lost', 'WorkflowInternalError'],
  ] as const)('by %s counts, and says why', async (cause, name) => {
    const turn = await new HandTurn(run, [started, open('a'), failed(cause)]).pass(10_000);
    expect(turn.output).toBe(2);
    expect(turn.journal.find(({ kind }) => kind === 'attempt_failed')).toMatchObject({ attempt: 1, error: { name } });
  });

  it('by a neighbour does not count', async () => {
    const turn = await new HandTurn(run, [started, open('a'), failed('executor_lost', false)]).drain();
    expect(turn.output).toBe(1);
  });

  it('ends its step where it was the last', async () => {
    const once: Run = (step) => step.do('a', ONCE, async () => 'never');
    const pinned = {
      ...open('a'),
      config: { retries: { limit: 0, delayMs: 0, backoff: 'constant' as const }, timeoutMs: 9 },
    };
    const turn = await new HandTurn(once, [started, pinned, failed('memory_limit')]).drain();
    expect(turn.error.name).toBe('MemoryLimitExceededError');
  });
});
