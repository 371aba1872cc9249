import type { BindingCall } from '../records.ts';
import type { JournalState } from './journal-state.ts';
import { type Gate, gateText, isApproved, type StepState } from './step-state.ts';

/** A rule of the operator's, as it holds for one turn. */
export interface TurnPolicy {
  readonly name: string;
  readonly before: PolicySubject;
  readonly action: PolicyAction;
}

/** `step`: the name of a `step.do`, `*` for any characters. `method` absent: each of the binding's. */
export type PolicySubject =
  | { readonly step: string }
  | { readonly binding: string; readonly method?: string | undefined };

export type PolicyAction =
  | { readonly kind: 'refuse'; readonly reason: string }
  /** An operator says whether it goes on, within that time. */
  | { readonly kind: 'approve'; readonly timeoutMs: number };

/**
 * The rule that holds before a step that has not begun: one that refuses before any that asks. `undefined`: it may begin.
 * `step`: what the journal has of it.
 */
export const policyBeforeStep = (
  policies: readonly TurnPolicy[],
  name: string,
  step: StepState | undefined,
): TurnPolicy | undefined =>
  step?.hasBegun === true
    ? undefined
    : firstOf(
        policies.filter(({ before }) => 'step' in before && matchesGlob(before.step, name)),
        (policy) => ({ policy, call: undefined }),
        step,
      );

/** The same before a call of an attempt; `step` absent: of code outside of all steps. */
export const policyBeforeCall = (
  policies: readonly TurnPolicy[],
  call: BindingCall,
  step: StepState | undefined,
): TurnPolicy | undefined =>
  firstOf(
    policies.filter(({ before }) => 'binding' in before && matchesCall(before, call)),
    (policy) => ({ policy, call }),
    step,
  );

const firstOf = (
  policies: readonly TurnPolicy[],
  gateOf: (policy: string) => Pick<Gate, 'policy' | 'call'>,
  step: StepState | undefined,
): TurnPolicy | undefined =>
  policies.find(({ action }) => action.kind === 'refuse') ??
  policies.find(({ name }) => step === undefined || !isApproved(step, gateText(gateOf(name))));

const matchesCall = (
  { binding, method }: Extract<PolicySubject, { readonly binding: string }>,
  call: BindingCall,
): boolean => binding === call.binding && (method === undefined || method === call.method);

/** `*` stands for any characters, none included. The time is bounded by the product of the lengths. */
export const matchesGlob = (pattern: string, text: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
};

/** What the approval that is asked for next is called. With the time: so that no other life of the instance has the same. */
export const approvalName = ({ approvals }: Pick<JournalState, 'approvals'>, at: number): string =>
  `${approvals + 1}-${at.toString(36)}`;

const APPROVAL_NAME = /^[1-9]\d{0,8}-[0-9a-z]{1,12}$/;

export const isApprovalName = (text: string): boolean => APPROVAL_NAME.test(text);

export const POLICY_REFUSED = 'PolicyRefusedError';

/** What `run()` gets where a policy refuses, by itself or by an operator's word. */
export const refusalText = (params: {
  readonly policy: string;
  /** As people write it: `the step "charge"`. */
  readonly what: string;
  readonly why: string | undefined;
}): string =>
  `The policy "${params.policy}" refused ${params.what}${params.why === undefined ? '' : `: ${params.why}`}`;
