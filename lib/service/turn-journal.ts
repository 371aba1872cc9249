import { type AdmitLimits, refusalOf } from '../core/admit.ts';
import { carriedValue } from '../core/carried-value.ts';
import type { JournalRecord } from '../core/records.ts';
import { JournalState } from '../core/replay/journal-state.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { AppendParams, AppendResult, InstanceKey, InstanceStore } from '../ports/instance-store.ts';
import type { GuestRecord } from '../ports/turn-messages.ts';
import type { UsageMeter } from '../ports/usage.ts';
import { forGuest, loadValue, segmentOf, spill, valuePrefix, withValue } from './stored-values.ts';
import type { Written } from './turn-spans.ts';

interface Needs {
  readonly instances: Pick<InstanceStore, 'readJournal' | 'append'>;
  readonly blobs: BlobStore;
  readonly usage?: UsageMeter;
  readonly onWritten?: (written: Written) => void;
}

/** A value shorter than this is in a row whatever its bytes are. */
const SURELY_INLINE_CHARS = 65_536;

/** The journal of one incarnation as one turn holds it: what is durable, folded, and where the next append goes. */
export class TurnJournal {
  readonly state = new JournalState();
  /** Told of records once they are durable; throws nothing. */
  tail: ((records: readonly JournalRecord[]) => void) | undefined;
  readonly #needs: Needs;
  readonly #key: InstanceKey;
  readonly #incarnation: string;
  #records: JournalRecord[] = [];
  #segmentEnd = 0;

  constructor(needs: Needs, of: { readonly key: InstanceKey; readonly incarnation: string }) {
    this.#needs = needs;
    this.#key = of.key;
    this.#incarnation = of.incarnation;
  }

  /** Records that have been written, or are being written. */
  get position(): number {
    return this.#records.length;
  }

  /** Of all records, as they are read or written. */
  get records(): readonly JournalRecord[] {
    return this.#records;
  }

  /** Another version was chosen for the instance. */
  get hasMoved(): boolean {
    return this.#records.some(({ kind }) => kind === 'moved');
  }

  async load(): Promise<void> {
    const of = { key: this.#key, incarnation: this.#incarnation };
    this.#records = [...(await this.#needs.instances.readJournal(of))];
    for (const record of this.#records) this.state.apply(record);
  }

  /** A record of the dispatcher's own: made by `decide`, so that there is nothing to check. */
  apply(record: JournalRecord): JournalRecord {
    this.state.apply(record);
    return record;
  }

  /** A guest's records, checked and applied, large values put aside; `undefined`: one of them was refused. */
  async admit(
    records: readonly JournalRecord[],
    params: {
      readonly limits: AdmitLimits;
      readonly now: number;
      /** Whether what a sound record says of the outside is so. */
      readonly isTrue: (record: JournalRecord) => boolean;
    },
  ): Promise<JournalRecord[] | undefined> {
    const { limits, now, isTrue } = params;
    const out: JournalRecord[] = [];
    for (const record of records) {
      if (refusalOf(this.state, record, limits, now) !== undefined || !isTrue(record)) return undefined;
      out.push(this.apply(await this.#putAside(record)));
    }
    return out;
  }

  /** The one conditional write, at the position where the journal ends. */
  async write(records: readonly JournalRecord[], release?: AppendParams['release']): Promise<AppendResult> {
    const position = this.#records.length;
    this.#records.push(...records);
    const result = await this.#needs.instances.append({
      key: this.#key,
      incarnation: this.#incarnation,
      position,
      records,
      ...(release === undefined ? {} : { release }),
    });
    if (result.kind === 'conflict') return result;
    this.#count(records);
    if (records.length > 0) this.tail?.(records);
    const status = result.kind === 'done' ? release?.projection.status : undefined;
    this.#needs.onWritten?.({ records, journal: this.#records, ...(status !== undefined && { status }) });
    return result;
  }

  /** The first part for a guest that starts. */
  firstSegment(): { readonly records: readonly GuestRecord[]; readonly hasMore: boolean } {
    this.#segmentEnd = 0;
    return this.nextSegment();
  }

  nextSegment(): { readonly records: readonly GuestRecord[]; readonly hasMore: boolean } {
    const { records, next } = segmentOf(this.#records, this.#segmentEnd);
    this.#segmentEnd = next;
    return { records, hasMore: next < this.#records.length };
  }

  /** The last `count` records, for a guest that is at work. */
  lastForGuest(count: number): readonly GuestRecord[] {
    const first = this.#records.length - count;
    return this.#records.slice(first).map((record, index) => forGuest(record, first + index));
  }

  /** `undefined`: there is no such record, or it carries no value. */
  async valueAt(position: number): Promise<string | undefined> {
    const record = this.#records[position];
    const value = record === undefined ? undefined : carriedValue(record);
    return value === undefined ? undefined : loadValue(this.#needs.blobs, value);
  }

  #count(records: readonly JournalRecord[]): void {
    let steps = 0;
    let bytes = 0;
    for (const record of records) {
      if (record.kind === 'step_settled' || record.kind === 'completion_consumed') steps += 1;
      const value = carriedValue(record);
      if (value !== undefined) bytes += typeof value === 'string' ? Buffer.byteLength(value) : value.bytes;
    }
    if (steps + bytes > 0) this.#needs.usage?.count(this.#key, { steps, bytes });
  }

  async #putAside(record: JournalRecord): Promise<JournalRecord> {
    const value = carriedValue(record);
    if (typeof value !== 'string' || value.length < SURELY_INLINE_CHARS) return record;
    const name = `${valuePrefix(this.#key)}${this.#incarnation}/${this.state.position}`;
    return withValue(record, await spill(this.#needs.blobs, name, value));
  }
}
