import type { StepKey, StoredStream } from '../core/records.ts';
import { partOf, textOf } from '../core/replay/stream-parts.ts';
import { MAX_STREAM_CHUNK_BYTES, STREAM_PART_BYTES } from '../core/replay/streams.ts';
import type { GuestMessage } from '../ports/turn-messages.ts';
import type { Attempt, Owner } from './attempt.ts';
import { WorkflowFatalError } from './errors.ts';
import type { HostCalls } from './host-calls.ts';
import type { Recorder } from './recorder.ts';

interface StreamResultsParams {
  readonly calls: HostCalls;
  readonly recorder: Recorder;
  readonly post: (message: GuestMessage) => void;
  readonly recordStart: (attempt: Attempt) => void;
  readonly onRead: (attempt: Attempt) => void;
  /** In whose name the guest is entered right now. */
  readonly owner: () => Owner;
}

const tagOf = Object.prototype.toString;

export const isStream = (value: unknown): value is ReadableStream => tagOf.call(value) === '[object ReadableStream]';

/**
 * Results of steps that are streams: written out part by part within their attempt, and read back part by part by whoever
 * reads. Each part is answered before the next is made, so that nothing piles up on either side.
 */
export class StreamResults {
  readonly #params: StreamResultsParams;
  /** Parts that `run()` has asked for. */
  #ofRun = 0;

  constructor(params: StreamResultsParams) {
    this.#params = params;
  }

  /**
   * `run()` waits for a part: no settlement is delivered to it meanwhile. How long a part takes differs between what
   * happened and its replay, and must not decide what comes first (E4).
   */
  get holdsRun(): boolean {
    return this.#ofRun > 0;
  }

  /** Reads the stream to its end. @throws WorkflowFatalError where it is locked or gives what is no bytes */
  async write(attempt: Attempt, stream: ReadableStream): Promise<StoredStream> {
    const { name } = attempt.call.key;
    if (stream.locked) throw new WorkflowFatalError(`Step "${name}" returned a ReadableStream that is locked`);
    const reader = stream.getReader();
    const { abort } = attempt;
    attempt.abort = (reason) => {
      abort(reason);
      reader.cancel(reason).catch(() => {});
    };
    try {
      return await this.#writeAll(attempt, reader);
    } catch (error) {
      reader.cancel(error).catch(() => {});
      throw error;
    }
  }

  /** A fresh stream of what a step has given, read on demand. */
  open(step: StepKey, { bytes }: StoredStream): ReadableStream {
    let from = 0;
    return new ReadableStream({
      type: 'bytes',
      pull: async (controller) => {
        if (from < bytes) {
          const part = partOf(await this.#read(step, from));
          from += part.byteLength;
          controller.enqueue(part);
        }
        if (from < bytes) return;
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  }

  async #writeAll(attempt: Attempt, reader: ReadableStreamDefaultReader<unknown>): Promise<StoredStream> {
    let part = new Uint8Array(STREAM_PART_BYTES);
    let filled = 0;
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const chunk = checkedChunk(attempt, value);
      for (let at = 0; at < chunk.byteLength; ) {
        const piece = chunk.subarray(at, at + STREAM_PART_BYTES - filled);
        part.set(piece, filled);
        filled += piece.byteLength;
        at += piece.byteLength;
        if (filled < STREAM_PART_BYTES) continue;
        await this.#send(attempt, { offset: bytes, bytes: textOf(part), isLast: false });
        bytes += filled;
        filled = 0;
      }
    }
    part = part.subarray(0, filled);
    const stream = await this.#send(attempt, { offset: bytes, bytes: textOf(part), isLast: true });
    return { stream, bytes: bytes + filled };
  }

  #send(
    attempt: Attempt,
    part: { readonly offset: number; readonly bytes: string; readonly isLast: boolean },
  ): Promise<string> {
    const { calls, recorder, post, recordStart } = this.#params;
    if (attempt.isOver) return Promise.reject(new Error('The attempt is over'));
    recordStart(attempt);
    return calls.ask({ kind: 'attempt', attempt }, (callId) => {
      const of = { step: attempt.call.key, attempt: attempt.number };
      post({ kind: 'write_stream', callId, ...of, ...part, records: recorder.take() });
    });
  }

  async #read(step: StepKey, from: number): Promise<string> {
    const { calls, recorder, post } = this.#params;
    const owner = this.#params.owner();
    if (owner.kind === 'attempt' && owner.attempt.isOver) throw new Error('The attempt that reads is over');
    if (owner.kind === 'attempt') this.#params.onRead(owner.attempt);
    const isOfRun = owner.kind === 'run';
    if (isOfRun) this.#ofRun += 1;
    try {
      // The records before it say that the stream is there.
      return await calls.ask(owner, (callId) =>
        post({ kind: 'read_stream', callId, step, from, records: recorder.take() }),
      );
    } finally {
      if (isOfRun) this.#ofRun -= 1;
    }
  }
}

const checkedChunk = ({ call }: Attempt, value: unknown): Uint8Array => {
  const { name } = call.key;
  if (!(value instanceof Uint8Array)) {
    throw new WorkflowFatalError(`Step "${name}" returned a ReadableStream that gives no bytes: make it of Uint8Array`);
  }
  if (value.byteLength <= MAX_STREAM_CHUNK_BYTES) return value;
  const size = `a chunk of ${value.byteLength} bytes`;
  throw new WorkflowFatalError(`Step "${name}" returned a ReadableStream with ${size}. Maximum allowed size is 16MiB.`);
};
