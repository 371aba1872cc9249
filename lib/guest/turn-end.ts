import type { JournalRecord, RollbackOutcome } from '../core/records.ts';
import { canRollBack } from '../core/replay/journal-state.ts';
import type { Replay } from '../core/replay/replay.ts';
import { rolledBack } from '../core/replay/rollback.ts';
import type { Attempts } from './attempts.ts';
import { finalRecord, type RunOutcome } from './final-record.ts';
import type { Recorder } from './recorder.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { TurnHost } from './turn-host.ts';

interface TurnEndParams {
  readonly replay: Replay;
  readonly recorder: Recorder;
  readonly attempts: Attempts;
  readonly rehearsal: Rehearsal | undefined;
  readonly host: TurnHost;
}

/** How a turn comes to its last word. */
export class TurnEnd {
  /** From here on nothing is posted by itself. */
  isReached = false;
  readonly #params: TurnEndParams;

  constructor(params: TurnEndParams) {
    this.#params = params;
  }

  finish(outcome: RunOutcome): void {
    const { replay, attempts, rehearsal, host } = this.#params;
    if (rehearsal !== undefined) {
      this.isReached = true;
      return rehearsal.end(outcome);
    }
    const end = finalRecord(outcome, 0, host.mapStack);
    if (end.kind === 'errored') attempts.recordStarts();
    attempts.drop();
    if (end.kind !== 'errored' || !canRollBack(replay.state)) {
      return this.#say('finished', (at) => ({ ...end, at }));
    }
    // Handlers are always got by a replay, so that there is one way to get them: another turn goes on.
    this.#say('yield', (at) => ({ kind: 'rollback_started', at, cause: 'errored', error: end.error }));
  }

  finishRolledBack(outcome: RollbackOutcome): void {
    const { rollback } = this.#params.replay.state;
    if (rollback !== undefined) this.#say('finished', (at) => rolledBack(rollback, at, outcome));
  }

  /** The last word, with the last record. */
  #say(kind: 'finished' | 'yield', make: (at: number) => JournalRecord): void {
    const { recorder, host } = this.#params;
    this.isReached = true;
    recorder.isHeldBack = true;
    recorder.record(make);
    host.setAlarm(undefined);
    host.post({ kind, records: recorder.take() });
  }
}
