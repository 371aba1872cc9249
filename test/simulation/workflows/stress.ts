import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';
import type { Ledger } from '../ledger.ts';
import type { TurnClock } from '../simulated-executor.ts';

export interface StressEnv {
  readonly LEDGER: Ledger;
  readonly clock: TurnClock;
}

const FAST = { retries: { limit: 20, delay: 700, backoff: 'constant' } } as const;

/** `value` as the first turn that got here saw it; another one later means that a replay went another way (E4). */
const pin = async <T>(step: WorkflowStep, name: string, value: T): Promise<T> => {
  const pinned = await step.do(name, async () => value);
  if (JSON.stringify(pinned) !== JSON.stringify(value)) {
    throw new Error(`E4: "${name}" was ${JSON.stringify(pinned)} and is ${JSON.stringify(value)}`);
  }
  return pinned;
};

/** Effects one after the other. */
export class Charges extends WorkflowEntrypoint<StressEnv, { count: number }> {
  async run(event: WorkflowEvent<{ count: number }>, step: WorkflowStep) {
    let sum = 0;
    for (let index = 1; index <= event.payload.count; index++) {
      sum += await step.do('charge', FAST, (ctx) => this.env.LEDGER.charge(ctx.step, ctx.attempt, index));
      if (index % 3 === 0) await step.do('note', async () => sum);
    }
    return { sum };
  }
}

/** Effects that policies hold back: each is charged, or refused, once and for all. A handler may be held back, too. */
export class Guarded extends WorkflowEntrypoint<StressEnv, { count: number; breaks?: boolean }> {
  async run(event: WorkflowEvent<{ count: number; breaks?: boolean }>, step: WorkflowStep) {
    const { LEDGER } = this.env;
    const charge = (name: string, amount: number) =>
      step
        .do(name, FAST, (ctx) => LEDGER.charge(ctx.step, ctx.attempt, amount), {
          rollback: async ({ ctx, output }) => {
            if (output !== undefined) await LEDGER.charge({ ...ctx.step, name: `undo ${name}` }, 0, -output);
          },
          rollbackConfig: { retries: { limit: 60, delay: 700, backoff: 'constant' } },
        })
        .catch((error: Error) => {
          if (error.name === 'PolicyRefusedError') return 'refused' as const;
          throw error;
        });
    const got: (number | 'refused')[] = [];
    for (let index = 1; index <= event.payload.count; index++) {
      got.push(await charge(index % 2 === 0 ? `asked ${index}` : `plain ${index}`, index));
    }
    got.push(...(await Promise.all([charge('asked left', 1), charge('forbidden', 2), charge('right', 3)])));
    await pin(step, 'pinned', got);
    if (event.payload.breaks === true) throw new RangeError('the guarded one breaks');
    return { got };
  }
}

/** Effects that are all undone again, since it breaks at its end. A handler does not know how often it has been tried: 0. */
export class Saga extends WorkflowEntrypoint<StressEnv, { count: number; ms: number }> {
  async run(event: WorkflowEvent<{ count: number; ms: number }>, step: WorkflowStep) {
    const { LEDGER } = this.env;
    const charge = (name: string, amount: number) =>
      step.do(name, FAST, (ctx) => LEDGER.charge(ctx.step, ctx.attempt, amount), {
        rollback: async ({ ctx, output }) => {
          await LEDGER.charge({ ...ctx.step, name: `undo ${name}` }, 0, -(output ?? 0));
        },
        rollbackConfig: { retries: { limit: 60, delay: 700, backoff: 'constant' } },
      });
    for (let index = 1; index <= event.payload.count; index++) await charge('charge', index);
    await Promise.all([charge('left', 1), step.sleep('nap', event.payload.ms), charge('right', 2)]);
    throw new RangeError('the saga breaks');
  }
}

/** Effects side by side, beside steps without any; some take their time. */
export class ParallelCharges extends WorkflowEntrypoint<StressEnv, { count: number }> {
  async run(event: WorkflowEvent<{ count: number }>, step: WorkflowStep) {
    const { LEDGER, clock } = this.env;
    const parts = await Promise.all(
      Array.from({ length: event.payload.count }, (_, index) =>
        index % 3 === 2
          ? step.do(`think ${index}`, async () => index)
          : step.do(`charge ${index}`, FAST, async (ctx) => {
              await clock.delay(index * 30);
              return LEDGER.charge(ctx.step, ctx.attempt, index);
            }),
      ),
    );
    return { sum: parts.reduce((sum, part) => sum + part, 0) };
  }
}

