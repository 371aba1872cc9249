import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../lib/core/limits.ts';
import type { Wake } from '../../lib/ports/wake-queue.ts';
import { wakeQueued } from '../../lib/service/wake-queued.ts';
import { finished, KEY, newInstance, release } from '../contracts/instance-fixture.ts';
import { createDependencies } from '../http/api.ts';

const SCOPE = { tenant: KEY.tenant, workflow: KEY.workflow };

let fixture: ReturnType<typeof createDependencies>;
let woken: Wake[];

beforeEach(() => {
  fixture = createDependencies();
  woken = [];
});
afterEach(() => fixture.close());

const take = (id: string, { limit, age }: { readonly limit: number; readonly age: number }) => {
  const now = fixture.clock.now();
  return fixture.deps.slots.take({
    scope: SCOPE,
    limit,
    holder: { incarnation: `life of ${id}`, token: id },
    ticket: { ...KEY, id, createdAt: age },
    now,
    until: now + MINUTE_MS,
  });
};

/** In line by their age, behind one that is at work. */
const lineUp = async (...ids: readonly string[]): Promise<void> => {
  await take('at-work', { limit: 1, age: 0 });
  for (const [index, id] of ids.entries()) {
    await fixture.deps.instances.create(newInstance(fixture.clock.now(), { id }));
    await take(id, { limit: 1, age: index + 1 });
  }
};

const wakeThem = (limit: number, atMost = 10) =>
  wakeQueued(
    { ...fixture.deps, wakes: { wake: async (wake) => void woken.push(wake) } },
    { scope: SCOPE, limit, atMost },
  );
const idsWoken = () => woken.map(({ key }) => key.id);
const inLine = async () => {
  const { tickets } = await fixture.deps.slots.look({ scope: SCOPE, limit: 1, now: fixture.clock.now(), max: 50 });
  return tickets.map(({ id }) => id);
};

describe('those in line', () => {
  it('are left alone while nothing is free', async () => {
    await lineUp('a', 'b');
    await wakeThem(1);
    expect(woken).toEqual([]);
  });

  it('are woken from the front, as many as may be at work, though they are not due', async () => {
    await lineUp('a', 'b', 'c');
    await wakeThem(3);
    expect(woken).toEqual(['a', 'b'].map((id) => ({ key: { ...KEY, id }, isForced: true })));
    expect(await inLine()).toEqual(['a', 'b', 'c']);
  });

  it('are woken no more than they are asked for', async () => {
    await lineUp('a', 'b', 'c');
    await wakeThem(9, 1);
    expect(idsWoken()).toEqual(['a']);
  });

  it('make room for the next where their instance has ended or is gone', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `i${index}`);
    await lineUp(...ids);
    for (const id of ids.slice(0, 10)) {
      if (id === 'i3') await fixture.deps.instances.remove({ ...KEY, id });
      else await fixture.deps.instances.append({ ...release(finished(fixture.clock.now())), key: { ...KEY, id } });
    }
    await wakeThem(2);
    expect(idsWoken()).toEqual(['i10']);
    expect(await inLine()).toEqual(['i10', 'i11']);
  });

  it('keep their place while a turn of theirs is at work, and are passed over', async () => {
    await lineUp('a', 'b');
    const { instances } = fixture.deps;
    await instances.append({ ...release({ ...finished(0), status: 'waiting' }), key: { ...KEY, id: 'a' } });
    const lease = { owner: 'one', until: fixture.clock.now() + MINUTE_MS };
    await instances.claim({ key: { ...KEY, id: 'a' }, lease, now: fixture.clock.now(), isForced: true });
    await wakeThem(2);
    expect(idsWoken()).toEqual(['b']);
    expect(await inLine()).toEqual(['a', 'b']);
  });
});
