import type { JournalRecord, StoredValue } from './records.ts';

/** The value that a record carries, where it carries one. */
export const carriedValue = (record: JournalRecord): StoredValue | undefined => {
  switch (record.kind) {
    case 'step_settled':
    case 'completion_received':
      return record.outcome.ok ? record.outcome.value : undefined;
    case 'event_received':
      return record.payload;
    case 'completed':
      return record.output;
    default:
      return undefined;
  }
};

/** Whether something of an instance lies beside its rows: a value too large for one, or a stream. */
export const liesBeside = (value: StoredValue | null | undefined): boolean =>
  value !== undefined && value !== null && typeof value !== 'string';
