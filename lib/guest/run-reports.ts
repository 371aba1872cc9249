import type { Divergence, Replay } from '../core/replay/replay.ts';
import { NonDeterminismError } from './errors.ts';
import type { Recorder } from './recorder.ts';
import type { Rehearsal } from './rehearsal.ts';

interface RunReportsParams {
  readonly replay: Replay;
  readonly recorder: Recorder;
  readonly rehearsal: Rehearsal | undefined;
  /** What is told here is fatal. */
  readonly isStrict: boolean;
  readonly doom: (error: Error) => void;
}

/** What is told of `run()`: where it leaves its journal, and what it does that no journal holds. */
export class RunReports {
  readonly #params: RunReportsParams;

  constructor(params: RunReportsParams) {
    this.#params = params;
  }

  diverge(found: Divergence | undefined): void {
    if (found === undefined) return;
    const { rehearsal, recorder, isStrict, doom } = this.#params;
    if (rehearsal !== undefined) return rehearsal.diverge(found);
    const { expected, got } = found;
    recorder.record((at) => ({ kind: 'diverged', at, expected, got }));
    if (!isStrict) return;
    doom(
      new NonDeterminismError(
        `The code does not follow the journal of this instance: expected ${expected}, got ${got}`,
      ),
    );
  }

  /** `run()` itself has called the outside. */
  effect(what: string): void {
    const { replay, recorder, isStrict, doom } = this.#params;
    if (!replay.isEffectTold(what)) recorder.record((at) => ({ kind: 'unrecorded_effect', at, what }));
    if (!isStrict) return;
    const why = 'its result is not recorded, so a replay may differ. Call it inside step.do';
    doom(new NonDeterminismError(`${what} was called outside a step: ${why}`));
  }
}
