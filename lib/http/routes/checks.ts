import { z } from 'zod';
import type { Check } from '../../ports/check-store.ts';
import { readCheck } from '../../service/read-check.ts';
import { startCheck } from '../../service/start-check.ts';
import { given, isoTime } from '../instance-view.ts';
import { CHECK, TENANT, VERSION } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { time } from '../schemas.ts';

const tag = 'checks';
const OF_CHECKS = '/v1/tenants/{tenant}/versions/{version}/checks';

const status = z.enum(['running', 'passed', 'failed']);

const checkShape = z
  .strictObject({
    id: z.string(),
    version: z.string(),
    status,
    counts: z
      .strictObject({
        checked: z.int(),
        ok: z.int(),
        diverged: z.int(),
        failed: z.int(),
        skipped: z.int().describe('Not replayed to the end: a call outside a step stands in the way'),
      })
      .describe('Instances'),
    divergences: z
      .array(
        z.strictObject({
          workflow: z.string(),
          instance: z.string(),
          step: z.string(),
          expected: z.string(),
          got: z.string(),
        }),
      )
      .describe('The first hundred'),
    createdAt: time,
    endedAt: time.optional(),
  })
  .meta({ id: 'Check' });

const view = ({ id, version, status: current, counts, divergences, createdAt, endedAt }: Check) => ({
  id,
  version,
  status: current,
  counts,
  divergences,
  createdAt: isoTime(createdAt),
  ...given('endedAt', endedAt, isoTime),
});

export const CHECK_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: OF_CHECKS,
    tag,
    summary: 'Replay all unfinished instances of the tenant against a version, without effects',
    access: 'tenant',
    params: { tenant: TENANT, version: VERSION },
    body: { kind: 'optional_json', schema: z.strictObject({}) },
    responses: {
      202: {
        description: 'Begun, or at work already',
        schema: z.strictObject({ check: z.strictObject({ id: z.string(), status }) }),
      },
    },
    problems: ['version.not_found', 'tenant.suspended'],
    isRefusedWhenSuspended: true,
    handle: async ({ app, tenant, path }) => {
      const check = await startCheck(app.deps, { tenant: tenant.id, version: path.version });
      return { status: 202, body: { check: { id: check.id, status: check.status } } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: `${OF_CHECKS}/{id}`,
    tag,
    summary: 'Read the latest check of a version',
    access: 'tenant',
    params: { tenant: TENANT, version: VERSION, id: CHECK },
    responses: { 200: { description: 'How far it has come, and what it has found', schema: checkShape } },
    problems: ['version.not_found', 'check.not_found'],
    handle: async ({ app, tenant, path }) => {
      const check = await readCheck(app.deps, { tenant: tenant.id, version: path.version, id: path.id });
      return { status: 200, body: view(check) };
    },
  }),
];
