import { TenonError } from '../core/errors.ts';
import { DEFAULT_SUBREQUESTS } from '../core/limits.ts';
import type { JournalRecord, RecordOf } from '../core/records.ts';
import type { BindingCaller, BindingHost } from '../ports/binding-host.ts';
import type { HostCall, HostMessage } from '../ports/turn-messages.ts';
import { shownError } from './shown-error.ts';

type OfAttempt = NonNullable<HostCall['attempt']>;

/**
 * Calls of a guest to the outside, made in the name of its tenant. Each belongs to an attempt, with which it is aborted and
 * against whose subrequests it counts, or to `run()` itself and to the turn.
 */
export class TurnEffects {
  readonly #bindings: BindingHost;
  readonly #caller: Omit<BindingCaller, 'signal'>;
  readonly #ended = new AbortController();
  readonly #attempts = new Map<string, AbortController>();
  readonly #made = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();

  readonly #refusalOf: (call: HostCall) => Error | undefined;

  /** `refusalOf`: why a policy lets the call not leave. */
  constructor(
    bindings: BindingHost,
    caller: Omit<BindingCaller, 'signal'>,
    refusalOf: (call: HostCall) => Error | undefined,
  ) {
    this.#bindings = bindings;
    this.#caller = caller;
    this.#refusalOf = refusalOf;
  }

  /** The caller has seen to it that every record the call depends on is durable (E2). */
  call(message: HostCall, answer: (message: HostMessage) => void): void {
    const { callId, binding, method, args, attempt } = message;
    const refuse = (error: unknown): void => answer({ kind: 'answer', callId, ok: false, error: shownError(error) });
    const owner = attempt === undefined ? 'run' : nameOf(attempt);
    const made = (this.#made.get(owner) ?? 0) + 1;
    this.#made.set(owner, made);
    const limit = this.#caller.tenant.limits.subrequests ?? DEFAULT_SUBREQUESTS;
    if (made > limit) {
      const message = `Too many subrequests: an attempt may make ${limit} calls to the outside`;
      return refuse(new TenonError('quota.exceeded', message));
    }
    const refusal = this.#refusalOf(message);
    if (refusal !== undefined) return refuse(refusal);
    const signal = attempt === undefined ? this.#ended.signal : this.#signalOf(owner);
    const underWay = this.#bindings
      .call({ ...this.#caller, signal }, { binding, method, args })
      .then((value) => answer({ kind: 'answer', callId, ok: true, value }), refuse)
      .finally(() => this.#underWay.delete(underWay));
    this.#underWay.add(underWay);
  }

  /** When nothing is under way any more: what cannot be aborted has come to its end. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** The attempt has settled, failed or timed out: what it still has under way is aborted. */
  endAttempt(attempt: OfAttempt): void {
    const name = nameOf(attempt);
    this.#attempts.get(name)?.abort();
    this.#attempts.delete(name);
    this.#made.delete(name);
  }

  /** The turn is over, and everything of it. */
  end(): void {
    this.#ended.abort();
    for (const controller of this.#attempts.values()) controller.abort();
    this.#attempts.clear();
  }

  #signalOf(name: string): AbortSignal {
    const known = this.#attempts.get(name);
    if (known !== undefined) return known.signal;
    const controller = new AbortController();
    this.#attempts.set(name, controller);
    return controller.signal;
  }
}

/** The attempt whose callback is over by that record; a deferred one is open beyond that. */
export const endedBy = (record: JournalRecord): EndedAttempt | undefined => {
  switch (record.kind) {
    case 'step_settled':
    case 'attempt_failed':
    case 'attempt_deferred':
      return record;
    case 'approval_asked':
      return record.call && { ...record, attempt: record.call.attempt };
    default:
      return undefined;
  }
};

export type EndedAttempt =
  | RecordOf<'step_settled' | 'attempt_failed' | 'attempt_deferred'>
  | (RecordOf<'approval_asked'> & { readonly attempt: number });

const nameOf = ({ ordinal, attempt }: OfAttempt): string => `${ordinal}/${attempt}`;
