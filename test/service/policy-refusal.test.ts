import { describe, expect, it } from 'vitest';
import { JournalState } from '../../lib/core/replay/journal-state.ts';
import type { TurnPolicy } from '../../lib/core/replay/policies.ts';
import type { HostCall } from '../../lib/ports/turn-messages.ts';
import { policiesFor } from '../../lib/service/policies-for.ts';
import { refusalOf } from '../../lib/service/policy-refusal.ts';
import { shownError } from '../../lib/service/shown-error.ts';

const asks: TurnPolicy = {
  name: 'asks',
  before: { binding: 'BANK' },
  action: { kind: 'approve', timeoutMs: 100 },
};
const refuses: TurnPolicy = { ...asks, name: 'never', action: { kind: 'refuse', reason: 'closed' } };
const step = { kind: 'do', name: 'pay', count: 1 } as const;
const of = { step, ordinal: 1 };
const asked = {
  kind: 'approval_asked',
  ...of,
  approval: '1-1',
  policy: 'asks',
  call: { binding: 'BANK', method: 'pay', attempt: 1 },
  until: 101,
  at: 1,
} as const;
const approved = {
  kind: 'verdict_received',
  ...of,
  approval: '1-1',
  approved: true,
  seq: 1,
  acceptedAt: 2,
  at: 2,
} as const;

const call = (method = 'pay', isOfAttempt = true): HostCall => ({
  kind: 'call',
  callId: 1,
  binding: 'BANK',
  method,
  args: '[]',
  records: [],
  ...(isOfAttempt && { attempt: { ordinal: 1, attempt: 1 } }),
});

const stateOf = (...records: readonly Parameters<JournalState['apply']>[0][]): JournalState => {
  const state = new JournalState();
  for (const record of records) state.apply(record);
  return state;
};

describe('a call of a guest that does not keep to the policies', () => {
  it('is refused where nothing was asked, or not answered, or of another method', () => {
    expect(refusalOf([asks], call(), stateOf())?.message).toMatch(/^The policy "asks" refused BANK.pay/);
    expect(refusalOf([asks], call(), stateOf(asked))).toBeDefined();
    expect(refusalOf([asks], call('look'), stateOf(asked, approved))).toBeDefined();
    expect(refusalOf([asks], call(), stateOf(asked, approved))).toBeUndefined();
    expect(refusalOf([], call(), stateOf())).toBeUndefined();
  });

  it('is refused outside of steps, and in a handler by what its step was approved for', () => {
    const state = stateOf(asked, approved, { kind: 'attempt_started', ...of, attempt: 1, at: 3 });
    expect(refusalOf([asks], call('pay', false), state)).toBeDefined();
    expect(refusalOf([asks], call('pay', false))).toBeDefined();
    expect(refusalOf([asks], call(), state)).toBeUndefined();
    state.apply({ kind: 'rollback_started', at: 4, cause: 'terminated' });
    expect(refusalOf([asks], call(), state)).toBeDefined();
  });

  it('hears why, by an error that is not tried again', () => {
    const error = refusalOf([refuses], call(), stateOf(asked, approved));
    expect(error && shownError(error)).toEqual({
      name: 'PolicyRefusedError',
      message: 'The policy "never" refused BANK.pay: closed',
    });
  });
});

describe('the policies of a turn', () => {
  it('are those of its tenant and its workflow', () => {
    const policy = (name: string, more: object) => ({ ...asks, name, updatedAt: 1, ...more });
    const all = [
      policy('all', {}),
      policy('theirs', { tenants: ['globex'] }),
      policy('ours', { tenants: ['acme', 'globex'] }),
      policy('orders', { workflows: ['Orders'] }),
    ];
    const names = (tenant: string, workflow?: string) => policiesFor(all, { tenant, workflow }).map(({ name }) => name);
    expect(names('acme', 'Orders')).toEqual(['all', 'ours', 'orders']);
    expect(names('acme')).toEqual(['all', 'ours']);
    expect(policiesFor(all, { tenant: 'acme', workflow: undefined })[0]).toEqual({ ...asks, name: 'all' });
  });
});
