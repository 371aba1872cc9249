/** What one turn has to do, one thing after the other, until it is over: what comes later is left undone. */
export class TurnActions {
  readonly #onError: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  add(action: () => Promise<void>): void {
    this.#last = this.#last.then(async () => {
      if (this.#isOver) return;
      try {
        await action();
      } catch (error) {
        this.#onError(error);
      }
    });
  }

  end(): void {
    this.#isOver = true;
  }
}
