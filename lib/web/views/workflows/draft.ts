import type { Workflow } from '../../../client/operations.ts';
import type { OperationRequest } from '../../../client/tenon-client.ts';
import { lengthText } from '../../../client/wording.ts';

/** As typed. */
export interface WorkflowDraft {
  /** Empty: any number. */
  readonly concurrency: string;
  /** One cron a line. */
  readonly schedules: string;
  /** Such as `30 days`; empty: as it is. */
  readonly success: string;
  readonly error: string;
  readonly steps: string;
  readonly determinism: 'strict' | 'lenient';
}

export type WorkflowChanges = NonNullable<OperationRequest<'PATCH /v1/tenants/{tenant}/workflows/{workflow}'>['body']>;

export const workflowDraftOf = (workflow: Workflow): WorkflowDraft => ({
  concurrency: String(workflow.concurrency?.limit ?? ''),
  schedules: workflow.schedules.map(({ cron }) => cron).join('\n'),
  success: durationDraft(workflow.retention?.success),
  error: durationDraft(workflow.retention?.error),
  steps: String(workflow.limits?.steps ?? ''),
  determinism: workflow.determinism ?? 'lenient',
});

/** A length that the server reads back as the same: one unit, or milliseconds. */
const durationDraft = (ms: number | undefined): string => {
  if (ms === undefined) return '';
  const [count, unit, ...more] = lengthText(ms).split(' ');
  const name = { d: 'days', h: 'hours', min: 'minutes', s: 'seconds' }[unit ?? ''];
  return name === undefined || more.length > 0 || count?.includes('.') ? String(ms) : `${count} ${name}`;
};

/** What differs from how it is. */
export const workflowChanges = (workflow: Workflow, draft: WorkflowDraft): WorkflowChanges => {
  const was = workflowDraftOf(workflow);
  const isNew = (name: keyof WorkflowDraft): boolean => draft[name].trim() !== was[name];
  const hasNew = (name: keyof WorkflowDraft): boolean => isNew(name) && draft[name].trim() !== '';
  return {
    ...(isNew('concurrency') && {
      concurrency: { limit: draft.concurrency.trim() === '' ? null : Number(draft.concurrency) },
    }),
    ...(isNew('schedules') && { schedules: cronsOf(draft.schedules).map((cron) => ({ cron })) }),
    ...((hasNew('success') || hasNew('error')) && {
      retention: {
        ...(hasNew('success') && { success: durationOf(draft.success) }),
        ...(hasNew('error') && { error: durationOf(draft.error) }),
      },
    }),
    ...(hasNew('steps') && { limits: { steps: Number(draft.steps) } }),
    ...(isNew('determinism') && { determinism: draft.determinism }),
  };
};

export const cronsOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const durationOf = (text: string): number | string => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim());
