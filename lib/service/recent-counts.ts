import { SECOND_MS } from '../core/limits.ts';

/** What is left to a name; `at`: since when, epoch ms, or in which second. */
export interface Count {
  count: number;
  at: number;
}

/** Counts by names, of those that were used last: a flood of names takes no more memory than so many. */
export class RecentCounts {
  readonly #maxNames: number;
  readonly #counts = new Map<string, Count>();

  constructor(maxNames: number) {
    this.#maxNames = maxNames;
  }

  of(name: string, fresh: Count): Count {
    const found = this.#counts.get(name) ?? fresh;
    this.#counts.delete(name);
    this.#counts.set(name, found);
    if (this.#counts.size > this.#maxNames) {
      const oldest = this.#counts.keys().next().value;
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
    return found;
  }
}

export interface Rate {
  readonly perSecond: number;
  /** At once, after a while without any. */
  readonly atOnce: number;
}

/** A token bucket. More than it ever holds passes when it is full, and leaves a debt. */
export const takeFromBucket = (
  counts: RecentCounts,
  name: string,
  count: number,
  { perSecond, atOnce }: Rate,
  now: number,
): boolean => {
  const bucket = counts.of(name, { count: atOnce, at: now });
  const passed = Math.max(0, now - bucket.at) / SECOND_MS;
  bucket.count = Math.min(atOnce, bucket.count + passed * perSecond);
  bucket.at = now;
  if (bucket.count < Math.min(count, atOnce)) return false;
  bucket.count -= count;
  return true;
};
