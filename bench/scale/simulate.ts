import { dueKeys, duePartitions, instanceListPk, instancePk } from '../../lib/adapters/aws/dynamodb-keys.ts';
import { FairQueue } from './fair-queue.ts';
import {
  type Account,
  batchSize,
  type Limit,
  pressureOfKey,
  pressuresOf,
  scarcestFirst,
  timeOf,
  unitsOf,
} from './limits.ts';
import { PartitionedStore, partitionUnits } from './partitioned-store.ts';
import { poisson, type Random, seeded } from './random.ts';
import { type Spread, sharesOf, tenantId } from './tenants.ts';

export type Scenario = Readonly<{ rate: number; spread: Spread; account: Account }>;

export type Outcome = Readonly<{
  /** Of the instances that callers asked for, those that were created: the others were answered 429 or 503. */
  created: number;
  /** Seconds that 99 of 100 turns waited at most in the queue. */
  queueAgeP99: number;
  /** What was asked by what was given, in the first minute, the scarcest first; one for the table and for each index. */
  pressures: readonly (readonly [Limit, number])[];
}>;

const simulatedS = 3600;
const firstMinuteS = 60;
/** Instances that stand for all: their keys are as random as any. So many for each partition that the table begins with. */
const sampledPerPartition = 16;
const sampledAtLeast = 512;
const shardSampleSize = 32_000;
/** Environments that a mapping starts with, and that it adds in a second (300 a minute). */
const firstDispatchers = 5;
const moreDispatchers = 5;

const idOf = (random: Random): string => Math.floor(random() * 2 ** 48).toString(36);

const shards = shardShares(seeded(1));

/** One hour, by the second, from a stack that has just been made. Fluid: it counts instances, and follows none. */
export function simulate({ rate, spread, account }: Scenario, seed = 1): Outcome {
  const random = seeded(seed);
  const shares = sharesOf(spread);
  const sampleSize = Math.max(sampledAtLeast, Math.ceil(account.tableWarm / partitionUnits) * sampledPerPartition);
  const table = new PartitionedStore(sampleKeys(sampleSize, shares, random), settings(account.tableWarm, account));
  const list = new PartitionedStore(
    shares.map((_, tenant) => instanceListPk(tenantId(tenant))),
    settings(account.indexWarm, account),
  );
  const wake = new PartitionedStore(duePartitions, settings(account.indexWarm, account));
  const queue = new FairQueue(shares.length);
  const pressures = new Map<Limit, number>();
  let dispatchers = firstDispatchers;
  let asked = 0;
  let created = 0;

  for (let second = 0; second < simulatedS; second += 1) {
    const arrivals = Float64Array.from(shares, (share) => poisson(random, share * rate));
    const arrived = sumOf(arrivals);
    asked += arrived;
    if (second < firstMinuteS) note(pressures, [...pressuresOf(arrived, account), ...rowPressures(arrivals, arrived)]);

    // The front door lets some in, and finds environments for some of those.
    const most = Math.min(
      account.requests,
      account.concurrency * 10,
      (account.concurrency - dispatchers) / timeOf.create,
    );
    const admitted = Math.min(1, most / Math.max(1, arrived));
    const creates = arrivals.map((count) => count * admitted);
    const turns = queue.offer((dispatchers * batchSize) / timeOf.batch);
    const [createCount, turnCount] = [sumOf(creates), sumOf(turns)];

    // An index that is too slow holds up the write to the table.
    const ofTable = meanOf(
      table.take(second, scaled(sampleSize, (unitsOf.create * createCount + unitsOf.turn * turnCount) / sampleSize)),
    );
    const ofList = list.take(second, creates);
    const wakeUnits = Float64Array.from(
      shards,
      (share) => share * (unitsOf.wakeOfCreate * createCount + unitsOf.wakeOfTurn * turnCount),
    );
    const ofWake = weightedMean(wake.take(second, wakeUnits), shards);
    const ofAll = Math.min(ofTable, ofWake);
    for (const [tenant, count] of creates.entries()) {
      const made = count * Math.min(ofAll, ofList[tenant] ?? 1);
      created += made;
      queue.add(tenant, second, made);
    }
    for (const [tenant, count] of turns.entries()) queue.take(tenant, second, count * ofAll);

    if (queue.size > (dispatchers * batchSize) / timeOf.batch) {
      dispatchers = Math.min(account.maxDispatchers, account.concurrency, dispatchers + moreDispatchers);
    }
  }
  return {
    created: created / asked,
    queueAgeP99: queue.ageAt(0.99, simulatedS),
    pressures: scarcestFirst(new Map([...pressures].map(([limit, sum]) => [limit, sum / firstMinuteS]))),
  };

  function rowPressures(arrivals: Float64Array, arrived: number): readonly (readonly [Limit, number])[] {
    const ofTable = table.pressure(scaled(sampleSize, (unitsOf.table * arrived) / sampleSize));
    const ofList = list.pressure(arrivals);
    const wakeUnits = Float64Array.from(shards, (share) => share * unitsOf.wake * arrived);
    const ofWake = wake.pressure(wakeUnits);
    return [
      ['writes of the table', ofTable.whole],
      ['a partition of the table', ofTable.hottest],
      ['writes of the list index', ofList.whole],
      ['a partition of the list index', ofList.hottest],
      ['list entries of one tenant', pressureOfKey(Math.max(...arrivals))],
      ['writes of the wake index', ofWake.whole],
      ['a partition of the wake index', ofWake.hottest],
      ['wake entries of one shard', pressureOfKey(Math.max(...wakeUnits))],
    ];
  }
}

const settings = (warmUnits: number, { tableQuota }: Account) => ({ warmUnits, quotaUnits: tableQuota });

/** Keys of instances as tenants have them. */
function sampleKeys(size: number, shares: readonly number[], random: Random): readonly string[] {
  return Array.from({ length: size }, () => {
    let left = random();
    const tenant = shares.findIndex((share) => {
      left -= share;
      return left < 0;
    });
    return instancePk({ tenant: tenantId(Math.max(0, tenant)), workflow: 'Order', id: idOf(random) });
  });
}

/** How the real function spreads instances over the shards of what is due. */
function shardShares(random: Random): Float64Array {
  const counts = new Map(duePartitions.map((shard) => [shard, 0]));
  for (let index = 0; index < shardSampleSize; index += 1) {
    const { wakePk } = dueKeys(instancePk({ tenant: tenantId(index % 200), workflow: 'Order', id: idOf(random) }), 0);
    counts.set(wakePk, (counts.get(wakePk) ?? 0) + 1);
  }
  return Float64Array.from(counts.values(), (count) => count / shardSampleSize);
}

function note(pressures: Map<Limit, number>, found: readonly (readonly [Limit, number])[]): void {
  for (const [limit, pressure] of found) pressures.set(limit, (pressures.get(limit) ?? 0) + pressure);
}

const scaled = (length: number, value: number): Float64Array => new Float64Array(length).fill(value);
const sumOf = (values: Float64Array): number => {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum;
};
const meanOf = (values: Float64Array): number => sumOf(values) / values.length;
const weightedMean = (values: Float64Array, weights: Float64Array): number =>
  weights.reduce((sum, weight, index) => sum + weight * (values[index] ?? 0), 0);
