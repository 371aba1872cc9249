import { createHash } from 'node:crypto';

export type StoreSettings = Readonly<{
  /** Write units a second that the store takes from the start; a thousand for each partition that it begins with. */
  warmUnits: number;
  /** Write units a second that the account allows it. */
  quotaUnits: number;
}>;

/** Write units a second of one partition, and so of all rows under one key whose sort keys only grow. */
export const partitionUnits = 1000;
/** A table takes twice its earlier peak once that peak is this old, seconds. */
const doublingS = 1800;
/** A partition that is too hot for so long is split, seconds. AWS does not say how long it takes: an assumption. */
const splitAfterS = 300;

type Partition = { readonly keys: readonly number[]; hotSeconds: number };

/**
 * The writes of a table or an index: partitions hold keys by the digest of their names, split by heat, and end where one
 * key is alone. That key cannot be split further: the sort keys of both indexes begin with a time, so all new entries
 * fall on one side of any cut.
 */
export class PartitionedStore {
  readonly #settings: StoreSettings;
  #partitions: Partition[];
  #ceiling: number;
  #peak = 0;
  #peakSince = 0;

  /** `keys`: names of partition keys; each second tells the units under each of them, in this order. */
  constructor(keys: readonly string[], settings: StoreSettings) {
    this.#settings = settings;
    this.#ceiling = Math.min(settings.warmUnits, settings.quotaUnits);
    const order = keys.map((key, index) => ({ index, digest: createHash('md5').update(key).digest('hex') }));
    order.sort((left, right) => (left.digest < right.digest ? -1 : 1));
    // A partition holds a range of digests, as wide as its neighbours'.
    const count = Math.max(1, Math.ceil(settings.warmUnits / partitionUnits));
    const ranges = Array.from({ length: count }, (): number[] => []);
    for (const { index, digest } of order) {
      ranges[Math.floor((Number.parseInt(digest.slice(0, 8), 16) / 2 ** 32) * count)]?.push(index);
    }
    this.#partitions = ranges.map((range) => ({ keys: range, hotSeconds: 0 }));
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  /** Asked units by what is there for them: of the store as a whole, and of its hottest partition. Above 1 it is too little. */
  pressure(units: Float64Array): { readonly whole: number; readonly hottest: number } {
    let total = 0;
    let hottest = 0;
    for (const { keys } of this.#partitions) {
      const asked = sumOf(keys, units);
      total += asked;
      hottest = Math.max(hottest, asked);
    }
    return { whole: total / this.#ceiling, hottest: hottest / partitionUnits };
  }

  /** One second: the share of the asked units that is taken, for each key. */
  take(second: number, units: Float64Array): Float64Array {
    const shares = new Float64Array(units.length).fill(1);
    let taken = 0;
    const next: Partition[] = [];
    for (const partition of this.#partitions) {
      const asked = sumOf(partition.keys, units);
      const share = asked > partitionUnits ? partitionUnits / asked : 1;
      if (share < 1) for (const key of partition.keys) shares[key] = share;
      taken += asked * share;
      partition.hotSeconds = share < 1 ? partition.hotSeconds + 1 : 0;
      next.push(...(partition.hotSeconds >= splitAfterS ? split(partition, units) : [partition]));
    }
    this.#partitions = next;
    const ofWhole = Math.min(1, this.#ceiling / Math.max(1, taken));
    if (ofWhole < 1) for (let key = 0; key < shares.length; key += 1) shares[key] = (shares[key] ?? 0) * ofWhole;
    this.#grow(second, taken * ofWhole);
    return shares;
  }

  #grow(second: number, taken: number): void {
    if (taken > this.#peak * 1.05) {
      this.#peak = taken;
      this.#peakSince = second;
    }
    if (second - this.#peakSince < doublingS) return;
    this.#ceiling = Math.min(this.#settings.quotaUnits, Math.max(this.#ceiling, 2 * this.#peak));
    this.#peakSince = second;
  }
}

/** In two of about the same heat. */
function split(partition: Partition, units: Float64Array): Partition[] {
  const { keys } = partition;
  if (keys.length < 2) return [partition];
  const half = sumOf(keys, units) / 2;
  let left = 0;
  let cut = 0;
  while (cut < keys.length - 1 && (cut === 0 || left < half)) {
    left += units[keys[cut] ?? 0] ?? 0;
    cut += 1;
  }
  return [keys.slice(0, cut), keys.slice(cut)].map((part) => ({ keys: part, hotSeconds: 0 }));
}

function sumOf(keys: readonly number[], units: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < keys.length; index += 1) sum += units[keys[index] ?? 0] ?? 0;
  return sum;
}
