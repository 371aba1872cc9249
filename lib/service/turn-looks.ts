import type { Timer } from '../ports/timer.ts';
import type { TurnActions } from './turn-actions.ts';
import type { TurnOptions } from './turn-options.ts';

/** When a turn looks into its inbox: once it is told that something has come, and from time to time where nobody tells it. */
export class TurnLooks {
  readonly #timer: Timer;
  readonly #everyMs: number | undefined;
  readonly #actions: TurnActions;
  readonly #look: () => Promise<void>;
  #isAsked = false;
  #cancel: () => void = () => {};

  constructor(
    timer: Timer,
    { lookEveryMs }: Pick<TurnOptions, 'lookEveryMs'>,
    actions: TurnActions,
    look: () => Promise<void>,
  ) {
    this.#timer = timer;
    this.#everyMs = lookEveryMs;
    this.#actions = actions;
    this.#look = look;
  }

  begin(): void {
    if (this.#everyMs === undefined) return;
    this.#cancel = this.#timer.after(this.#everyMs, () => {
      this.ask();
      this.begin();
    });
  }

  /** However often it is asked before it gets to it, it looks once. */
  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#actions.add(async () => {
      this.#isAsked = false;
      await this.#look();
    });
  }

  end(): void {
    this.#cancel();
  }
}
