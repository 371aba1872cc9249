import type { JournalRecord } from '../core/records.ts';
import type { HostCall, HostMessage } from '../ports/turn-messages.ts';
import type { Owner } from './attempt.ts';
import { decode, encode, reviveError } from './values.ts';

interface Waiting {
  readonly owner: Owner;
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

/** Calls to the outside that have not been answered. An answer enters the guest in the name of whoever called. */
export class HostCalls {
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** @throws Error where the arguments cannot be encoded; nothing has been sent then */
  make(
    owner: Owner,
    params: { readonly binding: string; readonly method: string; readonly args: readonly unknown[] },
    send: (call: HostCall) => void,
    records: () => readonly JournalRecord[],
  ): Promise<unknown> {
    const args = encode(params.args);
    const attempt =
      owner.kind === 'attempt' ? { ordinal: owner.attempt.call.ordinal, attempt: owner.attempt.number } : undefined;
    const answered = this.ask(owner, (callId) =>
      send({
        kind: 'call',
        callId,
        ...(attempt === undefined ? {} : { attempt }),
        binding: params.binding,
        method: params.method,
        args,
        records: records(),
      }),
    );
    return answered.then(decode);
  }

  /** Sends what is answered under that number, and gives the answer's text. */
  ask(owner: Owner, send: (callId: number) => void): Promise<string> {
    this.#lastId += 1;
    const callId = this.#lastId;
    const answered = new Promise<string>((resolve, reject) => {
      this.#waiting.set(callId, { owner, resolve, reject });
    });
    send(callId);
    return answered;
  }

  /** The entry that hands an answer over; `undefined`: nobody waits for it any more. */
  entryFor(
    message: Extract<HostMessage, { kind: 'answer' }>,
  ): { readonly owner: Owner; readonly enter: () => void } | undefined {
    const waiting = this.#waiting.get(message.callId);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(message.callId);
    const { owner, resolve, reject } = waiting;
    if (message.ok) {
      const { value } = message;
      return { owner, enter: () => resolve(value) };
    }
    const { name, message: text, code } = message.error;
    const fields = code === undefined ? undefined : { code };
    return { owner, enter: () => reject(reviveError({ name, message: text, fields })) };
  }

  /** Whoever waits in the name of an attempt that is over waits for nothing: what comes is dropped. */
  dropOf(attempt: object): void {
    for (const [callId, { owner }] of this.#waiting) {
      if (owner.kind === 'attempt' && owner.attempt === attempt) this.#waiting.delete(callId);
    }
  }
}
