import { z } from 'zod';
import { TenonError } from '../../core/errors.ts';
import { isStoredStream } from '../../core/replay/streams.ts';
import { linkToStream } from '../../service/download-stream.ts';
import { MAX_PAGE_BYTES } from '../pages.ts';
import { INSTANCE, TENANT, WORKFLOW } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { DEFAULT_PAGE, integerText, pageQuery } from '../schemas.ts';
import { listSteps, readStepsCursor, wholeStep } from '../step-view.ts';
import { createValueReader } from '../stored-values.ts';
import { stepShape, stepsShape } from './instance-shapes.ts';

const tag = 'instances';
const OF_INSTANCE = '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}';

export const INSTANCE_STEP_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: `${OF_INSTANCE}/steps`,
    tag,
    summary: "List an instance's steps in the order in which they started",
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE },
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of steps', schema: stepsShape } },
    problems: ['instance.not_found'],
    handle: async ({ app, tenant, path, query }) => {
      const from = readStepsCursor(query.cursor);
      const { steps } = await app.useCases.readInstance({
        key: { tenant: tenant.id, workflow: path.workflow, id: path.id },
      });
      const page = await listSteps(steps, {
        from,
        limit: query.limit ?? DEFAULT_PAGE,
        maxBytes: MAX_PAGE_BYTES,
        readValue: createValueReader(app.deps.blobs, tenant.id),
      });
      return { status: 200, body: page };
    },
  }),
  defineRoute({
    method: 'GET',
    path: `${OF_INSTANCE}/step`,
    tag,
    summary: 'Read one step whole',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE },
    query: z.strictObject({
      name: z.string().min(1).max(256),
      count: integerText(1, 999_999_999).optional().describe('Which of the steps of that name; 1 where absent'),
      type: z
        .enum(['step', 'do', 'sleep', 'waitForEvent', 'rollback'])
        .optional()
        .describe('`step` where absent; `do` is another word for it'),
    }),
    responses: {
      200: { description: 'The step', schema: stepShape },
      302: { description: 'It has given a stream: `Location` is a link to its bytes, good for five minutes' },
    },
    problems: ['instance.not_found', 'step.not_found'],
    handle: async ({ app, tenant, path, query, address }) => {
      const { name, count = 1 } = query;
      const type = query.type === undefined || query.type === 'do' ? 'step' : query.type;
      const key = { tenant: tenant.id, workflow: path.workflow, id: path.id };
      const { steps } = await app.useCases.readInstance({ key });
      const step = steps.find((one) => one.name === name && one.count === count && one.type === type);
      if (step === undefined) throw new TenonError('step.not_found', 'The instance has not come to such a step.');
      if (step.output !== undefined && isStoredStream(step.output)) {
        const location = await linkToStream(app.deps, { key, stream: step.output, origin: address.origin });
        return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
      }
      return { status: 200, body: await wholeStep(step, createValueReader(app.deps.blobs, tenant.id)) };
    },
  }),
];
