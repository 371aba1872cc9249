import type { Clock } from '../ports/clock.ts';
import type { Timer } from '../ports/timer.ts';

/** So many turns may be at their beginning at once: they are what others have to wait behind. */
const MAX_FRESH = 16;
/**
 * Of one tenant, while others are there; shared between them, and no less than one. Each more is a turn's records to admit
 * and commit at once, which a quiet tenant's turn waits behind (`npm run bench -- W6`).
 */
const MAX_FRESH_BESIDE = 4;
const MIN_FRESH = 1;
/** Who has begun a turn so long ago is there, ms. */
const THERE_MS = 2_000;
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
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #maxTurns: number;
  readonly #shares = new Map<string, Share>();
  /** When each has last begun a turn, epoch ms; the earliest first. */
  readonly #begunAt = new Map<string, number>();
  #active = 0;

  constructor({ clock, timer }: { readonly clock: Clock; readonly timer: Timer }, maxTurns: number) {
    this.#clock = clock;
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
    return fresh < this.#maxFresh() && active < Math.max(1, Math.ceil(left / 2));
  }

  /** `onRoom`: called when it is not fresh any more, should it last so long. Gives what is called at its end. */
  begin(tenant: string, onRoom: () => void): () => void {
    const share = this.#shares.get(tenant) ?? { active: 0, fresh: 0 };
    this.#shares.set(tenant, share);
    share.active += 1;
    share.fresh += 1;
    this.#active += 1;
    this.#begunAt.delete(tenant);
    this.#begunAt.set(tenant, this.#clock.now());
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

  #maxFresh(): number {
    const since = this.#clock.now() - THERE_MS;
    for (const [tenant, at] of this.#begunAt) {
      if (at > since) break;
      this.#begunAt.delete(tenant);
    }
    const { size } = this.#begunAt;
    return size <= 1 ? MAX_FRESH : Math.max(MIN_FRESH, Math.floor(MAX_FRESH_BESIDE / size));
  }
}
