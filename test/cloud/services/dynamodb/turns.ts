/** Lets work on the same rows happen one after the other, in the order in which it came. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(rows: readonly string[], work: () => Promise<T>): Promise<T> {
    // All places in the queues are taken at once: two that want the same two rows cannot wait for each other.
    const before = rows.map((row) => this.#last.get(row));
    const done = Promise.allSettled(before).then(work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    for (const row of rows) this.#last.set(row, settled);
    try {
      return await done;
    } finally {
      for (const row of rows) if (this.#last.get(row) === settled) this.#last.delete(row);
    }
  }
}
