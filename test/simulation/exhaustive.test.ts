import { beforeAll, describe, expect, it, vi } from 'vitest';
import { EXAMPLES, type Plan, STEADY } from './plans.ts';
import { simulatePlan } from './simulate.ts';
import type { Disaster, Weather } from './weather.ts';

/**
 * Between two tasks of the scheduler nothing can happen, and each call to the store or to the outside is two of them: it
 * arrives, and its answer comes back. So these are all the points at which a crash can make a difference.
 */
const DISASTERS: readonly (readonly [name: string, what: Disaster])[] = [
  ['a crash that loses every write under way', { kind: 'crash', keeps: 'nothing', downMs: 0 }],
  [
    'a crash after which every write under way is done, though nobody was told',
    { kind: 'crash', keeps: 'all', downMs: 0 },
  ],
  ['a crash that nobody repairs for a minute', { kind: 'crash', keeps: 'nothing', downMs: 60_000 }],
  ['a stop', { kind: 'stop', downMs: 0 }],
  ['the loss of the executor', { kind: 'executor_lost' }],
];

/** `npm run test:exhaustive` looks at every point; otherwise at every fifth one, others for each kind of disaster. */
const EVERY = Number(process.env.EVERY ?? 5);

const nameOf = ({ tenant, workflow }: Plan): string => `${workflow} of ${tenant}`;

beforeAll(() => {
  // Tenants' own words.
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

const plans: readonly (readonly [name: string, plan: Plan, changes: Partial<Weather>])[] = [
  ...[...EXAMPLES, ...STEADY].map((plan) => [nameOf(plan), plan, {}] as const),
  // Slots of a host that is gone: no other one owns the store, so that they run out.
  ...STEADY.filter(({ workflow }) => workflow === 'Charges').map(
    (plan) => [`${nameOf(plan)}, one at a time`, plan, { hosts: 2, concurrency: { workflow: 1, tenant: 1 } }] as const,
  ),
];

describe.each(plans)('%s', (_name, plan, changes) => {
  it.each(DISASTERS)('comes to the same end with %s, wherever it happens', async (disaster, what) => {
    const calm = await simulatePlan(plan, changes);
    expect(calm.problem).toBeUndefined();
    const broken: string[] = [];
    const first = 1 + (DISASTERS.findIndex(([name]) => name === disaster) % EVERY);
    for (let at = first; at <= calm.tasks; at += EVERY) {
      const { problem, outputs } = await simulatePlan(plan, { ...changes, disasters: new Map([[at, what]]) });
      if (problem !== undefined) broken.push(`at task ${at}: ${problem}`);
      else if (JSON.stringify(outputs) !== JSON.stringify(calm.outputs)) {
        broken.push(`at task ${at}: ${JSON.stringify(outputs)} and not ${JSON.stringify(calm.outputs)}`);
      }
    }
    expect(broken).toEqual([]);
  });
});
