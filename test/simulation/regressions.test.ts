import { describe, expect, it } from 'vitest';
import { controlInstance } from '../../lib/service/control-instance.ts';
import { createInstance } from '../../lib/service/create-instance.ts';
import { readInstance } from '../../lib/service/read-instance.ts';
import { sendEvent } from '../../lib/service/send-event.ts';
import { nameOf } from './observer.ts';
import type { Plan } from './plans.ts';
import { simulatePlan } from './simulate.ts';

/** What the simulation has found, each by itself and without chance. */
const plan = (workflow: string, params: unknown, more: Partial<Plan> = {}): Plan => ({
  tenant: 'acme',
  workflow,
  params,
  check: () => undefined,
  ...more,
});

describe('what the simulation has found', () => {
  it.each([990, 999, 1_000, 1_001, 1_003, 1_010, 1_050])(
    'a turn is held only where its guest has set an alarm: a sleep of %i ms ends (E6)',
    async (ms) => {
      const pairs = (type: string, n: number) => (type === 'pair' ? { n } : undefined);
      const { problem } = await simulatePlan(plan('Competition', { ms }, { answer: pairs }), { maxLatencyMs: 20 });
      expect(problem).toBeUndefined();
    },
  );

  it('a step that a pause found under way goes on after it, beside waits that nobody ends (E6)', async () => {
    const { problem } = await simulatePlan(
      plan('Patience', { ms: 400 }),
      { maxLatencyMs: 2 },
      async (world, { key }) => {
        await world.sleep(100);
        await world.ask('pause', (deps) => controlInstance(deps, { key, action: { kind: 'pause' } }));
        await world.sleep(2_000);
        await world.ask('resume', (deps) => controlInstance(deps, { key, action: { kind: 'resume' } }));
      },
    );
    expect(problem).toBeUndefined();
  });

  it('a large event reaches a guest that is at work (E5)', async () => {
    const { problem } = await simulatePlan(plan('LongCallback', { ms: 3_000 }), {}, async (world, { key }) => {
      await world.sleep(1_000);
      const payload = JSON.stringify([{ n: 1, load: 2 }, 1, 'z'.repeat(5_000)]);
      await world.ask('event', (deps) => sendEvent(deps, { key, eventType: 'item', payload }));
    });
    expect(problem).toBeUndefined();
  });

  it('an instance is never seen complete without its output (E7)', async () => {
    const seen: string[] = [];
    const { problem } = await simulatePlan(plan('Hello', {}), { maxLatencyMs: 2 }, async (world, { key }) => {
      for (let tries = 0; tries < 400; tries++) {
        await world.sleep(0.5);
        void world
          .ask('read', (deps) => readInstance(deps, { key }))
          .then((answer) => {
            if (answer.kind !== 'ok') return;
            const { status, output } = answer.value.summary;
            if (status === 'complete' && output === undefined) seen.push('complete without output');
          });
      }
    });
    expect(problem).toBeUndefined();
    expect(seen).toEqual([]);
  });

  it('an id that is taken leaves the turn at work the one that hears of messages', async () => {
    let pausedAfterMs = Number.POSITIVE_INFINITY;
    const slow = plan('Patience', { ms: 300 });
    const { problem } = await simulatePlan(slow, { maxLatencyMs: 2 }, async (world, { key }) => {
      await world.sleep(50);
      await world.ask('create again', (deps) => createInstance(deps, { ...key, source: 'api' }));
      await world.sleep(50);
      const askedAt = world.scheduler.now;
      await world.ask('pause', (deps) => controlInstance(deps, { key, action: { kind: 'pause' } }));
      while (world.observer.rows.get(`acme/Patience/${key.id}`)?.status !== 'paused') await world.sleep(10);
      pausedAfterMs = world.scheduler.now - askedAt;
      await world.ask('resume', (deps) => controlInstance(deps, { key, action: { kind: 'resume' } }));
    });
    expect(problem).toBeUndefined();
    expect(pausedAfterMs).toBeLessThan(1_000);
  });

  it('an event that was accepted in time counts, though its message got lost and the turn is held (E5)', async () => {
    // A wait that ends within a second stays in its turn, which hears of nothing here.
    const quick = plan('Competition', { ms: 600 }, { answer: (type, n) => (type === 'pair' ? { n } : undefined) });
    const { problem } = await simulatePlan(
      quick,
      { maxLatencyMs: 2, queue: { dropped: 1, doubled: 0, delayed: 0, early: 0 } },
      async (world, { key }) => {
        for (let n = 1; n <= 12; n++) {
          await world.sleep(250);
          const payload = `[{"n":1},${n}]`;
          await world.ask('event', (deps) => sendEvent(deps, { key, eventType: 'item', payload }));
        }
      },
    );
    expect(problem).toBeUndefined();
  });

  it('a guest that has not heard yet of a pause and its end is not taken for a liar', async () => {
    // The sleep ends after 900 ms; its guest is at work, and hears of both a little later.
    for (let at = 870; at <= 930; at += 3) {
      const { problem } = await simulatePlan(
        plan('Races', { ms: 900 }),
        { maxLatencyMs: 20 },
        async (world, { key }) => {
          const control = (kind: 'pause' | 'resume') =>
            world.ask(kind, (deps) => controlInstance(deps, { key, action: { kind } }));
          await world.sleep(at);
          void control('pause');
          await world.sleep(5);
          void control('resume');
        },
      );
      expect(problem).toBeUndefined();
    }
  });

  it('a pause that comes while a saga turns to go back does not hold it up (E6)', async () => {
    const more = { breaksWith: /^the saga breaks$/, check: () => 'did not break' };
    const saga = plan('Saga', { count: 1, ms: 50 }, more);
    for (let at = 20; at <= 260; at += 3) {
      const { problem } = await simulatePlan(saga, { maxLatencyMs: 20 }, async (world, { key }) => {
        const control = (kind: 'pause' | 'resume') =>
          world.ask(kind, (deps) => controlInstance(deps, { key, action: { kind } }));
        await world.sleep(at);
        await control('pause');
        await world.sleep(2_000);
        await control('resume');
      });
      expect(problem, `paused after ${at} ms`).toBeUndefined();
    }
  });

  it('a turn that stood still asks for its lease before it writes or calls (E3)', async () => {
    const slow = plan('LongCallback', { ms: 200 }, { answer: (_type, n) => ({ n }) });
    let effects = 0;
    const { problem } = await simulatePlan(slow, { hosts: 2, maxLatencyMs: 2 }, async (world, { key }) => {
      const ownerOf = () => world.observer.rows.get(nameOf(key))?.lease?.owner;
      const waitFor = async (isSo: () => boolean) => {
        while (!isSo()) await world.sleep(0.1);
      };
      // One host claims and stands still before it has read the journal; its lease runs out.
      await waitFor(() => ownerOf() !== undefined);
      const first = ownerOf() ?? '';
      world.stall(first, 45_000);
      // The other one takes over and stands still in the middle of an attempt, its lease still good when the first wakes up.
      await waitFor(() => ownerOf() !== undefined && ownerOf() !== first);
      const life = world.observer.lifeOf(world.observer.rows.get(nameOf(key))?.incarnation ?? '');
      await waitFor(() => life.records.some(({ kind }) => kind === 'attempt_started'));
      world.stall(ownerOf() ?? '', 60_000);
      await waitFor(() => life.final !== undefined);
      effects = life.effects.length;
    });
    expect(problem).toBeUndefined();
    expect(effects).toBe(1);
  });

  it('a turn that stood still while it looked into its inbox asks for its lease before it calls (E3)', async () => {
    // Still asleep, and so in nobody's hands, when the first host wakes up.
    const more = { breaksWith: /^the saga breaks$/, check: () => 'did not break' };
    const saga = plan('Saga', { count: 1, ms: 300_000 }, more);
    for (let after = 2; after <= 4; after += 0.25) {
      const { problem } = await simulatePlan(saga, { hosts: 2, maxLatencyMs: 2 }, async (world, { key }) => {
        const row = () => world.observer.rows.get(nameOf(key));
        const standStill = async (attempt: number, ms: number) => {
          const hasBegun = () => {
            const incarnation = row()?.incarnation;
            const records = incarnation === undefined ? [] : world.observer.lifeOf(incarnation).records;
            return records.some((record) => record.kind === 'attempt_started' && record.attempt === attempt);
          };
          while (!hasBegun()) await world.sleep(0.1);
          await world.sleep(after);
          world.stall(row()?.lease?.owner ?? '', ms);
        };
        await standStill(1, 45_000);
        // A second attempt is committed first, so that nothing goes with its call: that one looks.
        await standStill(2, 120_000);
      });
      expect(problem, `stood still after ${after} ms`).toBeUndefined();
    }
  });
});
