import type { RollbackOutcome, StepKey } from '../core/records.ts';
import { rollbackKeyOf } from '../core/replay/journal-state.ts';
import type { Replay, StepCall } from '../core/replay/replay.ts';
import { DEFAULT_STEP_CONFIG } from '../core/replay/retries.ts';
import { unavailable } from '../core/replay/rollback.ts';
import type { Undo } from '../core/replay/step-call.ts';
import type { StepState } from '../core/replay/step-state.ts';
import { shownConfig } from './attempt-context.ts';
import type { Attempts } from './attempts.ts';
import { reviveRecorded } from './error-data.ts';
import { type Gates, gateOutcome } from './gates.ts';
import type { StreamResults } from './stream-results.ts';
import { decode, reviveError } from './values.ts';

export type RollbackMove =
  /** A handler has been started. */
  | { readonly kind: 'acted' }
  /** For a handler at work, or for its next attempt. */
  | { readonly kind: 'waiting' }
  /** The next handler is to be given this value. */
  | { readonly kind: 'need_value'; readonly position: number }
  /** Whether somebody has answered in time is to be known first. */
  | { readonly kind: 'need_inbox' }
  | { readonly kind: 'over'; readonly outcome: RollbackOutcome };

/**
 * The way back: handlers of the steps that have started, in reverse order of their starts, one at a time, each by the
 * attempts that steps have too. `run()` has been replayed before, since nothing else brings the handlers back.
 */
export class Rollback {
  readonly #replay: Replay;
  readonly #attempts: Attempts;
  readonly #streams: StreamResults;
  readonly #gates: Gates;
  /** By the key of the step, as the code has them in this turn. */
  readonly #undos = new Map<string, Undo>();

  constructor(params: {
    readonly replay: Replay;
    readonly attempts: Attempts;
    readonly streams: StreamResults;
    readonly gates: Gates;
  }) {
    this.#replay = params.replay;
    this.#attempts = params.attempts;
    this.#streams = params.streams;
    this.#gates = params.gates;
  }

  register({ name, count }: StepKey, undo: Undo): void {
    this.#undos.set(`${count}:${name}`, undo);
  }

  /** `values`: texts that were asked for and have come, by position; `inboxKnownAt`: it has been read up to then. */
  next(
    now: number,
    { values, inboxKnownAt }: { readonly values: Map<number, string>; readonly inboxKnownAt: number },
  ): RollbackMove {
    const { state } = this.#replay;
    if (state.rollbackFailure !== undefined) {
      return { kind: 'over', outcome: { outcome: 'failed', error: state.rollbackFailure } };
    }
    const step = state.toUndo.at(-1);
    if (step === undefined) return { kind: 'over', outcome: { outcome: 'complete' } };
    const undone = this.#undone(step);
    const isDue = undone?.phase !== 'retrying' || undone.until <= now;
    if (this.#attempts.size > 0 || this.#attempts.hasPostponed || !isDue) return { kind: 'waiting' };

    const { key } = step;
    if (undone?.phase === 'gated') {
      const outcome = gateOutcome(undone, { now, inboxKnownAt });
      if (outcome.kind === 'waiting') return outcome;
      if (outcome.kind === 'unsure') return { kind: 'need_inbox' };
      if (outcome.kind !== 'approved') {
        this.#gates.refuse(callOf(step), undone, outcome);
        return { kind: 'acted' };
      }
    }
    const undo = this.#undos.get(`${key.count}:${key.name}`);
    if (undo === undefined) {
      const message = `a replay did not come to the step "${key.name}" again`;
      return { kind: 'over', outcome: unavailable({ name: 'NonDeterminismError', message }) };
    }
    const outcome = this.#replay.outcomeOf(key);
    if (outcome?.isApart === true && !values.has(outcome.position)) {
      return { kind: 'need_value', position: outcome.position };
    }
    const output = outcome?.isApart === true ? values.get(outcome.position) : outcome?.value;
    this.#start(step, undone, undo, output);
    return { kind: 'acted' };
  }

  /** When the next attempt of a handler is due, epoch ms; `undefined`: none waits for that. */
  nextAt(): number | undefined {
    const step = this.#replay.state.toUndo.at(-1);
    const undone = step && this.#undone(step);
    return undone?.phase === 'retrying' || undone?.phase === 'gated' ? undone.until : undefined;
  }

  #undone({ key }: StepState): StepState | undefined {
    return this.#replay.state.stepOf(rollbackKeyOf(key));
  }

  #start(step: StepState, undone: StepState | undefined, undo: Undo, output: string | undefined): void {
    const call = callOf(step);
    const callback = async (context: unknown): Promise<void> => {
      await undo.handler(this.#input(step, context as { readonly signal: AbortSignal }, output));
    };
    this.#attempts.register(call, { callback, delay: undo.delay });
    if (undone?.phase !== 'retrying' && undone?.phase !== 'gated') return this.#attempts.begin(call);
    this.#attempts.retry(call, undone);
  }

  /** What a handler is called with; decoded anew for each attempt. */
  #input(step: StepState, context: { readonly signal: AbortSignal }, output: string | undefined): object {
    const { name, count } = step.key;
    return {
      ctx: {
        step: { name, count },
        attempt: step.attempts,
        config: shownConfig(step.config ?? DEFAULT_STEP_CONFIG),
        get signal() {
          return context.signal;
        },
      },
      error: this.#error(),
      output: this.#output(step, output),
      stepName: `${name}-${count}`,
    };
  }

  #output({ key, stream }: StepState, text: string | undefined): unknown {
    if (stream !== undefined) return this.#streams.open(key, stream);
    return text === undefined ? undefined : decode(text);
  }

  #error(): Error {
    const { rollback } = this.#replay.state;
    return rollback?.cause === 'errored'
      ? reviveRecorded(rollback.error)
      : reviveError({ name: 'WorkflowTerminatedError', message: 'The instance was terminated' });
  }
}

/** Nothing waits for what a handler gives. */
const callOf = (step: StepState): StepCall => ({
  key: rollbackKeyOf(step.key),
  ordinal: step.ordinal,
  config: step.config?.rollback,
  settle: () => {},
});
