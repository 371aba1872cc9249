import type { BindingCall, ErrorData, StepConfig, StepOutcome } from '../core/records.ts';
import { approvalName } from '../core/replay/policies.ts';
import type { Replay, StepCall } from '../core/replay/replay.ts';
import type { Attempt } from './attempt.ts';
import type { Recorder } from './recorder.ts';

/** Which try of a step it was. */
export interface TriedAttempt {
  readonly number: number;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** What the journal gets of attempts. */
export class AttemptRecords {
  readonly #replay: Replay;
  readonly #recorder: Recorder;

  constructor({ replay, recorder }: { readonly replay: Replay; readonly recorder: Recorder }) {
    this.#replay = replay;
    this.#recorder = recorder;
  }

  started({ call, number }: Attempt): void {
    this.#recorder.record((at) => ({
      kind: 'attempt_started',
      ...stepOf(call),
      attempt: number,
      ...this.#configToPin(call),
      at,
    }));
  }

  tokenMade({ call, number }: Attempt, hash: string): void {
    this.#recorder.record((at) => ({ kind: 'token_made', ...stepOf(call), attempt: number, hash, at }));
  }

  deferred(
    { call, number }: Attempt,
    { until, timeoutMs }: { readonly until: number; readonly timeoutMs: number | undefined },
  ): void {
    this.#recorder.record((at) => ({
      kind: 'attempt_deferred',
      ...stepOf(call),
      attempt: number,
      until,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      at,
    }));
  }

  failed(call: StepCall, { number, startedAt }: TriedAttempt, error: ErrorData, delayMs: number): void {
    this.#recorder.record((at) => ({
      kind: 'attempt_failed',
      ...stepOf(call),
      attempt: number,
      ...this.#configToPin(call),
      startedAt,
      error,
      retryAt: at + delayMs,
      at,
    }));
  }

  settled(call: StepCall, { number, startedAt }: TriedAttempt, outcome: StepOutcome): void {
    this.#recorder.record((at) => ({
      kind: 'step_settled',
      ...stepOf(call),
      attempt: number,
      ...this.#configToPin(call),
      startedAt,
      outcome,
      at,
    }));
  }

  /** `call`: what the attempt of that number was about to call. */
  held(
    step: StepCall,
    hold: {
      readonly policy: string;
      readonly timeoutMs: number;
      readonly call?: BindingCall & { readonly attempt: number };
    },
  ): void {
    const { policy, timeoutMs, call } = hold;
    this.#recorder.record((at) => ({
      kind: 'approval_asked',
      ...stepOf(step),
      approval: approvalName(this.#replay.state, at),
      policy,
      ...(call !== undefined && { call }),
      ...this.#configToPin(step),
      until: at + timeoutMs,
      at,
    }));
  }

  refused(call: StepCall, { policy, error }: { readonly policy: string; readonly error: ErrorData }): void {
    this.#recorder.record((at) => ({
      kind: 'step_refused',
      ...stepOf(call),
      policy,
      ...this.#configToPin(call),
      error,
      at,
    }));
  }

  /** With the first record of a step; the defaults need no room. */
  #configToPin(call: StepCall): { readonly config?: StepConfig } {
    const isKnown = this.#replay.state.stepOf(call.key) !== undefined;
    return call.config === undefined || isKnown || call.key.kind === 'rollback' ? {} : { config: call.config };
  }
}

const stepOf = ({ key, ordinal }: StepCall) => ({ step: key, ordinal });
