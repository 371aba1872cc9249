import type { StepKey } from '../core/records.ts';
import { type Divergence, type Replay, type StepCall, showKey } from '../core/replay/replay.ts';
import type { Rehearsed, RehearsedDivergence, SourcePlace } from '../ports/turn-messages.ts';
import { errorDataOf } from './error-data.ts';
import type { RunOutcome } from './final-record.ts';
import type { TurnHost } from './turn-host.ts';
import { text } from './values.ts';

/** Of one journal: where code and journal have parted ways, what follows is mostly the same once more. */
const MAX_DIVERGENCES = 10;
/** Of the latest calls; whoever has come to a step after a thousand others wants to know where that one is. */
const MAX_PLACES = 1_000;

/**
 * A replay of a journal that comes to nothing: recorded results are delivered, and where something new would happen it is
 * over. No callback runs, no record is made and no call leaves.
 */
export class Rehearsal {
  readonly #replay: Replay;
  readonly #host: TurnHost;
  readonly #divergences = new Map<string, RehearsedDivergence>();
  /** The stacks of calls, which are made readable when somebody wants them. */
  readonly #stacks = new Map<string, Error>();

  #effect: Pick<Rehearsed, 'next' | 'place'> | undefined;

  constructor(replay: Replay, host: TurnHost) {
    this.#replay = replay;
    this.#host = host;
  }

  /** `run()` is calling a step. */
  noteCall({ key }: StepCall): void {
    this.#stacks.set(showKey(key), new Error());
    if (this.#stacks.size <= MAX_PLACES) return;
    const oldest = this.#stacks.keys().next().value;
    if (oldest !== undefined) this.#stacks.delete(oldest);
  }

  diverge({ key, expected, got }: Divergence): void {
    const text = `${expected} | ${got}`;
    if (this.#divergences.size >= MAX_DIVERGENCES || this.#divergences.has(text)) return;
    this.#divergences.set(text, { step: key.name, expected, got, ...placed(this.#placeOf(got)) });
  }

  /** Everything recorded has been delivered; `next`: the step that would go on now, or is waited for. */
  endCaughtUp(next: StepKey | undefined): void {
    this.#divergeWhereUncalled('run() waits for something else');
    const shown = next === undefined ? undefined : showKey(next);
    this.#post('caught_up', {
      ...(shown === undefined ? {} : { next: shown, ...placed(this.#placeOf(shown)) }),
    });
  }

  /** `run()` calls the outside by itself: its answer is nobody's to invent, so nothing after it can be rehearsed. */
  noteEffect(what: string): void {
    this.#effect ??= { next: what, ...placed(this.#read(new Error())) };
  }

  /** There was such a call: then this is the end. */
  hasEndedAtEffect(): boolean {
    if (this.#effect !== undefined) this.#post('effect', this.#effect);
    return this.#effect !== undefined;
  }

  /** `run()` has ended. */
  end(outcome: RunOutcome): void {
    if (!outcome.ok) return this.#endThrown(outcome.error);
    this.#divergeWhereUncalled('run() ended');
    this.#post('returned', {});
  }

  #endThrown(thrown: unknown): void {
    const { name, message, stack } = errorDataOf(thrown, this.#host.mapStack);
    const error = { name, message, ...(stack === undefined ? {} : { stack }) };
    this.#post('threw', { error, ...placed(stack === undefined ? undefined : firstPlace(stack)) });
  }

  #divergeWhereUncalled(got: string): void {
    for (const key of this.#replay.uncalled()) {
      if (this.#divergences.size >= MAX_DIVERGENCES) return;
      const found = this.#replay.divergenceAt(key, got);
      if (found !== undefined) this.diverge(found);
    }
  }

  #post(stop: Rehearsed['stop'], more: Pick<Rehearsed, 'next' | 'place' | 'error'>): void {
    const { delivered } = this.#replay;
    this.#host.setAlarm(undefined);
    this.#host.post({ kind: 'rehearsed', stop, delivered, divergences: [...this.#divergences.values()], ...more });
  }

  #placeOf(shown: string): SourcePlace | undefined {
    const error = this.#stacks.get(shown);
    return error === undefined ? undefined : this.#read(error);
  }

  #read(error: Error): SourcePlace | undefined {
    return firstPlace(this.#host.mapStack(text(() => error.stack, '')));
  }
}

const PLACE = /(?:\(|at )([^\s()]+):(\d+):(\d+)\)?/;

const firstPlace = (stack: string): SourcePlace | undefined => {
  const match = PLACE.exec(stack);
  return match === null ? undefined : { file: match[1] ?? '', line: Number(match[2]), column: Number(match[3]) };
};

const placed = (place: SourcePlace | undefined): { readonly place?: SourcePlace } =>
  place === undefined ? {} : { place };
