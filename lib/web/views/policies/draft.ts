import type { Policy } from '../../../client/operations.ts';
import type { OperationRequest } from '../../../client/tenon-client.ts';
import { lengthText } from '../../../client/wording.ts';

/** As typed. */
export interface PolicyDraft {
  readonly name: string;
  readonly kind: 'step' | 'binding';
  readonly step: string;
  readonly binding: string;
  /** Empty: any. */
  readonly method: string;
  readonly action: Policy['action'];
  readonly reason: string;
  /** Such as `2 days`; empty: the default. */
  readonly timeout: string;
  /** By commas; empty: all. */
  readonly tenants: string;
  readonly workflows: string;
}

export type PolicyBody = OperationRequest<'PUT /v1/policies/{name}'>['body'];

export const policyDraftOf = (policy: Policy | undefined): PolicyDraft => {
  const before = policy?.before ?? { step: '' };
  return {
    name: policy?.name ?? '',
    kind: 'step' in before ? 'step' : 'binding',
    step: 'step' in before ? before.step : '',
    binding: 'binding' in before ? before.binding : '',
    method: 'binding' in before ? (before.method ?? '') : '',
    action: policy?.action ?? 'approve',
    reason: policy?.reason ?? '',
    timeout: policy?.timeout === undefined ? '' : String(policy.timeout),
    tenants: (policy?.tenants ?? []).join(', '),
    workflows: (policy?.workflows ?? []).join(', '),
  };
};

export const policyBodyOf = (draft: PolicyDraft): PolicyBody => {
  const { kind, step, binding, method, action } = draft;
  const reason = draft.reason.trim();
  const timeout = draft.timeout.trim();
  const tenants = namesOf(draft.tenants);
  const workflows = namesOf(draft.workflows);
  return {
    before: kind === 'step' ? { step } : { binding, ...(method !== '' && { method }) },
    action,
    ...(action === 'refuse' && reason !== '' && { reason }),
    ...(action === 'approve' && timeout !== '' && { timeout: /^\d+$/.test(timeout) ? Number(timeout) : timeout }),
    ...(tenants.length > 0 && { tenants }),
    ...(workflows.length > 0 && { workflows }),
  };
};

const namesOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((name) => name !== '');

/** `before step “refund*” somebody approves, within 2 d`. */
export const policyText = ({ before, action, reason, timeout }: Policy): string => {
  const what =
    'step' in before ? `step “${before.step}”` : `env.${before.binding}${before.method ? `.${before.method}` : ''}`;
  return action === 'refuse'
    ? `${what} is refused: ${reason ?? ''}`
    : `before ${what} somebody approves${timeout === undefined ? '' : `, within ${lengthText(timeout)}`}`;
};

export const whereText = ({ tenants, workflows }: Policy): string =>
  `${tenants === undefined ? 'all tenants' : tenants.join(', ')}${workflows === undefined ? '' : `: ${workflows.join(', ')}`}`;
