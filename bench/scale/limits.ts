import { partitionUnits } from './partitioned-store.ts';

/** What an account lets the stack have. Rates by the second. */
export type Account = Readonly<{
  name: 'as given' | 'raised';
  requests: number;
  /** Environments of all functions, without those that the stack reserves for itself. */
  concurrency: number;
  maxDispatchers: number;
  /** Write units of a table, and of each of its indexes. */
  tableQuota: number;
  /** Write units that table and indexes are ready for at the start. */
  tableWarm: number;
  indexWarm: number;
}>;

/** Kept by `long-poll`, `bundle-uploaded` and `sweeper`, unless the props say otherwise. */
const reserved = 111;

/** A fresh stack with its default props in an account of which nothing was asked. */
export const asGiven: Account = {
  name: 'as given',
  requests: 10_000,
  concurrency: 1000 - reserved,
  maxDispatchers: 100,
  tableQuota: 40_000,
  tableWarm: 4000,
  indexWarm: 4000,
};

/** Everything that can be asked for, asked for at four times the rate; what no quota moves stays as it is. */
export const raisedFor = (rate: number): Account => ({
  name: 'raised',
  requests: Math.max(asGiven.requests, 4 * rate),
  concurrency: Math.max(1000, rate / 2) - reserved,
  maxDispatchers: 1000,
  tableQuota: Math.max(asGiven.tableQuota, 4 * unitsOf.table * rate),
  tableWarm: Math.max(asGiven.tableWarm, 2 * unitsOf.table * rate),
  indexWarm: Math.max(asGiven.indexWarm, 2 * unitsOf.wake * rate),
});

/**
 * Write units of an instance of ten pure steps that ends in its first turn, as the key design has them: creating it, with
 * the lease of that turn, costs one in the table and one in each index; its turn a batch and a release in the table,
 * and one in the wake index.
 */
export const unitsOf = { create: 1, turn: 2, table: 3, list: 1, wakeOfCreate: 1, wakeOfTurn: 1, wake: 2 } as const;

/** Time of one creation in `api`, and of one batch in a dispatcher, seconds. Assumptions: no real account was measured. */
export const timeOf = { create: 0.05, batch: 0.1 } as const;
export const batchSize = 10;

/** What can be too little. `… of one …` is a single key: no quota and no split helps it. */
export type Limit =
  | 'requests of API Gateway'
  | 'requests of Lambda'
  | 'concurrency of Lambda'
  | 'dispatchers'
  | 'writes of the table'
  | 'a partition of the table'
  | 'writes of the list index'
  | 'a partition of the list index'
  | 'list entries of one tenant'
  | 'writes of the wake index'
  | 'a partition of the wake index'
  | 'wake entries of one shard';

/** Asked by given, of those that have nothing to do with rows. */
export const pressuresOf = (rate: number, account: Account): readonly (readonly [Limit, number])[] => [
  ['requests of API Gateway', rate / account.requests],
  // Ten requests a second for each environment that the account has.
  ['requests of Lambda', (rate + rate / batchSize) / (10 * account.concurrency)],
  ['concurrency of Lambda', (rate * (timeOf.create + timeOf.batch / batchSize)) / account.concurrency],
  ['dispatchers', (rate * timeOf.batch) / batchSize / account.maxDispatchers],
];

export const pressureOfKey = (units: number): number => units / partitionUnits;

/** Of each of these one is told: what a split will not help, where that is too little, else its hottest partition. */
const stores: readonly (readonly Limit[])[] = [
  ['a partition of the table', 'writes of the table'],
  ['a partition of the list index', 'writes of the list index', 'list entries of one tenant'],
  ['a partition of the wake index', 'writes of the wake index', 'wake entries of one shard'],
];

export function scarcestFirst(pressures: ReadonlyMap<Limit, number>): readonly (readonly [Limit, number])[] {
  const left = new Map(pressures);
  for (const [partition, ...lasting] of stores) {
    const worst = Math.max(...lasting.map((limit) => pressures.get(limit) ?? 0));
    for (const limit of lasting) if (worst <= 1 || pressures.get(limit) !== worst) left.delete(limit);
    if (worst > 1 && partition !== undefined) left.delete(partition);
  }
  return [...left].sort(([, one], [, other]) => other - one);
}
