import type { JournalRecord } from '../core/records.ts';
import { commitDueAt, type Gathered, isCommitDue } from '../core/replay/budget.ts';
import type { Replay } from '../core/replay/replay.ts';
import type { TurnHost } from './turn-host.ts';

/**
 * Output commit, the guest's side: records gather here and go to the dispatcher together, at the latest when they are due.
 * Whoever has something to say takes them along, so that nothing overtakes a record that it depends on (E2).
 */
export class Recorder {
  /** Set while records must wait for a message that is about to take them. */
  isHeldBack = false;
  readonly #replay: Replay;
  readonly #host: TurnHost;
  #bytes = 0;
  #sinceAt = 0;

  constructor(replay: Replay, host: TurnHost) {
    this.#replay = replay;
    this.#host = host;
  }

  /** Makes a record part of the journal-to-be. `make` gets its time: the clock, but never before the record in front. */
  record(make: (at: number) => JournalRecord): void {
    const now = this.#host.now();
    const record = make(this.#replay.stamp(now));
    if (this.isEmpty) this.#sinceAt = now;
    this.#bytes += roughSize(record);
    this.#replay.propose(record);
    if (!this.isHeldBack) this.sendIfDue(now);
  }

  get isEmpty(): boolean {
    return this.#replay.gathered.length === 0;
  }

  /** When what has gathered must go, epoch ms. */
  get dueAt(): number | undefined {
    return this.isEmpty ? undefined : commitDueAt(this.#gathered());
  }

  sendIfDue(now: number): void {
    if (isCommitDue(this.#gathered(), now)) this.#host.post({ kind: 'records', records: this.take() });
  }

  take(): readonly JournalRecord[] {
    this.#bytes = 0;
    return this.#replay.takeGathered();
  }

  #gathered(): Gathered {
    return { records: this.#replay.gathered.length, bytes: this.#bytes, sinceAt: this.#sinceAt };
  }
}

const RECORD_BYTES = 150;

/** Near enough to bound what is gathered; the exact size is known where it is written. */
const roughSize = (record: JournalRecord): number =>
  record.kind === 'step_settled' && record.outcome.ok && typeof record.outcome.value === 'string'
    ? RECORD_BYTES + record.outcome.value.length
    : RECORD_BYTES;
