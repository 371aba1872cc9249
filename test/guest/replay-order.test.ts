import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../lib/core/invariants.ts';
import type { Turn } from '../../lib/guest/turn.ts';
import { HandTurn, type Run, replaysOf, runOf } from './hand-host.ts';

/** A callback that takes so long, by a timer of the guest's own. */
const later = (turn: Turn, ms: number, value: unknown) =>
  new Promise((resolve) => turn.setTimer(ms, () => resolve(value), true));

describe('settlements reach run()', () => {
  it('in the order in which callbacks ended, and in the same order on every replay', async () => {
    const run =
      (delays: Record<string, number>): Run =>
      async (step, _event, turn) => {
        const order: string[] = [];
        const one = (name: string) =>
          step.do(name, () => later(turn, delays[name] ?? 0, name)).then((value) => order.push(value));
        await Promise.all([one('a'), one('b'), one('c')]);
        return order;
      };
    const live = await new HandTurn(run({ a: 20, b: 30, c: 10 })).pass(100);
    expect(live.output).toEqual(['c', 'a', 'b']);
    const again = await new HandTurn(run({}), live.journal.slice(0, -1)).drain();
    expect(again.output).toEqual(['c', 'a', 'b']);
  });

  it.each([
    ['race', (all: Promise<unknown>[]) => Promise.race(all), 'b'],
    ['any', (all: Promise<unknown>[]) => Promise.any(all), 'b'],
    ['all', (all: Promise<unknown>[]) => Promise.all(all), ['a', 'b']],
    [
      'allSettled',
      async (all: Promise<unknown>[]) => (await Promise.allSettled(all)).map(({ status }) => status),
      ['fulfilled', 'fulfilled'],
    ],
  ] as const)('so that Promise.%s settles as it did (bug 8)', async (_, combine, expected) => {
    const run =
      (isLive: boolean): Run =>
      async (step, _event, turn) => {
        const delays = isLive ? { a: 20, b: 10 } : { a: 0, b: 0 };
        const names = ['a', 'b'] as const;
        const all = names.map((name) => step.do(name, () => later(turn, delays[name], isLive ? name : 'ran again')));
        const combined = await combine(all);
        await step.do('after', async () => 1);
        await step.sleep('end', 100);
        return combined;
      };
    const live = await new HandTurn(run(true)).pass(200);
    expect(live.output).toEqual(expected);
    const last = await new HandTurn(run(false), live.journal.slice(0, -1)).drain();
    expect(last.output).toEqual(expected);
  });

  it('so that a race between a step and a sleep has one winner for ever', async () => {
    const run =
      (ms: number): Run =>
      async (step, _event, turn) => {
        const winner = await Promise.race([
          step.sleep('nap', 50).then(() => 'sleep'),
          step.do('slow', () => later(turn, ms, 1)).then(() => 'step'),
        ]);
        await step.sleep('after', '1 day');
        return winner;
      };
    const live = await new HandTurn(run(90)).pass(100_000_000);
    expect(live.story).toContain('step_settled slow');
    expect(live.output).toBe('sleep');
    const again = await new HandTurn(run(0), live.journal.slice(0, -1)).drain();
    expect(again.output).toBe('sleep');
  });

  it('one at a time, each with all that follows from it before the next', async () => {
    const seen: string[] = [];
    const run: Run = async (step) => {
      const branch = async (name: string) => {
        await step.do(name, async () => 1);
        seen.push(`${name} 1`);
        await null;
        await null;
        seen.push(`${name} 2`);
      };
      await Promise.all([branch('a'), branch('b')]);
    };
    await runOf(run);
    expect(seen).toEqual(['a 1', 'a 2', 'b 1', 'b 2']);
  });
});

