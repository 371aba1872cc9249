import { z } from 'zod';
import { createdView } from '../instance-view.ts';
import { INSTANCE, TENANT, WORKFLOW } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { versionName } from '../schemas.ts';
import { createdShape } from './instance-shapes.ts';

const OF_INSTANCE = '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}';

const place = z
  .strictObject({
    file: z.string(),
    line: z.int(),
    column: z.int(),
    text: z.string().optional().describe('The line itself'),
  })
  .meta({ id: 'SourcePlace', description: "A place in the tenant's source, line and column from 1" });

const replayShape = z
  .strictObject({
    version: z.string().describe('The version whose code was replayed'),
    outcome: z.enum(['ok', 'diverged', 'failed']),
    stop: z
      .enum(['caught_up', 'effect', 'returned', 'threw', 'lost'])
      .describe(
        '`caught_up`: at the end of the journal; `effect`: at a call to the outside outside a step, behind which nothing was looked at; `returned`, `threw`: with `run()`; `lost`: before that',
      ),
    recorded: z.int().describe('Results that the journal has'),
    delivered: z.int().describe('Results that `run()` got'),
    divergences: z.array(
      z.strictObject({ step: z.string(), expected: z.string(), got: z.string(), place: place.optional() }),
    ),
    next: z.string().optional().describe('The step that would go on, or what would be called'),
    place: place.optional(),
    error: z.strictObject({ name: z.string(), message: z.string(), stack: z.string().optional() }).optional(),
  })
  .meta({ id: 'Replay' });

export const REPLAY_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: `${OF_INSTANCE}/replay`,
    tag: 'replays',
    summary: 'Replay an instance of any status without effects',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE },
    body: {
      kind: 'optional_json',
      schema: z.strictObject({ version: versionName.exactOptional() }),
    },
    responses: { 200: { description: 'What the replay has shown', schema: replayShape } },
    problems: ['instance.not_found', 'version.not_found', 'tenant.suspended', 'rate.limited'],
    isRefusedWhenSuspended: true,
    handle: async ({ app, tenant, path, body }) => {
      const key = { tenant: tenant.id, workflow: path.workflow, id: path.id };
      const report = await app.useCases.replayInstance({ key, ...body });
      return { status: 200, body: report };
    },
  }),
  defineRoute({
    method: 'POST',
    path: `${OF_INSTANCE}/move`,
    tag: 'replays',
    summary: 'Move an unfinished instance to another version, after a replay that shows no divergence',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE },
    body: { kind: 'json', schema: z.strictObject({ version: versionName }) },
    responses: { 200: { description: 'Moved', schema: createdShape } },
    problems: [
      'instance.not_found',
      'version.not_found',
      'instance.finished',
      'instance.cannot_move',
      'tenant.suspended',
      'rate.limited',
    ],
    isRefusedWhenSuspended: true,
    handle: async ({ app, tenant, path, body }) => {
      const key = { tenant: tenant.id, workflow: path.workflow, id: path.id };
      return { status: 200, body: createdView(await app.useCases.moveInstance({ key, version: body.version })) };
    },
  }),
];
