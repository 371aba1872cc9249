import { z } from 'zod';
import { MAX_COUNTED_TURNS, MAX_STEP_LIMIT, SECOND_MS } from '../../core/limits.ts';
import type { Tenant } from '../../ports/tenant-store.ts';
import { listWorkflows } from '../../service/list-workflows.ts';
import { patchWorkflow } from '../../service/patch-workflow.ts';
import { MAX_SCHEDULES } from '../../service/put-schedules.ts';
import { readWorkflow, type WorkflowView } from '../../service/read-workflow.ts';
import { stepLimit } from '../../service/tenant-limits.ts';
import { given, isoTime } from '../instance-view.ts';
import { TENANT, WORKFLOW } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { duration, time } from '../schemas.ts';

const tag = 'workflows';

const determinism = z.enum(['strict', 'lenient']);

/** Long enough that whoever waits for the end sees it. */
export const MIN_RETENTION_MS = SECOND_MS;
export const retention = duration.refine(
  (ms) => ms >= MIN_RETENTION_MS,
  `must be at least ${MIN_RETENTION_MS} ms, so that the end can still be read`,
);

const workflowShape = z
  .strictObject({
    name: z.string(),
    version: z.string(),
    retention: z.strictObject({ success: z.int().optional(), error: z.int().optional() }).optional(),
    limits: z.strictObject({ steps: z.int().optional() }).optional(),
    determinism: determinism.optional(),
    concurrency: z.strictObject({ limit: z.int() }).optional(),
    schedules: z.array(z.strictObject({ cron: z.string(), nextAt: time })),
  })
  .meta({ id: 'Workflow' });

/** `limits` as they hold: the operator may have lowered the tenant's since. */
const view = ({ name, version, settings, schedules }: WorkflowView, tenant: Tenant) => ({
  name,
  version,
  ...given('retention', settings.retention, (setting) => setting),
  ...given('limits', settings.limits, ({ steps }) =>
    steps === undefined ? {} : { steps: stepLimit(tenant.limits, steps) },
  ),
  ...given('determinism', settings.determinism, (setting) => setting),
  ...given('concurrency', settings.concurrency, (setting) => setting),
  schedules: schedules.map(({ cron, nextAt }) => ({ cron, nextAt: isoTime(nextAt) })),
});

export const WORKFLOW_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/workflows',
    tag,
    summary: 'List the workflows that the active version exports',
    access: 'tenant',
    params: { tenant: TENANT },
    responses: {
      200: { description: 'The workflows', schema: z.strictObject({ workflows: z.array(workflowShape) }) },
    },
    problems: [],
    handle: async ({ app, tenant }) => {
      const workflows = await listWorkflows(app.deps, { tenant: tenant.id });
      return { status: 200, body: { workflows: workflows.map((workflow) => view(workflow, tenant)) } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/workflows/{workflow}',
    tag,
    summary: 'Read a workflow and its settings',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW },
    responses: { 200: { description: 'The workflow; durations are milliseconds', schema: workflowShape } },
    problems: ['workflow.not_found'],
    handle: async ({ app, tenant, path }) => {
      const workflow = await readWorkflow(app.deps, { tenant: tenant.id, workflow: path.workflow });
      return { status: 200, body: view(workflow, tenant) };
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/v1/tenants/{tenant}/workflows/{workflow}',
    tag,
    summary: "Change a workflow's settings; only what is named is changed",
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW },
    body: {
      kind: 'json',
      schema: z
        .strictObject({
          retention: z.strictObject({ success: retention, error: retention }).partial(),
          limits: z.strictObject({ steps: z.int().min(1).max(MAX_STEP_LIMIT) }).partial(),
          determinism,
          concurrency: z.strictObject({
            limit: z
              .int()
              .min(1)
              .max(MAX_COUNTED_TURNS)
              .nullable()
              .describe('Instances that run at the same time, while others wait in line; `null`: any number'),
          }),
          schedules: z
            .array(z.strictObject({ cron: z.string() }))
            .max(MAX_SCHEDULES)
            .describe('In place of those that there are; crons of five fields, in UTC'),
        })
        .partial(),
    },
    responses: { 200: { description: 'The workflow as it is now', schema: workflowShape } },
    problems: ['workflow.not_found'],
    handle: async ({ app, tenant, path, body }) => {
      const where = { tenant: tenant.id, workflow: path.workflow };
      return { status: 200, body: view(await patchWorkflow(app.deps, { ...body, ...where }), tenant) };
    },
  }),
];
