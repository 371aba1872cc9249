import { MINUTE_MS } from '../../lib/core/limits.ts';
import type { Chance } from './chance.ts';

/** Where turns have to end: as on AWS. */
export const MAX_CALLBACK_MS = 14 * MINUTE_MS;

/** What goes wrong in one simulation, and how often. */
export interface Weather {
  /** Processes on one store. More than one: nobody owns it, so that leases are not released at a start but run out. */
  readonly hosts: number;
  readonly maxTurns: number;
  /** Of several hosts: how new instances get to their first turn. */
  readonly firstTurns: 'handed_on' | 'claimed';
  /** A turn has to end so long after it was asked for, ms: no attempt that may last longer is started. */
  readonly turnMs: number | undefined;
  readonly maxLatencyMs: number;
  /** Task numbers at which something happens to the process whose turn it is. */
  readonly disasters: ReadonlyMap<number, Disaster>;
  /** Per store call, before the task number `calmAfter`. */
  readonly failure: number;
  readonly slowness: number;
  readonly calmAfter: number;
  readonly queue: {
    readonly dropped: number;
    readonly doubled: number;
    readonly delayed: number;
    readonly early: number;
  };
  /** Calls of `LEDGER` that fail, before or after their effect. */
  readonly ledgerFailure: number;
  /** How many turns may be at work at the same time, of each workflow and of each tenant; absent: any number. */
  readonly concurrency: { readonly workflow?: number; readonly tenant?: number };
}

export type Disaster =
  /** The host is gone. `keeps`: how much of what was on its way to the store arrives all the same. */
  | { readonly kind: 'crash'; readonly keeps: 'nothing' | 'some' | 'all'; readonly downMs: number }
  /** The host is asked to stop, and gives back what it has. */
  | { readonly kind: 'stop'; readonly downMs: number }
  /** Nothing of the host moves: another one takes its turns over, and then it goes on as if nothing had been. */
  | { readonly kind: 'stall'; readonly ms: number }
  /** The executor process ends, with all guests in it. */
  | { readonly kind: 'executor_lost' };

export const CLEAR: Weather = {
  hosts: 1,
  maxTurns: 8,
  firstTurns: 'claimed',
  turnMs: undefined,
  maxLatencyMs: 0,
  disasters: new Map(),
  failure: 0,
  slowness: 0,
  calmAfter: 0,
  queue: { dropped: 0, doubled: 0, delayed: 0, early: 0 },
  ledgerFailure: 0,
  concurrency: {},
};

/** Each seed has some kinds of trouble and not the others: what hides behind one kind shows without it. */
export const drawWeather = (chance: Chance): Weather => {
  const hosts = chance.is(0.4) ? 2 : 1;
  const calmAfter = chance.between(100, 1_500);
  const disasters = new Map<number, Disaster>();
  const often = (kind: boolean, times: number, make: () => Disaster): void => {
    if (!kind) return;
    for (let left = chance.between(1, times); left > 0; left--) disasters.set(chance.between(1, calmAfter), make());
  };
  often(chance.is(0.6), 4, () => ({
    kind: 'crash',
    keeps: chance.pick(['nothing', 'some', 'all']),
    downMs: chance.is(0.5) ? 0 : chance.between(1, 60_000),
  }));
  often(chance.is(0.3), 4, () => ({ kind: 'stop', downMs: chance.is(0.5) ? 0 : chance.between(1, 60_000) }));
  often(chance.is(0.3), 3, () => ({ kind: 'stall', ms: chance.is(0.5) ? chance.between(1, 2_000) : 45_000 }));
  often(chance.is(0.3), 3, () => ({ kind: 'executor_lost' }));
  const sometimes = (share: number, most: number): number => (chance.is(share) ? chance.below(most) : 0);
  return {
    hosts,
    maxTurns: chance.pick([1, 2, 8]),
    firstTurns: chance.pick(['handed_on', 'claimed']),
    turnMs: chance.is(0.3) ? MAX_CALLBACK_MS + chance.pick([500, 5_000, 60_000]) : undefined,
    maxLatencyMs: chance.pick([0.05, 2, 20]),
    disasters,
    failure: sometimes(0.2, 0.02),
    slowness: sometimes(0.2, 0.02),
    calmAfter,
    queue: {
      dropped: sometimes(0.4, 0.5),
      doubled: sometimes(0.4, 0.5),
      delayed: sometimes(0.4, 0.5),
      early: sometimes(0.3, 0.3),
    },
    ledgerFailure: sometimes(0.3, 0.2),
    concurrency: {
      ...(chance.is(0.2) && { workflow: chance.between(1, 2) }),
      ...(chance.is(0.2) && { tenant: chance.between(1, 3) }),
    },
  };
};
