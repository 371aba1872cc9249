import type { JournalState } from '../core/replay/journal-state.ts';
import { POLICY_REFUSED, policyBeforeCall, refusalText, type TurnPolicy } from '../core/replay/policies.ts';
import type { StepState } from '../core/replay/step-state.ts';
import type { HostCall } from '../ports/turn-messages.ts';

/** A call that a policy does not let leave, as tenant code gets it. */
export class PolicyRefused extends Error {
  override readonly name = POLICY_REFUSED;
}

/**
 * Why a policy does not let the call leave; `undefined`: it may. The guest has its attempts approved before they call, and is
 * not believed. `state` absent: code that has no steps.
 */
export const refusalOf = (
  policies: readonly TurnPolicy[],
  { binding, method, attempt }: HostCall,
  state?: JournalState,
): PolicyRefused | undefined => {
  if (policies.length === 0) return undefined;
  const step = attempt === undefined ? undefined : stepAt(state, attempt.ordinal);
  const policy = policyBeforeCall(policies, { binding, method }, step);
  if (policy === undefined) return undefined;
  const { name, action } = policy;
  const why =
    action.kind === 'refuse' ? action.reason : 'it has to be approved, which only a call inside step.do can be';
  return new PolicyRefused(refusalText({ policy: name, what: `${binding}.${method}`, why }));
};

/** A handler has the ordinal of its step, and is at work only when that is not. */
const stepAt = (state: JournalState | undefined, ordinal: number): StepState | undefined => {
  const key = state?.keysByOrdinal.get(ordinal);
  if (state === undefined || key === undefined) return undefined;
  return state.stepOf(state.rollback === undefined ? key : { ...key, kind: 'rollback' });
};
