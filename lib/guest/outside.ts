import type { Replay } from '../core/replay/replay.ts';
import { DEFAULT_STEP_CONFIG } from '../core/replay/retries.ts';
import type { Attempts } from './attempts.ts';
import { timeoutError } from './errors.ts';
import { type Gates, gateOutcome } from './gates.ts';
import type { Recorder } from './recorder.ts';
import { reviveError } from './values.ts';

interface Due {
  /** When it came about, epoch ms. */
  readonly at: number;
  readonly ordinal: number;
  readonly act: () => void;
}

interface OutsideParams {
  readonly replay: Replay;
  readonly recorder: Recorder;
  readonly attempts: Attempts;
  readonly gates: Gates;
}

/** What has come about outside of the guest: events, completions, and the time. */
export class Outside {
  readonly #params: OutsideParams;
  /** When the inbox was last asked for, and when the reading was asked for that has come; epoch ms. */
  #inboxAskedAt = 0;
  #inboxKnownAt = 0;

  constructor(params: OutsideParams) {
    this.#params = params;
  }

  get inboxKnownAt(): number {
    return this.#inboxKnownAt;
  }

  onInboxAsked(now: number): void {
    this.#inboxAskedAt = now;
  }

  /** The inbox has been read since it was asked for. */
  onInboxRead(): void {
    this.#inboxKnownAt = this.#inboxAskedAt;
  }

  /**
   * Pairs buffered events with waits and completions with deferred attempts, and ends what is due, in the order of the
   * moments at which each came about. A wait or a deferred attempt times out only when the inbox is known up to its deadline:
   * what was accepted in time counts, so what comes after that moment has to wait as well (`needsInbox`).
   */
  take(now: number): { readonly hasActed: boolean; readonly needsInbox: boolean } {
    const { replay, recorder, attempts, gates } = this.#params;
    const due: Due[] = [];
    const taken = new Map<string, number>();
    let unsureAt = Number.POSITIVE_INFINITY;
    const open = replay.openSteps().sort((a, b) => a.step.ordinal - b.step.ordinal);
    for (const { step, call } of open) {
      const { key, ordinal, until } = step;
      const of = { step: key, ordinal };
      if (step.phase === 'waiting') {
        const index = taken.get(step.eventType) ?? 0;
        const event = replay.state.buffered.get(step.eventType)?.[index];
        if (event !== undefined && event.acceptedAt <= until) {
          taken.set(step.eventType, index + 1);
          const act = () => recorder.record((at) => ({ kind: 'event_consumed', ...of, seq: event.seq, at }));
          due.push({ at: Math.max(event.acceptedAt, step.startedAt), ordinal, act });
          continue;
        }
      }
      if (step.phase === 'deferred') {
        const completion = step.openAttempt?.completion;
        if (completion !== undefined && completion.acceptedAt <= until) {
          const { attempt, seq, outcome, acceptedAt } = completion;
          const act = outcome.ok
            ? () => recorder.record((at) => ({ kind: 'completion_consumed', ...of, attempt, seq, at }))
            : () => attempts.failOpen(call, step, reviveError(outcome.error));
          due.push({ at: Math.max(acceptedAt, step.startedAt), ordinal, act });
          continue;
        }
      }
      if (step.phase === 'gated') {
        const outcome = gateOutcome(step, { now, inboxKnownAt: this.#inboxKnownAt });
        const verdictAt = Math.max(step.gate?.verdict?.acceptedAt ?? until, step.startedAt);
        if (outcome.kind === 'approved') {
          due.push({ at: verdictAt, ordinal, act: () => attempts.retry(call, step) });
        } else if (outcome.kind === 'refused' || outcome.kind === 'expired') {
          const at = outcome.kind === 'refused' ? verdictAt : until;
          due.push({ at, ordinal, act: () => gates.refuse(call, step, outcome) });
        } else if (outcome.kind === 'unsure') unsureAt = Math.min(unsureAt, until);
        continue;
      }
      if (until > now) continue;
      if (step.phase === 'sleeping') {
        due.push({ at: until, ordinal, act: () => recorder.record((at) => ({ kind: 'sleep_completed', ...of, at })) });
      } else if (step.phase === 'retrying') {
        due.push({ at: until, ordinal, act: () => attempts.retry(call, step) });
      } else if (until > this.#inboxKnownAt) {
        unsureAt = Math.min(unsureAt, until);
      } else if (step.phase === 'deferred') {
        const timeoutMs = step.openAttempt?.timeoutMs ?? (step.config ?? DEFAULT_STEP_CONFIG).timeoutMs;
        due.push({ at: until, ordinal, act: () => attempts.failOpen(call, step, timeoutError(timeoutMs)) });
      } else {
        due.push({ at: until, ordinal, act: () => recorder.record((at) => ({ kind: 'wait_timed_out', ...of, at })) });
      }
    }
    const certain = due.filter(({ at }) => at < unsureAt).sort((a, b) => a.at - b.at || a.ordinal - b.ordinal);
    for (const { act } of certain) act();
    return { hasActed: certain.length > 0, needsInbox: unsureAt <= now };
  }
}

/** When something can happen by itself, epoch ms; `undefined`: never. */
export const nextOutsideAt = (replay: Replay): number | undefined => {
  let next: number | undefined;
  for (const { step } of replay.openSteps()) if (next === undefined || step.until < next) next = step.until;
  return next;
};
