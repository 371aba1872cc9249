/** How long a line waits for an earlier one from elsewhere. */
const HOLD_MS = 250;

/** Gives what comes from many places in the order of its time, as far as it comes within a moment. */
export class MergeByTime<T extends { readonly time: string }> {
  readonly #give: (item: T) => void;
  #held: T[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(give: (item: T) => void) {
    this.#give = give;
  }

  add(items: readonly T[]): void {
    if (items.length === 0) return;
    this.#held.push(...items);
    this.#timer ??= setTimeout(() => this.flush(), HOLD_MS);
  }

  /** Gives what is held now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held.sort((a, b) => a.time.localeCompare(b.time));
    this.#held = [];
    for (const item of held) this.#give(item);
  }
}
