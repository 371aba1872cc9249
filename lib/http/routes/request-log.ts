import { z } from 'zod';
import type { RequestLogEntry } from '../../ports/request-log.ts';
import { readRequestLog } from '../../service/read-request-log.ts';
import { given, isoTime } from '../instance-view.ts';
import { readPage } from '../pages.ts';
import { TENANT } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { cursor, DEFAULT_PAGE, instant, pageQuery, time } from '../schemas.ts';

const entryShape = z
  .strictObject({
    id: z.string(),
    time,
    version: z.string(),
    method: z.string(),
    path: z.string(),
    status: z.int(),
    lines: z.array(
      z.strictObject({ time, level: z.enum(['debug', 'log', 'info', 'warn', 'error']), message: z.string() }),
    ),
    error: z
      .strictObject({ name: z.string(), message: z.string(), stack: z.string().optional() })
      .optional()
      .describe('What it threw, or what ended it'),
    traceId: z.string().optional(),
  })
  .meta({ id: 'RequestLogEntry' });

const view = ({ id, at, version, method, path, status, lines, error, traceId }: RequestLogEntry) => ({
  id,
  time: isoTime(at),
  version,
  method,
  path,
  status,
  lines: lines.map((line) => ({ time: isoTime(line.at), level: line.level, message: line.message })),
  ...given('error', error, ({ name, message, stack }) => ({ name, message, ...given('stack', stack, (text) => text) })),
  ...given('traceId', traceId, (text) => text),
});

export const REQUEST_LOG_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/logs',
    tag: 'front door',
    summary:
      'Read what `default.fetch` has said, by requests, newest first; those that said nothing and went well are left out',
    access: 'tenant',
    params: { tenant: TENANT },
    query: z.strictObject({ from: instant.exactOptional(), to: instant.exactOptional(), ...pageQuery }),
    responses: {
      200: { description: 'A page of requests', schema: z.strictObject({ requests: z.array(entryShape), cursor }) },
    },
    problems: [],
    handle: async ({ app, tenant, query: { limit = DEFAULT_PAGE, from = 0, ...query } }) => {
      // What was before is of another tenant that had this id.
      const since = Math.max(from, tenant.createdAt);
      const page = await readPage(
        limit,
        (max) => readRequestLog(app.deps, { ...query, tenant: tenant.id, from: since, limit: max }),
        view,
      );
      return { status: 200, body: { requests: page.views, cursor: page.cursor } };
    },
  }),
];
