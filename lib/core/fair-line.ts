interface Owned<T> {
  readonly items: T[];
  /** How much it has had, in the line's own measure. */
  had: number;
}

/**
 * A line in which owners take turns: who has ten thousand waiting waits behind itself, and who comes with one is next but
 * for those at the front. What an owner is given costs it 1, and as much more as it is charged: who uses much waits longer.
 */
export class FairLine<T> {
  readonly #owners = new Map<string, Owned<T>>();
  /** What those that were not in line are taken to have had: no rest is saved up. */
  #floor = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(owner: string, item: T): void {
    const owned = this.#owners.get(owner) ?? { items: [], had: this.#floor };
    this.#owners.set(owner, owned);
    owned.items.push(item);
    this.#size += 1;
  }

  /** Beside what being next costs. Of somebody who is not in line nothing is kept. */
  charge(owner: string, cost: number): void {
    const owned = this.#owners.get(owner);
    if (owned !== undefined) owned.had += cost;
  }

  /** The first one in line of whom has had least, among those that may. */
  next(may: (owner: string) => boolean = () => true): T | undefined {
    let chosen: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [owner, { had }] of this.#owners) {
      if (had >= least || !may(owner)) continue;
      chosen = owner;
      least = had;
      // Nobody has had less.
      if (had <= this.#floor) break;
    }
    const owned = chosen === undefined ? undefined : this.#owners.get(chosen);
    if (chosen === undefined || owned === undefined) return undefined;
    const item = owned.items.shift();
    this.#floor = Math.max(this.#floor, owned.had);
    owned.had += 1;
    this.#size -= 1;
    this.#owners.delete(chosen);
    if (owned.items.length > 0) this.#owners.set(chosen, owned);
    return item;
  }

  clear(): void {
    this.#owners.clear();
    this.#size = 0;
  }
}
