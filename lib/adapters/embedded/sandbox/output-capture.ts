import { type ShownStream, showStream } from '../../../core/sandbox-output.ts';

/** Kept of each end of a stream, bytes: more than a result shows of it. */
const KEPT_BYTES = 262_144;
const MAX_LOG_BYTES = 10_000_000;

/** Holds of one stream how it begins and how it ends. */
class StreamCapture {
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #leftOut = 0;

  take(chunk: Buffer): void {
    const room = KEPT_BYTES - this.#headBytes;
    if (room > 0) {
      this.#head.push(chunk.subarray(0, room));
      this.#headBytes += Math.min(room, chunk.length);
    }
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    // In large bites, so that each byte is copied about once.
    if (this.#tailBytes > 2 * KEPT_BYTES) this.#trim();
  }

  shown(): ShownStream {
    this.#trim();
    if (this.#leftOut === 0) {
      return showStream({ head: Buffer.concat([...this.#head, ...this.#tail]).toString('utf8'), tail: '', leftOut: 0 });
    }
    const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString('utf8');
    return showStream({ head: text(this.#head), tail: text(this.#tail), leftOut: this.#leftOut });
  }

  #trim(): void {
    const surplus = this.#tailBytes - KEPT_BYTES;
    if (surplus <= 0) return;
    this.#tail = [Buffer.from(Buffer.concat(this.#tail).subarray(surplus))];
    this.#tailBytes = KEPT_BYTES;
    this.#leftOut += surplus;
  }
}

/** What a command says: both streams for the result, and all of it, in the order in which it came, for the log. */
export class OutputCapture {
  readonly #streams = { stdout: new StreamCapture(), stderr: new StreamCapture() };
  readonly #log: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  take(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this.#streams[stream].take(chunk);
    const room = MAX_LOG_BYTES - this.#bytes;
    if (room > 0) this.#log.push(chunk.subarray(0, room));
    this.#bytes += chunk.length;
  }

  shown(): { readonly stdout: ShownStream; readonly stderr: ShownStream } {
    return { stdout: this.#streams.stdout.shown(), stderr: this.#streams.stderr.shown() };
  }

  /** At most 10 MB, and a line that says what is missing. */
  log(): Uint8Array {
    const missing = this.#bytes - MAX_LOG_BYTES;
    if (missing <= 0) return Buffer.concat(this.#log);
    return Buffer.concat([...this.#log, Buffer.from(`\n[... ${missing} bytes left out]\n`)]);
  }
}
