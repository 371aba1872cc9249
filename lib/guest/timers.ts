import type { Owner } from './attempt.ts';
import { WorkflowFatalError } from './errors.ts';

interface Timer {
  /** Real time, epoch ms. */
  readonly at: number;
  readonly owner: Owner;
  readonly fire: () => void;
  /** A turn does not end while it is pending. */
  readonly holdsTurn: boolean;
}

/** Plain timers of tenant code. They live as long as the turn and are no effect: nothing of them is recorded. */
export class Timers {
  readonly #timers = new Map<number, Timer>();
  #lastId = 0;

  set(timer: Timer): number {
    this.#lastId += 1;
    this.#timers.set(this.#lastId, timer);
    return this.#lastId;
  }

  clear(id: number): void {
    this.#timers.delete(id);
  }

  /** Whether the turn has to go on for the sake of one of them. */
  get holdTurn(): boolean {
    for (const { holdsTurn } of this.#timers.values()) if (holdsTurn) return true;
    return false;
  }

  /** Whether any belongs to `run()` itself: then the code may still call a step that it has not called yet. */
  get hasOfRun(): boolean {
    for (const { owner, holdsTurn } of this.#timers.values()) if (holdsTurn && owner.kind !== 'attempt') return true;
    return false;
  }

  nextAt(): number | undefined {
    let next: number | undefined;
    for (const { at } of this.#timers.values()) if (next === undefined || at < next) next = at;
    return next;
  }

  /** Those that are due, in the order of their times; they are no longer set. */
  takeDue(now: number): readonly { readonly owner: Owner; readonly fire: () => void }[] {
    const due: (Timer & { id: number })[] = [];
    for (const [id, timer] of this.#timers) if (timer.at <= now) due.push({ id, ...timer });
    due.sort((a, b) => a.at - b.at || a.id - b.id);
    for (const { id } of due) this.#timers.delete(id);
    return due;
  }

  /** An attempt that is over leaves no timers behind. */
  clearOf(attempt: object): void {
    for (const [id, { owner }] of this.#timers) {
      if (owner.kind === 'attempt' && owner.attempt === attempt) this.#timers.delete(id);
    }
  }
}

/** Of a timer that `run()` itself would wait for. */
export const longTimerError = (ms: number): WorkflowFatalError =>
  new WorkflowFatalError(
    `setTimeout of ${ms} ms outside a step: it would keep the workflow in memory and be lost with it. Use step.sleep instead`,
  );
