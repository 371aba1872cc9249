import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run, same } = useIsolate();

describe('timers', () => {
  it('fire in the order of their times, with their arguments', async () => {
    const seen = await run(async (_, { gate }) => {
      const calls: unknown[] = [];
      setTimeout((...args: unknown[]) => calls.push(args), 20, 'late', 2);
      setTimeout(() => calls.push('early'), 10);
      setTimeout(() => calls.push('at once'));
      setTimeout(() => calls.push('odd'), Number.NaN);
      setTimeout(() => calls.push('too long is at once'), 2 ** 31);
      await gate.advance(20);
      return calls;
    });
    expect(seen).toEqual(['at once', 'odd', 'too long is at once', 'early', ['late', 2]]);
  });

  it('are cleared by their number, an interval also from inside', async () => {
    const seen = await run(async (_, { gate }) => {
      const calls: unknown[] = [];
      const id = setTimeout(() => calls.push('never'), 1);
      clearTimeout(id);
      clearTimeout(id);
      clearTimeout(undefined);
      let count = 0;
      const interval = setInterval(() => {
        calls.push(gate.now());
        if (++count === 3) clearInterval(interval);
      }, 10);
      const start = gate.now();
      await gate.advance(100);
      return [typeof id, calls.map((at) => (at as number) - start), gate.timers.length];
    });
    expect(seen).toEqual(['number', [10, 20, 30], 0]);
  });

  it('report what a callback throws, and go on', async () => {
    const seen = await run(async (_, { gate, settled }) => {
      setTimeout(() => {
        throw new Error('in a timer');
      });
      queueMicrotask(() => {
        throw new Error('in a microtask');
      });
      const calls: string[] = [];
      queueMicrotask(() => calls.push('next'));
      await settled();
      await gate.advance(1);
      return [calls, gate.reports.map(String)];
    });
    expect(seen).toEqual([['next'], ['Error: in a microtask', 'Error: in a timer']]);
  });

  it('evaluate no text', async () => {
    expect(
      await run(({ thrown }) => [thrown(() => setTimeout('1' as never)), thrown(() => queueMicrotask('1' as never))]),
    ).toEqual(['TypeError', 'TypeError']);
  });

  it('count anew in each turn, and hold it', async () => {
    const seen = await run((_, { gate, beginTurn }) => {
      const ids = [setTimeout(() => {}, 5), setTimeout(() => {}, 5)];
      beginTurn();
      return [ids, setTimeout(() => {}, 5), gate.timers.map((timer) => timer.holdsTurn)];
    });
    expect(seen).toEqual([[1, 2], 1, [true, true, true]]);
  });

  same('microtasks run before what is awaited later', async () => {
    const calls: number[] = [];
    queueMicrotask(() => calls.push(1));
    await Promise.resolve();
    calls.push(2);
    return calls;
  });
});

describe('performance', () => {
  it('counts from the epoch by the clock of the gate', async () => {
    const seen = await run((_, { gate }) => [
      performance.now() === gate.now(),
      performance.timeOrigin,
      performance.toJSON(),
    ]);
    expect(seen).toEqual([true, 0, { timeOrigin: 0 }]);
  });
});
