import { MAX_INSTANCE_STORAGE_BYTES } from '../core/limits.ts';
import { type JournalRecord, type StepKey, stepKeyText } from '../core/records.ts';
import type { JournalState } from '../core/replay/journal-state.ts';
import type { StepState } from '../core/replay/step-state.ts';
import { partOf, textOf } from '../core/replay/stream-parts.ts';
import { isStoredStream, STREAM_PART_BYTES } from '../core/replay/streams.ts';
import type { BlobStore, BlobWriter } from '../ports/blob-store.ts';
import type { InstanceKey } from '../ports/instance-store.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { HostMessage, StreamPart, StreamRead } from '../ports/turn-messages.ts';
import { streamName, streamPrefix } from './stored-values.ts';
import type { EndedAttempt } from './turn-effects.ts';

interface Needs {
  readonly blobs: BlobStore;
  readonly randomness: Pick<Randomness, 'id'>;
}

interface OfTurn {
  readonly key: InstanceKey;
  readonly incarnation: string;
  readonly state: JournalState;
  /** Of all that the instance stores. @default `MAX_INSTANCE_STORAGE_BYTES` */
  readonly maxBytes?: number;
}

type Answer = Extract<HostMessage, { kind: 'answer' }>;
/** What one attempt has written so far. */
interface Writing {
  readonly stream: string;
  readonly writer: BlobWriter;
  bytes: number;
  /** `refused`: it would not fit, and is gone. `settled`: its settlement is on the way to the journal. */
  phase: 'open' | 'finished' | 'refused' | 'settled';
}

/**
 * The streams that one turn's attempts give, on their way to the blobs, and those that are read again. Nobody sees one
 * before its settlement is in the journal; of one whose attempt does not settle with it nothing remains.
 */
export class TurnStreams {
  readonly #needs: Needs;
  readonly #of: Required<OfTurn>;
  readonly #writing = new Map<string, Writing>();
  #ended: Promise<void> | undefined;

  constructor(needs: Needs, of: OfTurn) {
    this.#needs = needs;
    this.#of = { maxBytes: MAX_INSTANCE_STORAGE_BYTES, ...of };
  }

  /** The attempt's start is durable. `undefined`: no guest of ours says this. */
  async write(part: StreamPart): Promise<Answer | undefined> {
    const { callId, offset, bytes, isLast } = part;
    const step = this.#openStep(part);
    if (step === undefined || bytes.length > STREAM_PART_BYTES) return undefined;
    const writing = this.#writing.get(nameOf(part)) ?? (offset === 0 ? await this.#begin(part, step) : undefined);
    if (writing === undefined || writing.phase !== 'open' || writing.bytes !== offset) return undefined;
    if (this.#bytesNow + bytes.length > this.#of.maxBytes) {
      writing.phase = 'refused';
      await writing.writer.abort();
      return { kind: 'answer', callId, ok: false, error: tooLarge(step.key, this.#of.maxBytes) };
    }
    await writing.writer.write(partOf(bytes));
    writing.bytes += bytes.length;
    if (isLast) {
      await writing.writer.finish();
      writing.phase = 'finished';
    }
    return { kind: 'answer', callId, ok: true, value: isLast ? writing.stream : '' };
  }

  /** `undefined`: there is no such part. */
  async read({ callId, step, from }: StreamRead): Promise<Answer | undefined> {
    const stream = this.#of.state.stepOf(step)?.stream;
    if (stream === undefined || from >= stream.bytes) return undefined;
    const name = streamName(this.#of.key, stream.stream);
    const bytes = await this.#needs.blobs.getPart(name, { from, maxBytes: STREAM_PART_BYTES });
    if (bytes === undefined || bytes.length === 0) throw new Error('A stored stream is missing');
    return { kind: 'answer', callId, ok: true, value: textOf(bytes) };
  }

  /** A record that settles a step with a stream names what its attempt has written to the end. */
  vouchesFor(record: JournalRecord): boolean {
    if (record.kind !== 'step_settled' || !record.outcome.ok) return true;
    const { value } = record.outcome;
    if (!isStoredStream(value)) return true;
    const writing = this.#writing.get(nameOf(record));
    return writing?.phase === 'finished' && writing.stream === value.stream && writing.bytes === value.bytes;
  }

  /** What the attempt has written is its step's result, or goes. */
  async endAttempt(record: EndedAttempt): Promise<void> {
    const writing = this.#writing.get(nameOf(record));
    if (writing === undefined) return;
    if (record.kind === 'step_settled' && record.outcome.ok && isStoredStream(record.outcome.value)) {
      writing.phase = 'settled';
      return;
    }
    this.#writing.delete(nameOf(record));
    await this.#discard(writing);
  }

  /** Every settlement so far is in the journal. */
  onWritten(): void {
    for (const [name, { phase }] of this.#writing) if (phase === 'settled') this.#writing.delete(name);
  }

  /** What is not in the journal by now does not come into it. Where nothing is known of that, what was settled stays. */
  onLost(): void {
    for (const writing of this.#writing.values()) if (writing.phase === 'settled') writing.phase = 'finished';
  }

  /** The turn is over, and what it has not settled goes. */
  end(): Promise<void> {
    this.#ended ??= Promise.all([...this.#writing.values()].map((writing) => this.#discard(writing))).then(() => {});
    return this.#ended;
  }

  get #bytesNow(): number {
    let bytes = this.#of.state.storedBytes;
    // What is settled counts by its record.
    for (const { phase, bytes: own } of this.#writing.values()) {
      if (phase === 'open' || phase === 'finished') bytes += own;
    }
    return bytes;
  }

  async #begin(part: StreamPart, { ordinal }: StepState): Promise<Writing> {
    const { key, incarnation } = this.#of;
    const place = `${incarnation}/${ordinal}`;
    // What an attempt before it may have left behind whose turn was cut off.
    if (part.attempt > 1) await this.#needs.blobs.removeAll(`${streamPrefix(key)}${place}/`);
    const stream = `${place}/${this.#needs.randomness.id()}`;
    const writer = this.#needs.blobs.open(streamName(key, stream));
    const writing: Writing = { stream, writer, bytes: 0, phase: 'open' };
    this.#writing.set(nameOf(part), writing);
    return writing;
  }

  async #discard({ phase, writer, stream }: Writing): Promise<void> {
    if (phase === 'open') await writer.abort();
    if (phase === 'finished') await this.#needs.blobs.remove(streamName(this.#of.key, stream));
  }

  #openStep({ step: key, attempt }: StreamPart): StepState | undefined {
    const step = this.#of.state.stepOf(key);
    const isOpen = step?.phase === 'attempting' && step.lostTo === undefined && step.openAttempt?.number === attempt;
    return isOpen ? step : undefined;
  }
}

const nameOf = ({ step, attempt }: Pick<StreamPart, 'step' | 'attempt'>): string => `${attempt} ${stepKeyText(step)}`;

/** By its name the guest knows that trying again is of no use. */
const tooLarge = ({ name, count }: StepKey, maxBytes: number) => ({
  name: 'WorkflowFatalError',
  message: `Step "${name}-${count}" output is too large. An instance stores at most ${maxBytes / 1_073_741_824}GiB in all.`,
});
