import { carriedValue } from '../core/carried-value.ts';
import type { JournalRecord, StoredValue } from '../core/records.ts';
import { isStoredStream } from '../core/replay/streams.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { InstanceKey } from '../ports/instance-store.ts';
import type { GuestRecord } from '../ports/turn-messages.ts';

/** A value above this is kept beside the journal, bytes of text. */
export const SPILL_BYTES = 262_144;
/** A value above this is left out of what the guest gets at the start, characters of text. */
const APART_CHARS = 4_096;
/** What one message to the guest carries at most, characters of text. */
export const SEGMENT_CHARS = 4_194_304;

export const valuePrefix = ({ tenant, workflow, id }: InstanceKey): string => `${tenant}/values/${workflow}/${id}/`;

export const streamPrefix = (key: InstanceKey): string => `${valuePrefix(key)}streams/`;

/** Where a stream of this instance lies: no name in a record leads to another instance's (E8). */
export const streamName = (key: InstanceKey, stream: string): string => `${streamPrefix(key)}${stream}`;

/** The value as it goes into a row: itself, or a reference to where it was put. */
export const spill = async (blobs: BlobStore, name: string, value: StoredValue): Promise<StoredValue> => {
  if (typeof value !== 'string' || value.length * 3 <= SPILL_BYTES) return value;
  const bytes = new TextEncoder().encode(value);
  if (bytes.length <= SPILL_BYTES) return value;
  await blobs.put(name, bytes);
  return { ref: name, bytes: bytes.length };
};

/** @throws Error where a referred value is gone: its instance was deleted meanwhile */
export const loadValue = async (blobs: BlobStore, value: StoredValue): Promise<string> => {
  if (typeof value === 'string') return value;
  if (isStoredStream(value)) throw new Error('A stream is no value: it is read in parts');
  const bytes = await blobs.get(value.ref);
  if (bytes === undefined) throw new Error('A stored value is missing');
  return new TextDecoder().decode(bytes);
};

export const withValue = (record: JournalRecord, value: StoredValue): JournalRecord => {
  switch (record.kind) {
    case 'step_settled':
    case 'completion_received':
      return { ...record, outcome: { ok: true, value } };
    case 'event_received':
      return { ...record, payload: value };
    case 'completed':
      return { ...record, output: value };
    default:
      return record;
  }
};

/** A record as the guest gets it: a large value stays here until it is asked for by position. */
export const forGuest = (record: JournalRecord, position: number): GuestRecord => {
  // Nothing that was said has a part in a replay; the record keeps its place.
  if (record.kind === 'logged') return { position, record: { ...record, lines: [] } };
  const value = carriedValue(record);
  const isApart =
    typeof value === 'string' ? value.length > APART_CHARS : value !== undefined && !isStoredStream(value);
  if (value === undefined || !isApart) return { position, record };
  // How large it is counts there as well.
  const bytes = typeof value === 'string' ? Buffer.byteLength(value) : value.bytes;
  return { position, record: withValue(record, { ref: '', bytes }), isValueApart: true };
};

/** From `from` on, as many records as one message may carry; at least one. */
export const segmentOf = (
  records: readonly JournalRecord[],
  from: number,
): { readonly records: readonly GuestRecord[]; readonly next: number } => {
  const segment: GuestRecord[] = [];
  let chars = 0;
  let next = from;
  for (; next < records.length && chars < SEGMENT_CHARS; next++) {
    const record = records[next];
    if (record === undefined) break;
    const guestRecord = forGuest(record, next);
    const value = carriedValue(guestRecord.record);
    chars += 200 + (typeof value === 'string' ? value.length : 0);
    segment.push(guestRecord);
  }
  return { records: segment, next };
};
