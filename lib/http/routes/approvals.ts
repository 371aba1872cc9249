import { z } from 'zod';
import { given } from '../instance-view.ts';
import { APPROVAL, INSTANCE, TENANT, WORKFLOW } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';

const verdict = z.strictObject({
  approved: z.boolean(),
  reason: z.string().min(1).max(1_000).optional().describe('Shown, and told to the code where it is refused'),
  by: z.string().min(1).max(200).optional().describe('Who said so'),
});

export const APPROVAL_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/approvals/{approval}',
    tag: 'policies',
    summary: 'Approve or refuse what a policy holds back; the first answer counts',
    access: 'operator',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE, approval: APPROVAL },
    body: { kind: 'json', schema: verdict },
    responses: {
      202: { description: 'Accepted, now or before', schema: z.strictObject({ approved: z.boolean() }) },
    },
    problems: ['instance.not_found', 'instance.finished', 'approval.not_found', 'approval.settled', 'quota.exceeded'],
    handle: async ({ app, tenant, path, body }) => {
      await app.useCases.decideApproval({
        key: { tenant: tenant.id, workflow: path.workflow, id: path.id },
        approval: path.approval,
        verdict: {
          approved: body.approved,
          ...given('reason', body.reason, (text) => text),
          ...given('by', body.by, (text) => text),
        },
      });
      return { status: 202, body: { approved: body.approved } };
    },
  }),
];
