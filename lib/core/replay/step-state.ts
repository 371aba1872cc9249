import type { BindingCall, RecordOf, StepConfig, StepKey, StoredStream, Termination } from '../records.ts';

/**
 * Where a step stands. `attempting` covers a first call that no record tells of yet; `deferred`: its callback has returned,
 * and the attempt is open until its outcome comes from outside; `gated`: an operator has to approve before it goes on.
 */
export type StepPhase = 'attempting' | 'deferred' | 'gated' | 'retrying' | 'sleeping' | 'waiting' | 'settled';

/** What a policy holds back. */
export interface Gate {
  readonly approval: string;
  readonly policy: string;
  readonly call: BindingCall | undefined;
  /** The first one counts. */
  verdict: RecordOf<'verdict_received'> | undefined;
}

/** A try whose start is recorded and whose end is not. */
export interface OpenAttempt {
  readonly number: number;
  readonly startedAt: number;
  /** SHA-256 of the token that it has made, hex. */
  tokenHash: string | undefined;
  /** What its deferred result has for itself, ms; `undefined`: the step's timeout holds. */
  timeoutMs: number | undefined;
  /** What has come by that token; the first one counts. */
  completion: RecordOf<'completion_received'> | undefined;
}

export interface StepState {
  readonly key: StepKey;
  readonly ordinal: number;
  readonly startedAt: number;
  phase: StepPhase;
  config: StepConfig | undefined;
  /** A callback of its has been at work. */
  hasBegun: boolean;
  /** While it is `gated`. */
  gate: Gate | undefined;
  /** What has been approved of it, by `gateText`. */
  approved: readonly string[];
  /** Tries that count: their start, failure or settlement is recorded. */
  attempts: number;
  openAttempt: OpenAttempt | undefined;
  /** The open try was lost with its turn, and counts. */
  lostTo: Termination | undefined;
  /** When a sleep, a wait, a gate or a deferred attempt ends or the next try is due; moved by the time spent paused. Epoch ms. */
  until: number;
  /** The same, had there been no pause: what a guest goes by that has not heard of it yet. */
  untilUnmoved: number;
  /** What it has given, where that is a stream. */
  stream: StoredStream | undefined;
  /** Empty where it is no wait. */
  readonly eventType: string;
  readonly timeoutMs: number | undefined;
}

/** What an approval is given for: a step from its start on, or its calls of one method. */
export const gateText = ({ policy, call }: Pick<Gate, 'policy' | 'call'>): string =>
  call === undefined ? policy : `${policy} ${call.binding}.${call.method}`;

/** Its callback was at work: a turn that is cut off takes it along. */
export const isLosable = ({ openAttempt, lostTo, phase }: StepState): boolean =>
  openAttempt !== undefined && lostTo === undefined && phase !== 'deferred';

/** An operator has approved in time that it goes on. */
export const isGateOpen = ({ gate, until }: StepState): boolean =>
  gate?.verdict?.approved === true && gate.verdict.acceptedAt <= until;

/** What `gateText` names has been approved, now or before. */
export const isApproved = (step: StepState, text: string): boolean =>
  step.approved.includes(text) || (step.gate !== undefined && isGateOpen(step) && gateText(step.gate) === text);

/** It has started, and came with a handler. */
export const isUndoable = ({ config, hasBegun }: StepState): boolean => hasBegun && config?.rollback !== undefined;
