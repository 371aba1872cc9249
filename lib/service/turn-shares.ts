import type { Timer } from '../ports/timer.ts';

/** So many turns of one tenant may be at their beginning at once: they are what others have to wait behind. */
const MAX_FRESH = 8;
/** After this a turn rests by now, or is taken for one that takes long, ms. */
const FRESH_MS = 50;

interface Share {
  active: number;
  fresh: number;
}

/**
 * What each tenant has of the turns that a process may run at a time: at most half of what the others leave, so that there
 * is always room for one more tenant; and of that no more at their beginning than keep others from theirs for a moment.
 */
export class TurnShares {
  readonly #timer: Timer;
  readonly #maxTurns: number;
  readonly #shares = new Map<string, Share>();
  #active = 0;

  constructor(timer: Timer, maxTurns: number) {
    this.#timer = timer;
    this.#maxTurns = maxTurns;
  }

  /** Turns at work, of all. */
  get active(): number {
    return this.#active;
  }

  mayBegin(tenant: string): boolean {
    if (this.#active >= this.#maxTurns) return false;
    const { active, fresh } = this.#shares.get(tenant) ?? { active: 0, fresh: 0 };
    const left = this.#maxTurns - (this.#active - active);
    return fresh < MAX_FRESH && active < Math.max(1, Math.ceil(left / 2));
  }

  /** `onRoom`: called when it is not fresh any more, should it last so long. Gives what is called at its end. */
  begin(tenant: string, onRoom: () => void): () => void {
    const share = this.#shares.get(tenant) ?? { active: 0, fresh: 0 };
    this.#shares.set(tenant, share);
    share.active += 1;
    share.fresh += 1;
    this.#active += 1;
    let isFresh = true;
    const age = (): void => {
      if (isFresh) share.fresh -= 1;
      isFresh = false;
    };
    const cancel = this.#timer.after(FRESH_MS, () => {
      age();
      onRoom();
    });
    return () => {
      cancel();
      age();
      share.active -= 1;
      this.#active -= 1;
      if (share.active === 0) this.#shares.delete(tenant);
    };
  }
}
