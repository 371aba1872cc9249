/** Node's own timers end at 24.8 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** Timers that can be taken back all at once, so that nothing fires after the cloud is closed. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>();
  #isClosed = false;

  /** @returns takes it back */
  after(ms: number, run: () => void): () => void {
    let current: NodeJS.Timeout | undefined;
    const arm = (left: number): void => {
      if (this.#isClosed) return;
      const timer = setTimeout(
        () => {
          this.#pending.delete(timer);
          if (left > LONGEST_MS) arm(left - LONGEST_MS);
          else run();
        },
        Math.min(Math.max(0, left), LONGEST_MS),
      );
      current = timer;
      this.#pending.add(timer);
    };
    arm(ms);
    return () => {
      if (current === undefined) return;
      clearTimeout(current);
      this.#pending.delete(current);
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }
}
