import type { StepState } from '../core/replay/journal-state.ts';
import type { Replay, StepCall } from '../core/replay/replay.ts';
import { DEFAULT_STEP_CONFIG } from '../core/replay/retries.ts';
import { timeoutError } from './errors.ts';
import type { Recorder } from './recorder.ts';
import { reviveError } from './values.ts';

interface Due {
  /** When it came about, epoch ms. */
  readonly at: number;
  readonly ordinal: number;
  readonly act: () => void;
}

export interface OutsideParams {
  readonly replay: Replay;
  readonly recorder: Recorder;
  readonly now: number;
  /** The inbox has been read up to this moment, epoch ms. */
  readonly inboxKnownAt: number;
  readonly retry: (call: StepCall, step: StepState) => void;
  /** Ends a deferred attempt as failed. */
  readonly fail: (call: StepCall, step: StepState, error: Error) => void;
}

/**
 * Pairs buffered events with waits and completions with deferred attempts, and ends what is due, in the order of the
 * moments at which each came about. A wait or a deferred attempt times out only when the inbox is known up to its deadline:
 * what was accepted in time counts, so what comes after that moment has to wait as well (`needsInbox`).
 */
export const takeFromOutside = (
  params: OutsideParams,
): { readonly hasActed: boolean; readonly needsInbox: boolean } => {
  const { replay, recorder, now, inboxKnownAt, retry, fail } = params;
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
          : () => fail(call, step, reviveError(outcome.error));
        due.push({ at: Math.max(acceptedAt, step.startedAt), ordinal, act });
        continue;
      }
    }
    if (until > now) continue;
    if (step.phase === 'sleeping') {
      due.push({ at: until, ordinal, act: () => recorder.record((at) => ({ kind: 'sleep_completed', ...of, at })) });
    } else if (step.phase === 'retrying') {
      due.push({ at: until, ordinal, act: () => retry(call, step) });
    } else if (until > inboxKnownAt) {
      unsureAt = Math.min(unsureAt, until);
    } else if (step.phase === 'deferred') {
      const timeoutMs = step.openAttempt?.timeoutMs ?? (step.config ?? DEFAULT_STEP_CONFIG).timeoutMs;
      due.push({ at: until, ordinal, act: () => fail(call, step, timeoutError(timeoutMs)) });
    } else {
      due.push({ at: until, ordinal, act: () => recorder.record((at) => ({ kind: 'wait_timed_out', ...of, at })) });
    }
  }
  const certain = due.filter(({ at }) => at < unsureAt).sort((a, b) => a.at - b.at || a.ordinal - b.ordinal);
  for (const { act } of certain) act();
  return { hasActed: certain.length > 0, needsInbox: unsureAt <= now };
};

/** When something can happen by itself, epoch ms; `undefined`: never. */
export const nextOutsideAt = (replay: Replay): number | undefined => {
  let next: number | undefined;
  for (const { step } of replay.openSteps()) if (next === undefined || step.until < next) next = step.until;
  return next;
};