/** Who wins is settled once and for all. */
export class Races extends WorkflowEntrypoint<StressEnv, { ms: number }> {
  async run(event: WorkflowEvent<{ ms: number }>, step: WorkflowStep) {
    const { clock } = this.env;
    const { ms } = event.payload;
    const after = (name: string, delayMs: number) =>
      step.do(name, FAST, async () => {
        await clock.delay(delayMs);
        return name;
      });
    const winners: string[] = [];
    for (let round = 1; round <= 3; round++) {
      const winner = await Promise.race([
        after(`a${round}`, ms),
        after(`b${round}`, ms),
        step.sleep(`c${round}`, ms).then(() => `c${round}`),
      ]);
      winners.push(await pin(step, `winner ${round}`, winner));
    }
    const any = await Promise.any([
      step.do('fails', { retries: { limit: 1, delay: 100 } }, async () => {
        throw new Error('no');
      }),
      step.sleep('nap', ms).then(() => 'nap'),
      after('slow', ms + 50),
    ]);
    winners.push(await pin(step, 'any', any));
    const order: string[] = [];
    await Promise.all(
      ['x', 'y', 'z'].map((name, index) => after(name, (ms * (index + 1)) % 97).then((done) => order.push(done))),
    );
    return { winners, order: await pin(step, 'order', order) };
  }
}

/** Failures of all kinds, caught. */
export class Failures extends WorkflowEntrypoint<StressEnv, { tries: number }> {
  async run(event: WorkflowEvent<{ tries: number }>, step: WorkflowStep) {
    const { clock } = this.env;
    const caught: string[] = [];
    const note = (error: unknown) => caught.push((error as Error).message);
    await step
      .do('never', { retries: { limit: 8, delay: 5 } }, async () => {
        throw new NonRetryableError('not this way');
      })
      .catch(note);
    await step
      .do('always fails', { retries: { limit: 3, delay: 300, backoff: 'linear' } }, async ({ attempt }) => {
        throw new TypeError(`no ${attempt > 0}`);
      })
      .catch(note);
    const late = await step.do(
      'too slow at first',
      { retries: { limit: 20, delay: 1_002 }, timeout: '2 seconds' },
      async ({ attempt }) => {
        if (attempt === 1) await clock.delay(5_000);
        return 'in time';
      },
    );
    const [left, right] = await Promise.allSettled([
      step.do('left', FAST, async ({ attempt }) => {
        if (attempt <= event.payload.tries) throw new Error('later');
        return 'left';
      }),
      step.do('right', { retries: { limit: 0, delay: 1 } }, async () => {
        throw new Error('never');
      }),
    ]);
    return { caught, late, left: left.status, right: right.status };
  }
}

/** More events of one type than ten, taken one by one, in order, with pauses between. */
export class Collector extends WorkflowEntrypoint<StressEnv, { count: number; napEvery: number }> {
  async run(event: WorkflowEvent<{ count: number; napEvery: number }>, step: WorkflowStep) {
    const { count, napEvery } = event.payload;
    const got: number[] = [];
    while (got.length < count) {
      const { payload } = await step.waitForEvent<{ n: number }>(`item ${got.length + 1}`, {
        type: 'item',
        timeout: '30 days',
      });
      got.push(payload.n);
      if (got.length % napEvery === 0) await step.sleep('nap', 1_003);
    }
    return { got: await pin(step, 'got', got) };
  }
}

/** Waits and sleeps that compete, and waits of one type side by side. */
export class Competition extends WorkflowEntrypoint<StressEnv, { ms: number }> {
  async run(event: WorkflowEvent<{ ms: number }>, step: WorkflowStep) {
    const { ms } = event.payload;
    const heard: unknown[] = [];
    for (let round = 1; round <= 3; round++) {
      const said = await Promise.race([
        step
          .waitForEvent<{ n: number }>(`wait ${round}`, { type: 'item', timeout: '30 days' })
          .then((e) => e.payload.n),
        step.sleep(`sleep ${round}`, ms).then(() => 'silence'),
      ]);
      heard.push(await pin(step, `heard ${round}`, said));
    }
    const wait = step.waitForEvent<{ n: number }>('short', { type: 'item', timeout: ms }).then(
      (e) => e.payload.n,
      (error: Error) => error.name,
    );
    heard.push(await pin(step, 'heard last', await wait));
    const pair = await Promise.all([
      step.waitForEvent<{ n: number }>('one', { type: 'pair', timeout: '30 days' }),
      step.waitForEvent<{ n: number }>('two', { type: 'pair', timeout: '30 days' }),
    ]);
    const numbers = pair.map(({ payload }) => payload.n);
    return { heard: heard.length, isInOrder: (numbers[0] ?? 0) < (numbers[1] ?? 0) };
  }
}

/** Time and chance in `run()` are part of the journal. */
export class Dice extends WorkflowEntrypoint<StressEnv, { rounds: number }> {
  async run(event: WorkflowEvent<{ rounds: number }>, step: WorkflowStep) {
    const { clock } = this.env;
    for (let round = 1; round <= event.payload.rounds; round++) {
      await pin(step, `roll ${round}`, { now: clock.now(), roll: clock.random(), again: clock.random() });
      if (clock.random() < 0.5) await step.sleep(`even ${round}`, 500);
      else await step.do(`odd ${round}`, async () => clock.now());
      await step.sleepUntil(`until ${round}`, clock.now() + 1_500);
    }
    return { rounds: event.payload.rounds };
  }
}

