import type { AdmitLimits } from '../core/admit.ts';
import type { JournalRecord } from '../core/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { GuestMessage } from '../ports/turn-messages.ts';
import type { TurnJournal } from './turn-journal.ts';
import { TurnLogs } from './turn-logs.ts';
import type { TurnStreams } from './turn-streams.ts';

const ENDS: ReadonlySet<JournalRecord['kind']> = new Set(['completed', 'errored', 'terminated']);

/** What a turn lets in of what its guest says: records that hold, and between them what was logged. */
export class TurnAdmission {
  readonly #clock: Clock;
  readonly #journal: TurnJournal;
  readonly #streams: TurnStreams;
  readonly #logs = new TurnLogs();

  constructor(clock: Clock, journal: TurnJournal, streams: TurnStreams) {
    this.#clock = clock;
    this.#journal = journal;
    this.#streams = streams;
  }

  /** The records, checked and applied, with what was logged before them; `undefined`: one of them was refused. */
  async admit(records: readonly JournalRecord[], limits: AdmitLimits): Promise<JournalRecord[] | undefined> {
    const last = records.at(-1);
    // Nothing stands behind the end, what was said least of all.
    const end = last !== undefined && ENDS.has(last.kind) ? [last] : [];
    const before = await this.#admitAll(records.slice(0, records.length - end.length), limits);
    const said = before && this.takeLogs();
    const ended = before && (await this.#admitAll(end, limits));
    return before && said && ended && [...before, ...said, ...ended];
  }

  /** What is to be appended now, since it has waited long enough for records to go with. */
  logs(message: Extract<GuestMessage, { kind: 'logs' }>): readonly JournalRecord[] | undefined {
    const now = this.#clock.now();
    this.#logs.add(message, now);
    return this.#logs.isDue(now) ? this.takeLogs() : undefined;
  }

  /** What the guest has said goes with the next append. */
  takeLogs(): readonly JournalRecord[] {
    const { state } = this.#journal;
    return this.#logs.take(state, this.#clock.now()).map((record) => this.#journal.apply(record));
  }

  #admitAll(records: readonly JournalRecord[], limits: AdmitLimits): Promise<JournalRecord[] | undefined> {
    return this.#journal.admit(records, {
      limits,
      now: this.#clock.now(),
      isTrue: (record) => this.#streams.vouchesFor(record),
    });
  }
}
