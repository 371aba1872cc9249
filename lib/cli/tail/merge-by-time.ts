/** How long a line waits for an earlier one from elsewhere. */
const HOLD_MS = 250;

interface Item {
  /** ISO 8601. */
  readonly time: string;
  readonly source: string;
}

/**
 * Gives what comes from many places in the order of its time, as far as it comes within a moment. What one place says stays in the order in
 * which it says it: its own clocks, of code and of records, may differ by a little.
 */
export class MergeByTime<T extends Item> {
  readonly #give: (item: T) => void;
  readonly #latest = new Map<string, string>();
  #held: { readonly time: string; readonly item: T }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(give: (item: T) => void) {
    this.#give = give;
  }

  add(items: readonly T[]): void {
    for (const item of items) {
      const latest = this.#latest.get(item.source) ?? '';
      const time = item.time > latest ? item.time : latest;
      this.#latest.set(item.source, time);
      this.#held.push({ time, item });
    }
    if (this.#held.length > 0) this.#timer ??= setTimeout(() => this.flush(), HOLD_MS);
  }

  /** Gives what is held now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    this.#held = [];
    this.#latest.clear();
    for (const { item } of held) this.#give(item);
  }
}