/** Values that are too large to travel with their records. */
export class Freight extends WorkflowEntrypoint<StressEnv, { chars: number }> {
  async run(event: WorkflowEvent<{ chars: number }>, step: WorkflowStep) {
    const { chars } = event.payload;
    const made = await step.do('make', async () => 'x'.repeat(chars));
    await step.sleep('carry', 2_000);
    const { payload } = await step.waitForEvent<{ n: number; load: string }>('load', {
      type: 'item',
      timeout: '30 days',
    });
    await step.sleep('carry on', 2_000);
    const length = await step.do('weigh', async () => made.length + payload.load.length);
    return { length, expected: chars + payload.load.length };
  }
}

/** A callback that runs longer than a lease lasts. */
export class LongCallback extends WorkflowEntrypoint<StressEnv, { ms: number }> {
  async run(event: WorkflowEvent<{ ms: number }>, step: WorkflowStep) {
    const { LEDGER, clock } = this.env;
    const [slow, quick] = await Promise.all([
      step.do('slow', FAST, async (ctx) => {
        await clock.delay(event.payload.ms);
        return LEDGER.charge(ctx.step, ctx.attempt, 4);
      }),
      step.waitForEvent<{ n: number }>('meanwhile', { type: 'item', timeout: '30 days' }).then(() => 'heard'),
    ]);
    return { slow, quick };
  }
}

interface ErrandsParams {
  count: number;
  ms: number;
  timeoutMs: number;
  /** What a result may take from when it was asked for; absent: what `timeoutMs` leaves of the attempt. */
  resultMs?: number;
}

/**
 * Results that others give by token, side by side; every other callback goes on for a while after it has handed it out, the
 * first time perhaps for longer than the result may take.
 */
export class Errands extends WorkflowEntrypoint<StressEnv, ErrandsParams> {
  async run(event: WorkflowEvent<ErrandsParams>, step: WorkflowStep) {
    const { LEDGER, clock } = this.env;
    const { count, ms, timeoutMs, resultMs } = event.payload;
    const options = resultMs === undefined ? undefined : { timeout: resultMs };
    const config = { retries: { limit: 1_000, delay: 700, backoff: 'constant' }, timeout: timeoutMs } as const;
    const errand = async (index: number) => {
      const { n } = await step.do(`errand ${index}`, config, async (ctx) => {
        const deferred = ctx.defer<{ n: number }>(options);
        await LEDGER.hand(ctx.step, ctx.attempt, deferred.token);
        const longestMs = ctx.attempt === 1 ? timeoutMs : Math.min(timeoutMs, resultMs ?? timeoutMs);
        if (index % 2 === 0) await clock.delay(Math.min(ms, longestMs / 2));
        return deferred;
      });
      return pin(step, `got ${index}`, n);
    };
    return { got: await Promise.all(Array.from({ length: count }, (_, index) => errand(index + 1))) };
  }
}

/** A slow step beside waits that nobody ends: what a crash or a pause left under way wakes up by itself (E6). */
export class Patience extends WorkflowEntrypoint<StressEnv, { ms: number }> {
  async run(event: WorkflowEvent<{ ms: number }>, step: WorkflowStep) {
    const { clock } = this.env;
    const never = step.waitForEvent('never', { type: 'never', timeout: '30 days' }).then(() => 'an event');
    const long = step.sleep('long', '30 days').then(() => 'a month');
    const slow = (round: number) =>
      step.do(`slow ${round}`, FAST, async () => {
        await clock.delay(event.payload.ms);
        return 'slow';
      });
    const first = await Promise.race([never, long, slow(1)]);
    const second = await Promise.race([never, long, slow(2)]);
    return { first, second };
  }
}

/** The same workflow in two versions: an instance keeps to the one that it began with (E9). */
export class Pinned1 extends WorkflowEntrypoint<StressEnv, unknown> {
  async run(_event: WorkflowEvent<unknown>, step: WorkflowStep) {
    const first = await step.do('first', async () => 'v1');
    await step.sleep('between', 5_000);
    const second = await step.do('second', async () => 'v1');
    return { isPinned: first === second };
  }
}

export class Pinned2 extends WorkflowEntrypoint<StressEnv, unknown> {
  async run(_event: WorkflowEvent<unknown>, step: WorkflowStep) {
    const first = await step.do('first', async () => 'v2');
    await step.sleep('in the middle', 4_000);
    const second = await step.do('second', async () => 'v2');
    return { isPinned: first === second };
  }
}
