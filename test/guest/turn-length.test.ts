import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../lib/core/limits.ts';
import { type Context, HandTurn, type Run, runOf, START_TIME } from './hand-host.ts';

const limits = { steps: 100, records: 400, callbackMs: 14 * MINUTE_MS };

describe('a turn that has to end', () => {
  const twoSteps: Run = async (step) => {
    const a = await step.do('a', { timeout: 100 }, async () => 1);
    return a + (await step.do('b', { timeout: 500 }, async () => 2));
  };

  it('starts no attempt that may last longer than it, says so, and another turn goes on from there', async () => {
    const first = await runOf(twoSteps, { endsAt: START_TIME + 300 });
    expect(first.story).toEqual(['started', 'step_settled a']);
    expect(first.said.at(-1)).toBe('yield');
    const second = new HandTurn(twoSteps, first.journal, { endsAt: START_TIME + 1_000 });
    await second.drain();
    expect(second.output).toBe(3);
  });

  it('lets what is under way come to its end first', async () => {
    const turn = await runOf(
      async (step, _event, guest) => {
        const inATime = () => new Promise<number>((resolve) => guest.setTimer(150, () => resolve(1), true));
        const slow = step.do('slow', { timeout: 200 }, inATime);
        const long = step.do('long', { timeout: '1 hour' }, async () => 2);
        return Promise.all([slow, long]);
      },
      { endsAt: START_TIME + 300 },
    );
    expect(turn.said).not.toContain('yield');
    await turn.pass(150);
    expect(turn.story).toContain('step_settled slow');
    expect(turn.said.at(-1)).toBe('yield');
  });

  it('hands a retry on that has become due too late for it', async () => {
    const turn = await runOf(
      (step) =>
        step.do('a', { timeout: 100, retries: { limit: 1, delay: 250, backoff: 'constant' } }, () => {
          throw new Error('not yet');
        }),
      { endsAt: START_TIME + 300 },
    );
    await turn.pass(300);
    expect(turn.story.filter((record) => record === 'attempt_failed a')).toHaveLength(1);
    expect(turn.said.at(-1)).toBe('yield');
  });
});

describe('where a callback may not be at work for ever', () => {
  it('a step that asks for more is refused at the call by name, with what to do instead', async () => {
    const turn = await runOf((step) => step.do('build', { timeout: '1 hour' }, () => 1), { limits });
    expect(turn.error.name).toBe('WorkflowFatalError');
    expect(turn.error.message).toContain('Step "build": timeout is longer than the limit of 14 minutes');
    expect(turn.error.message).toMatch(/env\.SANDBOX.*ctx\.defer\(\{ timeout \}\)/);
    expect(turn.story).toEqual(['started', 'errored']);
  });

  it('what comes from outside may take longer: a deferred result has a timeout of its own', async () => {
    const ask: Run = (step) => step.do('ask', (ctx: Context) => ctx.defer({ timeout: '7 days' }));
    const turn = await runOf(ask, { limits, endsAt: START_TIME + 15 * MINUTE_MS });
    const wakeAt = START_TIME + 7 * 24 * 60 * MINUTE_MS;
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt });
    await turn.pass(6 * 24 * 60 * MINUTE_MS);
    await turn.complete('ask', { ok: true, value: '["after days"]' });
    expect(turn.output).toBe('after days');
  });

  it('a timeout of a minute more is taken, and the attempt ends where it must', async () => {
    const never: Run = (step) =>
      step.do('wait', { timeout: '15 minutes', retries: { limit: 0, delay: 1 } }, () => new Promise(() => {}));
    const turn = await runOf(never, { limits });
    await turn.pass(14 * MINUTE_MS);
    expect(turn.error.message).toBe(`Execution timed out after ${14 * MINUTE_MS}ms`);
  });

  it('that attempt is tried again as any other that timed out', async () => {
    const slowAtFirst: Run = (step) =>
      step.do('wait', { timeout: '15 minutes', retries: { limit: 1, delay: 1 } }, ({ attempt }: Context) =>
        attempt === 1 ? new Promise(() => {}) : 'in time',
      );
    const turn = await runOf(slowAtFirst, { limits });
    await turn.pass(14 * MINUTE_MS + 1);
    expect(turn.output).toBe('in time');
  });

  it('the minute more is there for a deferred result, which needs no callback at work', async () => {
    const ask: Run = (step) => step.do('ask', { timeout: '15 minutes' }, (ctx: Context) => ctx.defer());
    const turn = await runOf(ask, { limits });
    expect(turn.messages.at(-1)).toMatchObject({ kind: 'blocked', wakeAt: START_TIME + 15 * MINUTE_MS });
  });
});