describe('a finished step', () => {
  const run =
    (ran: string[]): Run =>
    async (step, event) => {
      const one = async (name: string) =>
        step.do(name, async () => {
          ran.push(name);
          return { name, at: event.payload };
        });
      const first = await one('first');
      await step.sleep('nap', 30);
      const both = await Promise.all([one('left'), one('right')]);
      const decision = await step.waitForEvent('decision', { type: 'go', timeout: 500 }).catch((error) => error.name);
      const last = await one('last').then(() => one('last'));
      return [first, both, decision, last];
    };

  it('is not run again, wherever the journal was cut (E1, E4)', async () => {
    const live = await new HandTurn(run([]), [], { payload: '["p"]' }).drain();
    await live.pass(1_000);
    const output = live.output;
    for (let length = 1; length < live.journal.length; length++) {
      const ran: string[] = [];
      const before = live.journal.slice(0, length);
      const turn = await new HandTurn(run(ran), before, { payload: '["p"]' }).drain();
      await turn.pass(1_000);
      expect(turn.output).toEqual(output);
      const settled = before.flatMap((record) => (record.kind === 'step_settled' ? [record.step.name] : []));
      for (const name of new Set(settled)) {
        const times = settled.filter((other) => other === name).length;
        expect(ran.filter((other) => other === name).length).toBe((name === 'last' ? 2 : 1) - times);
      }
      expect(violationsOf(turn.journal)).toEqual([]);
      expect(turn.story).not.toContain('diverged');
    }
  });

  it('of the same name is told apart by its count', async () => {
    const turn = await runOf(async (step) => {
      const all: unknown[] = [];
      for (let index = 0; index < 3; index++)
        all.push(await step.do('same', async ({ step: { count } }: { step: { count: number } }) => count));
      return all;
    });
    expect(turn.output).toEqual([1, 2, 3]);
  });

  it('of one kind does not stand for another kind of the same name (bug 5)', async () => {
    const run: Run = async (step) => [
      await step.do('x', async () => 1),
      await step.sleep('x', 5),
      (await step.waitForEvent('x', { type: 'x' })).payload,
    ];
    const turn = await runOf(run);
    await turn.pass(5);
    await turn.event('x', '["event"]');
    expect(turn.output).toEqual([1, undefined, 'event']);
    expect((await new HandTurn(run, turn.journal.slice(0, -1)).drain()).output).toEqual([1, undefined, 'event']);
  });

  it('whose value stands apart, or in a later segment, is fetched when run() reaches it', async () => {
    const run: Run = async (step) => {
      const big = await step.do('big', async () => 'again');
      const next = await step.do('next', async () => 'again');
      return [big, next];
    };
    const step = (name: string, ordinal: number) => ({
      step: { kind: 'do' as const, name, count: 1 },
      ordinal,
      attempt: 1,
      startedAt: 2,
      at: 2,
    });
    const turn = new HandTurn(run, [], {
      hasMore: true,
      records: [
        { position: 0, record: { kind: 'started', at: 1 } },
        {
          position: 1,
          isValueApart: true,
          record: { kind: 'step_settled', ...step('big', 1), outcome: { ok: true, value: { ref: 'r', bytes: 9_000 } } },
        },
      ],
    });
    await turn.drain();
    expect(turn.messages).toEqual([{ kind: 'need_value', position: 1 }]);
    turn.turn.onMessage({ kind: 'value', position: 1, value: '["large"]' });
    await turn.drain();
    expect(turn.said).toEqual(['need_value', 'need_segment']);
    turn.turn.onMessage({
      kind: 'segment',
      hasMore: false,
      records: [
        {
          position: 2,
          record: { kind: 'step_settled', ...step('next', 2), outcome: { ok: true, value: '["segment"]' } },
        },
      ],
    });
    await turn.drain();
    expect(turn.output).toEqual(['large', 'segment']);
  });

  it('replays by the thousand', async () => {
    const run: Run = async (step) => {
      let sum = 0;
      for (let index = 0; index < 3_000; index++) sum += await step.do('add', async () => index);
      return sum;
    };
    const limits = { steps: 10_000, records: 40_000 };
    const live = await runOf(run, { limits });
    const again = await new HandTurn(run, live.journal.slice(0, -1), { limits }).drain();
    expect(again.output).toBe(live.output);
    expect(again.journal).toHaveLength(live.journal.length);
  });
});

it('nothing new starts before every recorded settlement has been delivered', async () => {
  const ran: string[] = [];
  const run: Run = async (step) => {
    const fresh = step.do('fresh', async () => ran.push('fresh'));
    const old = await step.do('old', async () => ran.push('old'));
    ran.push('delivered');
    await fresh;
    return old;
  };
  const first = await runOf(async (step) => {
    void step.do('fresh', () => new Promise(() => {}));
    await step.do('old', async () => 'kept');
    await step.sleep('n', '1 day');
  });
  await first.pass(50);
  const kept = first.journal.filter((record) => record.kind === 'started' || record.kind === 'step_settled');
  const turn = await new HandTurn(run, kept).drain();
  expect(ran).toEqual(['delivered', 'fresh']);
  expect(turn.output).toBe('kept');
  expect(await replaysOf(run, turn.journal)).toHaveLength(turn.journal.length - 1);
});
