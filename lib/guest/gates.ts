import type { BindingCall, RecordOf } from '../core/records.ts';
import {
  POLICY_REFUSED,
  policyBeforeCall,
  policyBeforeStep,
  refusalText,
  type TurnPolicy,
} from '../core/replay/policies.ts';
import { type Replay, type StepCall, showKey } from '../core/replay/replay.ts';
import { isGateOpen, type StepState } from '../core/replay/step-state.ts';
import type { Attempt } from './attempt.ts';
import { AttemptRecords } from './attempt-records.ts';
import type { Recorder } from './recorder.ts';

export type GateOutcome =
  | { readonly kind: 'approved' }
  | { readonly kind: 'refused'; readonly verdict: RecordOf<'verdict_received'> }
  /** Nobody has answered in time. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'waiting' }
  /** Its time is over, and an answer that came in time may lie in the inbox. */
  | { readonly kind: 'unsure' };

/** What the operator's policies hold back in this turn: each holding and each refusal is a record before it is so. */
export class Gates {
  readonly #policies: readonly TurnPolicy[];
  readonly #replay: Replay;
  readonly #records: AttemptRecords;

  constructor(params: {
    readonly policies: readonly TurnPolicy[];
    readonly replay: Replay;
    readonly recorder: Recorder;
  }) {
    this.#policies = params.policies;
    this.#replay = params.replay;
    this.#records = new AttemptRecords(params);
  }

  /** Whether a step may not begin now. */
  holds(call: StepCall): boolean {
    if (call.key.kind !== 'do' || this.#policies.length === 0) return false;
    const policy = policyBeforeStep(this.#policies, call.key.name, this.#replay.state.stepOf(call.key));
    if (policy === undefined) return false;
    const { name, action } = policy;
    if (action.kind === 'approve') this.#records.held(call, { policy: name, timeoutMs: action.timeoutMs });
    else this.#refuse(call, name, action.reason);
    return true;
  }

  /** Whether what an attempt is about to call has to be approved: then the attempt is to be given up. */
  holdsCall({ call, number }: Attempt, { binding, method }: BindingCall): boolean {
    if (this.#policies.length === 0) return false;
    const called = { binding, method };
    const policy = policyBeforeCall(this.#policies, called, this.#replay.state.stepOf(call.key));
    if (policy?.action.kind !== 'approve') return false;
    const { timeoutMs } = policy.action;
    this.#records.held(call, { policy: policy.name, timeoutMs, call: { ...called, attempt: number } });
    return true;
  }

  /** The step's outcome, where nobody has approved. */
  refuse(call: StepCall, step: StepState, outcome: Extract<GateOutcome, { kind: 'refused' | 'expired' }>): void {
    const why = outcome.kind === 'expired' ? 'nobody has approved it in time' : outcome.verdict.reason;
    this.#refuse(call, step.gate?.policy ?? '', why);
  }

  #refuse(call: StepCall, policy: string, why: string | undefined): void {
    const message = refusalText({ policy, what: showKey(call.key), why });
    this.#records.refused(call, { policy, error: { name: POLICY_REFUSED, message } });
  }
}

/** `inboxKnownAt`: the inbox has been read up to this moment, epoch ms. */
export const gateOutcome = (
  step: StepState,
  { now, inboxKnownAt }: { readonly now: number; readonly inboxKnownAt: number },
): GateOutcome => {
  const verdict = step.gate?.verdict;
  if (isGateOpen(step)) return { kind: 'approved' };
  if (verdict?.approved === false && verdict.acceptedAt <= step.until) return { kind: 'refused', verdict };
  if (step.until > now) return { kind: 'waiting' };
  return step.until > inboxKnownAt ? { kind: 'unsure' } : { kind: 'expired' };
};
