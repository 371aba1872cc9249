import { z } from 'zod';
import { MAX_BATCH } from '../../core/limits.ts';
import { encodeInput } from '../encoded-input.ts';
import { given } from '../instance-view.ts';
import { TENANT, WORKFLOW } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { batchOf, instanceId, json } from '../schemas.ts';
import { batchShape, deletedShape } from './instance-shapes.ts';

const tag = 'instances';
const BATCH = '/v1/tenants/{tenant}/workflows/{workflow}/instances/batch';
const AT_LEAST_ONE = 'batchCreate should have at least 1 instance';

export const INSTANCE_BATCH_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: BATCH,
    tag,
    summary: `Start up to ${MAX_BATCH} instances`,
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW },
    body: {
      kind: 'json',
      schema: z
        .strictObject({
          instances: batchOf(
            z.strictObject({ id: instanceId.optional(), params: json.optional() }),
            AT_LEAST_ONE,
          ).optional(),
          count: z.int().min(1, AT_LEAST_ONE).max(MAX_BATCH).optional(),
          params: json.optional().describe('With `count`: the params of each'),
        })
        .refine(({ instances, count }) => (instances === undefined) !== (count === undefined), {
          message: 'send either instances or count',
          path: ['instances'],
        })
        .refine(({ instances, params }) => instances === undefined || params === undefined, {
          message: 'goes with count; with instances each one has its own',
          path: ['params'],
        }),
    },
    responses: { 200: { description: 'What was started and what was not', schema: batchShape } },
    problems: ['workflow.not_found', 'version.none_active', 'tenant.suspended', 'rate.limited', 'quota.exceeded'],
    isRefusedWhenSuspended: true,
    handle: async ({ app, traceId, tenant, path, body, rawBody }) => {
      const encode = (value: unknown): string => encodeInput(value, 'params', rawBody.length);
      const { instances, count = 0 } = body;
      const shared = given('params', body.params, encode);
      const wanted =
        instances?.map(({ id, params }) => ({
          ...given('id', id, (text) => text),
          ...given('params', params, encode),
        })) ?? Array.from({ length: count }, () => shared);
      const result = await app.useCases.createBatch({
        tenant: tenant.id,
        workflow: path.workflow,
        instances: wanted,
        reportsDuplicates: true,
        source: 'api',
        traceId,
      });
      return { status: 200, body: { created: result.created.map(({ id }) => ({ id })), errors: result.errors } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: `${BATCH}/delete`,
    tag,
    summary: `Delete up to ${MAX_BATCH} instances`,
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW },
    body: {
      kind: 'json',
      schema: z.strictObject({ ids: batchOf(z.string().min(1).max(1_000), 'has at least 1 id') }),
    },
    responses: { 200: { description: 'What was deleted and what was not', schema: deletedShape } },
    problems: [],
    handle: async ({ app, tenant, path, body }) => {
      const result = await app.useCases.deleteBatch({ tenant: tenant.id, workflow: path.workflow, ids: body.ids });
      return { status: 200, body: { deleted: result.deleted, errors: result.errors } };
    },
  }),
];
