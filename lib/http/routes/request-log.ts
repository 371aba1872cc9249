import { z } from 'zod';
import { invalidField } from '../../core/errors.ts';
import { SECOND_MS } from '../../core/limits.ts';
import type { RequestLogEntry, RequestLogPlace } from '../../ports/request-log.ts';
import { followRequests, placeText, readPlace } from '../../service/follow-requests.ts';
import { readRequestLog } from '../../service/read-request-log.ts';
import { followStream, lastEventId, wantsStream } from '../follow-stream.ts';
import { given, isoTime } from '../instance-view.ts';
import { countFitting, readPage } from '../pages.ts';
import { TENANT } from '../path-params.ts';
import { type Answer, type AppContext, defineRoute, type Route } from '../route.ts';
import { cursor, DEFAULT_PAGE, instant, MAX_WAIT_S, pageQuery, time, wait } from '../schemas.ts';

const entryShape = z
  .strictObject({
    id: z.string(),
    time,
    durationMs: z.number(),
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

const view = ({ id, at, endedAt, version, method, path, status, lines, error, traceId }: RequestLogEntry) => ({
  id,
  time: isoTime(at),
  durationMs: endedAt - at,
  version,
  method,
  path,
  status,
  lines: lines.map((line) => ({ time: isoTime(line.at), level: line.level, message: line.message })),
  ...given('error', error, ({ name, message, stack }) => ({ name, message, ...given('stack', stack, (text) => text) })),
  ...given('traceId', traceId, (text) => text),
});

const after = z
  .string()
  .transform(readPlace)
  .refine((read): read is RequestLogPlace => read !== undefined, 'must be a cursor from an answer that followed')
  .meta({ type: 'string' });

export const REQUEST_LOG_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/logs',
    tag: 'front door',
    summary:
      'Read what `default.fetch` has said, by requests, newest first; or follow it with `wait` or `after`, oldest first, page by page or as `text/event-stream`. Requests that said nothing and went well are left out',
    access: 'tenant',
    params: { tenant: TENANT },
    query: z.strictObject({
      from: instant.exactOptional().describe('Answered at this time or later'),
      to: instant.exactOptional().describe('Answered at this time or earlier'),
      after: after.exactOptional().describe('Follow from there: a `cursor` of an answer that followed'),
      wait: wait.describe('Follow what comes from now on, from `from` on, or behind `after`'),
      ...pageQuery,
    }),
    responses: {
      200: {
        description: 'Requests; `cursor` where more are there, and always where they are followed',
        schema: z.strictObject({ requests: z.array(entryShape), cursor }),
        contentType: 'text/event-stream',
      },
    },
    problems: [],
    handle: async ({ app, request, tenant, query }) => {
      if (wantsStream(request) || query.after !== undefined || query.wait !== undefined) {
        return follow({ app, request, tenant, query });
      }
      const { limit = DEFAULT_PAGE, from = 0, to, cursor: place } = query;
      const where = { tenant: tenant.id, from: Math.max(from, tenant.createdAt), to, cursor: place };
      const page = await readPage(limit, (max) => readRequestLog(app.deps, { ...where, limit: max }), view);
      return { status: 200, body: { requests: page.views, cursor: page.cursor } };
    },
  }),
];

interface Following {
  readonly app: AppContext;
  readonly request: Request;
  readonly tenant: { readonly id: string; readonly createdAt: number };
  readonly query: {
    readonly from?: number;
    readonly to?: number;
    readonly after?: RequestLogPlace;
    readonly cursor?: string;
    readonly wait?: number | undefined;
    readonly limit?: number;
  };
}

const follow = async ({ app, request, tenant, query }: Following): Promise<Answer | Response> => {
  for (const field of ['to', 'cursor'] as const) {
    if (query[field] !== undefined) throw invalidField(field, 'goes back in time, and following goes forward');
  }
  const { from = app.deps.clock.now(), limit = DEFAULT_PAGE, wait: waitS = MAX_WAIT_S } = query;
  const begun = lastPlace(request) ?? query.after ?? { endedAt: from, id: '' };
  // What was before is of another tenant that had this id.
  let place = begun.endedAt < tenant.createdAt ? { endedAt: tenant.createdAt, id: '' } : begun;
  const read = async (ms: number, signal: AbortSignal) => {
    const until = app.deps.clock.now() + ms;
    const entries = await followRequests(app.deps, { tenant: tenant.id, after: place, until, limit, signal });
    const told = entries.slice(0, countFitting(entries.map(view)));
    place = told.at(-1) ?? place;
    return told;
  };
  const waitMs = waitS * SECOND_MS;
  if (!wantsStream(request)) {
    const requests = (await read(waitMs, request.signal)).map(view);
    return { status: 200, body: { requests, cursor: placeText(place) } };
  }
  return followStream(app, {
    waitMs,
    read: async (ms, signal) => {
      const told = await read(ms, signal);
      return {
        events: told.map((entry) => ({ id: placeText(entry), event: 'request', data: view(entry) })),
        isOver: false,
      };
    },
  });
};

const lastPlace = (request: Request): RequestLogPlace | undefined => {
  const id = lastEventId(request);
  return id === undefined ? undefined : readPlace(id);
};
