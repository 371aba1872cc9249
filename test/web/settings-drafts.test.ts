import { describe, expect, it } from 'vitest';
import type { Workflow } from '../../lib/client/operations.ts';
import { cronText } from '../../lib/web/text/cron-text.ts';
import { policyBodyOf, policyDraftOf, policyText, whereText } from '../../lib/web/views/policies/draft.ts';
import { limitChanges, limitDraftOf } from '../../lib/web/views/settings/limits.ts';
import { draftOf, egressOf, egressText } from '../../lib/web/views/tenants/egress.ts';
import { workflowChanges, workflowDraftOf } from '../../lib/web/views/workflows/draft.ts';

describe('a cron in words', () => {
  it('is said where people would say it', () => {
    expect(
      ['* * * * *', '*/5 * * * *', '7 * * * *', '0 9 * * *', '30 18 * * MON-FRI', '0 9 * * MON,3', '0 6 1 * *'].map(
        cronText,
      ),
    ).toEqual([
      'every minute',
      'every 5 minutes',
      'every hour at :07',
      'every day at 09:00 UTC',
      'Monday to Friday at 18:30 UTC',
      'Monday, Wednesday at 09:00 UTC',
      'on day 1 of each month at 06:00 UTC',
    ]);
  });

  it('stays itself where words would be longer', () => {
    for (const cron of ['0 9 * JAN *', '0,30 9 * * *', '1-5 * * * *', '0 9 1 * MON']) expect(cronText(cron)).toBe(cron);
    expect(cronText('0 9 * * TUE-THU')).toBe('TUE-THU at 09:00 UTC');
  });
});

describe('the settings of a workflow', () => {
  const workflow: Workflow = {
    name: 'W',
    version: 'v',
    retention: { success: 86_400_000 * 7, error: 90_061_000 },
    concurrency: { limit: 3 },
    schedules: [{ cron: '0 9 * * *', nextAt: '2026-01-01T09:00:00.000Z' }],
  };
  const draft = workflowDraftOf(workflow);

  it('are typed as the server reads them', () => {
    expect(draft).toEqual({
      concurrency: '3',
      schedules: '0 9 * * *',
      success: '7 days',
      error: '90061000',
      steps: '',
      determinism: 'lenient',
    });
  });

  it('change only where something else is typed', () => {
    expect(workflowChanges(workflow, draft)).toEqual({});
    expect(
      workflowChanges(workflow, {
        concurrency: '',
        schedules: '\n*/5 * * * *\n0 9 * * *\n',
        success: '30 days',
        error: '1000',
        steps: '50',
        determinism: 'strict',
      }),
    ).toEqual({
      concurrency: { limit: null },
      schedules: [{ cron: '*/5 * * * *' }, { cron: '0 9 * * *' }],
      retention: { success: '30 days', error: 1_000 },
      limits: { steps: 50 },
      determinism: 'strict',
    });
  });
});

describe('what the operator sets', () => {
  it('takes a limit back to its default where its field is empty, and leaves the others', () => {
    const limits = { cpuMs: 1, memoryMb: 2, steps: 3, createPerSecond: 4, concurrent: 5, subrequests: 6, storageMb: 7 };
    expect(limitChanges(limits, { ...limitDraftOf(limits), steps: '', cpuMs: '90' })).toEqual({
      cpuMs: 90,
      steps: null,
    });
  });

  it('brings what may be reached through the form and back', () => {
    for (const egress of [
      'none',
      'public',
      { allow: ['a.example', '*.b.example'] },
      { gateway: 'https://g.example' },
    ] as const) {
      expect(egressOf(draftOf(egress))).toEqual(egress);
    }
    expect([{ allow: ['a', 'b', 'c'] }, { allow: [] }, { gateway: 'g' }, 'none' as const].map(egressText)).toEqual([
      'a and 2 more',
      'nothing',
      'gateway g',
      'nothing',
    ]);
  });

  it('brings a policy through the form and back, and says it in words', () => {
    const updatedAt = '2026-01-01T00:00:00.000Z';
    const approve = {
      name: 'a',
      before: { step: 'refund*' },
      action: 'approve',
      timeout: 172_800_000,
      updatedAt,
    } as const;
    const refuse = {
      name: 'b',
      before: { binding: 'MAIL', method: 'send' },
      action: 'refuse',
      reason: 'no mail',
      tenants: ['acme'],
      workflows: ['W'],
      updatedAt,
    } as const;
    expect(policyBodyOf(policyDraftOf(approve))).toEqual({
      before: { step: 'refund*' },
      action: 'approve',
      timeout: 172_800_000,
    });
    expect(policyBodyOf(policyDraftOf(refuse))).toEqual({
      before: { binding: 'MAIL', method: 'send' },
      action: 'refuse',
      reason: 'no mail',
      tenants: ['acme'],
      workflows: ['W'],
    });
    expect([policyText(approve), whereText(approve)]).toEqual([
      'before step “refund*” somebody approves, within 2 d',
      'all tenants',
    ]);
    expect([policyText(refuse), whereText(refuse)]).toEqual(['env.MAIL.send is refused: no mail', 'acme: W']);
  });
});
