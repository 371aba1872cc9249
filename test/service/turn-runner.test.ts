import { expect, it } from 'vitest';
import { SqliteInstanceStore } from '../../lib/adapters/embedded/sqlite-instance-store.ts';
import { wrapParams } from '../../lib/core/envelope.ts';
import type { TurnDependencies } from '../../lib/service/turn-options.ts';
import { TurnRunner } from '../../lib/service/turn-runner.ts';
import { ManualClock } from '../contracts/contract.ts';
import { makeDatabase } from '../contracts/embedded-folder.ts';
import { KEY, newInstance, slept, started, waiting } from '../contracts/instance-fixture.ts';

it('is over with a turn only when the wake-up that the turn asked for has gone out', async () => {
  const clock = new ManualClock();
  const { database, remove } = makeDatabase();
  const instances = new SqliteInstanceStore(database, { clock });
  await instances.create(newInstance(clock.at));
  // Due by its row, and by its journal in a second only.
  await instances.append({
    key: KEY,
    incarnation: 'life-1',
    position: 0,
    records: [started(clock.at), slept(1, clock.at)],
    release: { unclosedClaims: 0, projection: waiting({ wakeAt: clock.at, stepCount: 1 }) },
  });
  const asked = Promise.withResolvers<number | undefined>();
  const sent = Promise.withResolvers<void>();
  const needs = {
    clock,
    instances,
    timer: { after: () => () => {} },
    watch: { announce: () => {} },
    wakes: {
      wake: ({ at }: { readonly at?: number }) => {
        asked.resolve(at);
        return sent.promise;
      },
    },
  };
  const errors: unknown[] = [];
  const runner = new TurnRunner(needs as unknown as TurnDependencies, {
    owner: 'one',
    maxTurns: 1,
    onError: (error) => errors.push(error),
  });
  let isOver = false;
  const over = runner.run({ key: KEY }).then(() => {
    isOver = true;
  });
  expect(await asked.promise).toBe(clock.at + 1_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect({ isOver, active: runner.active }).toEqual({ isOver: false, active: 1 });
  sent.resolve();
  await over;
  expect({ active: runner.active, errors }).toEqual({ active: 0, errors: [] });
  remove();
});

it('names the trace of the instance whose turn a store has failed', async () => {
  const clock = new ManualClock();
  const { database, remove } = makeDatabase();
  const instances = new SqliteInstanceStore(database, { clock });
  await instances.create({ ...newInstance(clock.at), envelope: wrapParams({ traceId: 'its-trace' }, null) });
  const failure = new Error('the store is gone');
  instances.readJournal = () => Promise.reject(failure);
  const needs = { clock, instances, timer: { after: () => () => {} }, blobs: {}, watch: {}, wakes: {} };
  const told: unknown[] = [];
  const runner = new TurnRunner(needs as unknown as TurnDependencies, {
    owner: 'one',
    maxTurns: 1,
    onError: (...error) => told.push(error),
  });
  await runner.run({ key: KEY });
  expect(told).toEqual([[failure, { traceId: 'its-trace' }]]);
  remove();
});
