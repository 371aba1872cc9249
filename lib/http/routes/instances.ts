import { z } from 'zod';
import { SECOND_MS } from '../../core/limits.ts';
import { listInstances } from '../../service/list-instances.ts';
import { encodeInput } from '../encoded-input.ts';
import { createdView, given, instanceItem, instanceView, outcomeView, rollbackView } from '../instance-view.ts';
import { readPage } from '../pages.ts';
import { INSTANCE, TENANT, WORKFLOW } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { DEFAULT_PAGE, instanceId, instant, json, pageQuery, statusName, wait } from '../schemas.ts';
import { listSteps } from '../step-view.ts';
import { createValueReader } from '../stored-values.ts';
import type { InstanceName, InstanceSummary } from '../use-cases.ts';
import { createdShape, detailShape, listShape } from './instance-shapes.ts';
import { retention } from './workflows.ts';

const tag = 'instances';
const INSTANCES = '/v1/tenants/{tenant}/workflows/{workflow}/instances';

/** Of the steps in a detail, which params and output share an answer with. */
const MAX_DETAIL_STEPS = 100;
const MAX_DETAIL_STEPS_BYTES = 800_000;

const isFinished = ({ endedAt, status }: InstanceSummary): boolean =>
  endedAt !== undefined || status === 'complete' || status === 'errored' || status === 'terminated';

export const INSTANCE_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: INSTANCES,
    tag,
    summary: 'Start an instance; with `wait` the answer comes when it has finished or the time is up',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW },
    query: z.strictObject({ wait }),
    body: {
      kind: 'optional_json',
      schema: z.strictObject({
        id: instanceId.optional(),
        params: json.optional(),
        version: z.string().min(1).max(128).optional(),
        retention: retention.optional().describe('How long it is kept after its end'),
      }),
    },
    responses: { 201: { description: 'Started', schema: createdShape } },
    problems: [
      'workflow.not_found',
      'version.not_found',
      'version.none_active',
      'instance.already_exists',
      'tenant.suspended',
      'rate.limited',
      'quota.exceeded',
    ],
    isRefusedWhenSuspended: true,
    handle: async ({ app, request, traceId, tenant, path, query, body, rawBody }) => {
      const { id, params, version, retention: retentionMs } = body;
      const { summary: created } = await app.useCases.createInstance({
        tenant: tenant.id,
        workflow: path.workflow,
        ...given('id', id, (text) => text),
        ...given('params', params, (value) => encodeInput(value, 'params', rawBody.length)),
        ...given('version', version, (text) => text),
        ...given('retentionMs', retentionMs, (ms) => ms),
        source: 'api',
        traceId,
      });
      if (query.wait === undefined || query.wait === 0) return { status: 201, body: createdView(created) };
      const summary = isFinished(created)
        ? created
        : await app.useCases.awaitFinish({
            key: { tenant: tenant.id, workflow: path.workflow, id: created.id },
            waitMs: query.wait * SECOND_MS,
            signal: request.signal,
          });
      const outcome = await outcomeView(summary, createValueReader(app.deps.blobs, tenant.id));
      return { status: 201, body: { ...createdView(summary), ...outcome } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: INSTANCES,
    tag,
    summary: "List a workflow's instances, newest first",
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW },
    query: z.strictObject({
      status: statusName.exactOptional(),
      from: instant.exactOptional().describe('Created at this time or later'),
      to: instant.exactOptional().describe('Created at this time or earlier'),
      ...pageQuery,
    }),
    responses: { 200: { description: 'A page of instances', schema: listShape } },
    problems: ['workflow.not_found'],
    handle: async ({ app, tenant, path, query }) => {
      const { limit = DEFAULT_PAGE, ...filter } = query;
      const where = { ...filter, tenant: tenant.id, workflow: path.workflow };
      const page = await readPage(limit, (max) => listInstances(app.deps, { ...where, limit: max }), instanceItem);
      return { status: 200, body: { instances: page.views, cursor: page.cursor } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: `${INSTANCES}/{id}`,
    tag,
    summary: 'Read an instance with its first 100 steps; with `wait` as soon as it has finished or the time is up',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE },
    query: z.strictObject({ wait }),
    responses: { 200: { description: 'The instance', schema: detailShape } },
    problems: ['instance.not_found'],
    handle: async ({ app, request, tenant, path, query }) => {
      const key: InstanceName = { tenant: tenant.id, workflow: path.workflow, id: path.id };
      if (query.wait !== undefined && query.wait > 0) {
        await app.useCases.awaitFinish({ key, waitMs: query.wait * SECOND_MS, signal: request.signal });
      }
      const { summary, steps, rollback } = await app.useCases.readInstance({ key });
      const readValue = createValueReader(app.deps.blobs, tenant.id);
      const page = await listSteps(steps, {
        from: 0,
        limit: MAX_DETAIL_STEPS,
        maxBytes: MAX_DETAIL_STEPS_BYTES,
        readValue,
      });
      const instance = await instanceView(summary, readValue);
      const undone = given('rollback', rollback, rollbackView);
      return { status: 200, body: { ...instance, ...undone, steps: page.steps, stepsCursor: page.cursor } };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: `${INSTANCES}/{id}`,
    tag,
    summary: 'Delete an instance at any status, without rollback',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE },
    responses: { 204: { description: 'Deleted' } },
    problems: ['instance.not_found'],
    handle: async ({ app, tenant, path }) => {
      await app.useCases.deleteInstance({ key: { tenant: tenant.id, workflow: path.workflow, id: path.id } });
      return { status: 204 };
    },
  }),
];
