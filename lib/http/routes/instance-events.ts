import { z } from 'zod';
import { INSTANCE_EVENT_TYPES, type InstanceEvent, type InstanceEventType } from '../../core/instance-events.ts';
import { SECOND_MS } from '../../core/limits.ts';
import { cursorText, type EventCursor, InstanceFollower, readEventCursor } from '../../service/follow-instance.ts';
import type { StreamChunk } from '../event-stream.ts';
import { eventView, logView } from '../event-view.ts';
import { followStream, lastEventId, wantsStream } from '../follow-stream.ts';
import { INSTANCE, TENANT, WORKFLOW } from '../path-params.ts';
import { type Answer, type AppContext, defineRoute, type Route } from '../route.ts';
import { MAX_WAIT_S, time, wait } from '../schemas.ts';
import { createValueReader } from '../stored-values.ts';
import { configShape, errorShape } from './instance-shapes.ts';

const eventShape = z
  .strictObject({
    eventId: z.int(),
    type: z.enum(INSTANCE_EVENT_TYPES),
    instanceId: z.string(),
    timestamp: time,
    stepName: z.string().optional().describe('Name and count of the step, as `name-count`'),
    step: z.strictObject({ name: z.string(), count: z.int() }).optional(),
    attempt: z.int().optional(),
    config: configShape.optional(),
    output: z.unknown().optional(),
    truncated: z.literal(true).optional().describe('`output` is the beginning of its JSON text'),
    error: errorShape.optional(),
    retryDelayMs: z.number().optional(),
    durationMs: z.number().optional(),
    eventType: z.string().optional(),
    expected: z.string().optional(),
    got: z.string().optional(),
    approval: z.string().optional(),
    policy: z.string().optional(),
    call: z.string().optional(),
    approved: z.boolean().optional(),
    reason: z.string().optional(),
    by: z.string().optional(),
    level: z.string().optional(),
    message: z.string().optional(),
  })
  .meta({ id: 'InstanceEvent' });

const TYPES: ReadonlySet<string> = new Set(INSTANCE_EVENT_TYPES);

const filter = z
  .string()
  .transform((text) => text.split(','))
  .refine((types): types is InstanceEventType[] => types.every((type) => TYPES.has(type)), {
    error: `must be types of events with commas between them: ${INSTANCE_EVENT_TYPES.join(', ')}`,
  })
  .meta({ type: 'string' });

const cursor = z
  .string()
  .transform(readEventCursor)
  .refine(
    (read): read is EventCursor => read !== undefined,
    'must be the number of an event, or a cursor from an answer',
  )
  .meta({ type: 'string' });

const logShape = z
  .strictObject({
    eventId: z.int(),
    time,
    level: z.enum(['debug', 'log', 'info', 'warn', 'error']),
    message: z.string(),
    step: z.string().optional().describe('Name and count of the step whose callback said it, as `name-count`'),
    attempt: z.int().optional(),
  })
  .meta({ id: 'LogLine' });

/** What stands in the logs: what was said, and an error that nobody caught. */
const OF_LOGS: ReadonlySet<InstanceEventType> = new Set(['log', 'workflow_errored']);

const OF_INSTANCE = '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}';
const params = { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE };

const pageOf = (description: string, shape: z.ZodType) => ({
  200: {
    description: `${description}; \`done\` once the instance has ended and all of them have been told`,
    schema: z.strictObject({ events: z.array(shape), cursor: z.string(), done: z.boolean() }),
    contentType: 'text/event-stream',
  },
});

export const INSTANCE_EVENT_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: `${OF_INSTANCE}/subscribe`,
    tag: 'instances',
    summary:
      "Follow an instance's events: all that it has had, then each as it comes, to its end; as `text/event-stream`, or page by page as JSON",
    access: 'tenant',
    params,
    query: z.strictObject({ cursor: cursor.optional(), filter: filter.optional(), wait }),
    responses: pageOf('The next events', eventShape),
    problems: ['instance.not_found'],
    handle: ({ app, request, tenant, path, query }) => {
      const wanted = query.filter && new Set<InstanceEventType>(query.filter);
      const readValue = createValueReader(app.deps.blobs, tenant.id);
      return follow({
        app,
        request,
        key: { tenant: tenant.id, workflow: path.workflow, id: path.id },
        query,
        wants: ({ type }) => wanted?.has(type) ?? true,
        view: (event) => eventView(event, { id: path.id, readValue }),
      });
    },
  }),
  defineRoute({
    method: 'GET',
    path: `${OF_INSTANCE}/logs`,
    tag: 'instances',
    summary: 'Read what an instance has said by `console`, then each line as it comes, in the same two forms',
    access: 'tenant',
    params,
    query: z.strictObject({ cursor: cursor.optional(), wait }),
    responses: pageOf('The next lines', logShape),
    problems: ['instance.not_found'],
    handle: ({ app, request, tenant, path, query }) =>
      follow({
        app,
        request,
        key: { tenant: tenant.id, workflow: path.workflow, id: path.id },
        query,
        wants: ({ type }) => OF_LOGS.has(type),
        view: async (event) => logView(event),
      }),
  }),
];

interface Following {
  readonly app: AppContext;
  readonly request: Request;
  readonly key: { readonly tenant: string; readonly workflow: string; readonly id: string };
  readonly query: { readonly cursor?: EventCursor | undefined; readonly wait?: number | undefined };
  readonly wants: (event: InstanceEvent) => boolean;
  readonly view: (event: InstanceEvent) => Promise<object>;
}

const follow = async ({ app, request, key, query, wants, view }: Following): Promise<Answer | Response> => {
  const after = lastEventOf(request) ?? query.cursor;
  const follower = new InstanceFollower(app.deps, { key, ...(after !== undefined && { after }) });
  const next = async (ms: number, signal: AbortSignal) => {
    const told = await follower.next({ until: app.deps.clock.now() + ms, signal, wants });
    return { ...told, views: await Promise.all(told.events.map(view)) };
  };
  const waitMs = (query.wait ?? MAX_WAIT_S) * SECOND_MS;
  if (wantsStream(request)) {
    const read = async (ms: number, signal: AbortSignal): Promise<StreamChunk> => {
      const { events, views, isOver } = await next(ms, signal);
      return {
        events: events.map(({ eventId, type }, at) => ({ id: `${eventId}`, event: type, data: views[at] ?? {} })),
        isOver,
      };
    };
    return followStream(app, { waitMs, read });
  }
  const { views, cursor: reached, isOver } = await next(waitMs, request.signal);
  return { status: 200, body: { events: views, cursor: cursorText(reached), done: isOver } };
};

const lastEventOf = (request: Request): EventCursor | undefined => {
  const id = lastEventId(request);
  return id === undefined ? undefined : readEventCursor(id);
};
