import { type JournalRecord, stepKeyText } from '../../lib/core/records.ts';
import { isStoredStream } from '../../lib/core/replay/streams.ts';

/** A journal as the examples keep it: times are ms since the creation, as if code took no time and waits exactly theirs. */
export type GoldenJournal = readonly JournalRecord[];

/** The creation of every golden instance, epoch ms. */
export const GOLDEN_EPOCH = Date.UTC(2026, 0, 1);
export const GOLDEN_ID = 'golden';

/**
 * What is chance in a recorded journal goes: when things happened, the ids of events, the places of streams and what was said (how its lines are gathered is chance). The order of the records, the
 * lengths of the waits and everything else stay.
 */
export const toGolden = (records: readonly JournalRecord[], createdAt: number): GoldenJournal => {
  const clock = new IdealClock();
  const eventNames = new Map<string, string>();
  const eventName = (id: string): string => {
    const name = eventNames.get(id) ?? `event-${eventNames.size + 1}`;
    eventNames.set(id, name);
    return name;
  };
  const golden = records
    .filter(({ kind }) => kind !== 'logged')
    .map((record): JournalRecord => {
      const timed = clock.retime(record);
      return timed.kind === 'event_received' ? { ...timed, eventId: eventName(timed.eventId) } : withoutPlace(timed);
    });
  // A workflow may store its own `event.timestamp`.
  const written = JSON.stringify(new Date(createdAt)).slice(1, -1);
  const text = JSON.stringify(golden).replaceAll(written, new Date(GOLDEN_EPOCH).toISOString());
  return JSON.parse(text) as GoldenJournal;
};

/** Where a stream lies is chance, too. */
const withoutPlace = (record: JournalRecord): JournalRecord => {
  if (record.kind !== 'step_settled' || !record.outcome.ok || !isStoredStream(record.outcome.value)) return record;
  const { bytes } = record.outcome.value;
  return { ...record, outcome: { ok: true, value: { stream: `stream-${record.ordinal}`, bytes } } };
};

/** With epoch ms again, as a store would hold it. */
export const fromGolden = (golden: GoldenJournal): readonly JournalRecord[] =>
  golden.map((record) => {
    const fields = Object.entries(record).map(([name, value]) => [
      name,
      TIMES.has(name) ? GOLDEN_EPOCH + (value as number) : value,
    ]);
    return Object.fromEntries(fields) as JournalRecord;
  });

const TIMES: ReadonlySet<string> = new Set([
  'at',
  'startedAt',
  'until',
  'retryAt',
  'acceptedAt',
  'requestedAt',
  'resumedAt',
]);

/** Tells the time of each record as it would be if only waits took time. */
class IdealClock {
  #now = 0;
  readonly #dueAt = new Map<string, number>();

  retime(record: JournalRecord): JournalRecord {
    if ('step' in record) return this.#retimeStep(record);
    switch (record.kind) {
      case 'event_received':
        return { ...record, at: this.#now, acceptedAt: this.#now };
      case 'pause_requested':
        return { ...record, at: this.#now, requestedAt: this.#now };
      case 'resumed':
        return { ...record, at: this.#now, resumedAt: this.#now };
      default:
        return { ...record, at: this.#now };
    }
  }

  #retimeStep(record: Extract<JournalRecord, { step: unknown }>): JournalRecord {
    const key = stepKeyText(record.step);
    switch (record.kind) {
      case 'sleep_started':
      case 'wait_started': {
        const until = this.#now + record.until - record.at;
        this.#dueAt.set(key, until);
        return { ...record, at: this.#now, until };
      }
      case 'sleep_completed':
      case 'wait_timed_out':
        return { ...record, at: this.#pass(key) };
      case 'event_consumed':
      case 'completion_consumed':
      case 'token_made':
      case 'step_refused':
        return { ...record, at: this.#now };
      case 'approval_asked':
      case 'attempt_deferred':
        return { ...record, at: this.#now, until: this.#now + record.until - record.at };
      case 'completion_received':
      case 'verdict_received':
        return { ...record, at: this.#now, acceptedAt: this.#now };
      case 'attempt_started':
        return { ...record, at: this.#pass(key) };
      case 'attempt_failed': {
        const at = this.#pass(key);
        const retryAt = at + record.retryAt - record.at;
        this.#dueAt.set(key, retryAt);
        return { ...record, at, startedAt: at, retryAt };
      }
      case 'step_settled': {
        const at = this.#pass(key);
        return { ...record, at, startedAt: at };
      }
    }
  }

  /** What the step waited for is over. */
  #pass(key: string): number {
    this.#now = Math.max(this.#now, this.#dueAt.get(key) ?? 0);
    this.#dueAt.delete(key);
    return this.#now;
  }
}
