type Batch = { second: number; count: number };

/** A queue that serves tenants by turns: a backlog waits behind itself. Counts messages by the second in which they came. */
export class FairQueue {
  readonly #backlogs: Batch[][];
  readonly #waiting: Float64Array;
  /** Ages of what has left, in whole seconds, by how many. */
  readonly #ages: number[] = [];
  #size = 0;

  constructor(tenants: number) {
    this.#backlogs = Array.from({ length: tenants }, () => []);
    this.#waiting = new Float64Array(tenants);
  }

  get size(): number {
    return this.#size;
  }

  add(tenant: number, second: number, count: number): void {
    if (count <= 0) return;
    this.#backlogs[tenant]?.push({ second, count });
    this.#add(tenant, count);
  }

  /** What each tenant gets of so many places: nobody more than it has waiting, and nobody less than another for whom more waits. */
  offer(places: number): Float64Array {
    const given = Float64Array.from(this.#waiting);
    if (this.#size <= places) return given;
    const order = [...given.keys()].sort((one, other) => (given[one] ?? 0) - (given[other] ?? 0));
    let left = places;
    for (const [index, tenant] of order.entries()) {
      const share = Math.min(given[tenant] ?? 0, left / (order.length - index));
      given[tenant] = share;
      left -= share;
    }
    return given;
  }

  take(tenant: number, second: number, count: number): void {
    const batches = this.#backlogs[tenant] ?? [];
    let left = count;
    while (left > 1e-9 && batches[0] !== undefined) {
      const [first] = batches;
      const taken = Math.min(left, first.count);
      const age = second - first.second;
      this.#ages[age] = (this.#ages[age] ?? 0) + taken;
      first.count -= taken;
      left -= taken;
      this.#add(tenant, -taken);
      if (first.count <= 1e-9) batches.shift();
    }
  }

  #add(tenant: number, count: number): void {
    this.#waiting[tenant] = (this.#waiting[tenant] ?? 0) + count;
    this.#size += count;
  }

  /** The age in seconds that `share` of all messages did not exceed; those that still wait count with the age they have. */
  ageAt(share: number, now: number): number {
    const ages = [...this.#ages];
    for (const { second, count } of this.#backlogs.flat()) ages[now - second] = (ages[now - second] ?? 0) + count;
    const all = ages.reduce((sum, count) => sum + (count ?? 0), 0);
    let seen = 0;
    for (const [age, count] of ages.entries()) {
      seen += count ?? 0;
      if (seen >= all * share) return age;
    }
    return 0;
  }
}
