import { hash } from 'node:crypto';
import { z } from 'zod';
import { invalidField } from '../../core/errors.ts';
import { MAX_STEP_NAME_LENGTH } from '../../core/names.ts';
import { tenantSuspended } from '../../service/refusals.ts';
import { encodeInput } from '../encoded-input.ts';
import { given } from '../instance-view.ts';
import { EVENT_TYPE, INSTANCE, TENANT, WORKFLOW } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { statusName } from '../schemas.ts';
import type { ControlAction } from '../use-cases.ts';

const tag = 'instances';
const OF_INSTANCE = '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}';

const control = z
  .strictObject({
    status: z.enum(['pause', 'resume', 'terminate', 'restart']),
    rollback: z.boolean().optional().describe('With `terminate`'),
    from: z
      .strictObject({
        name: z.string().min(1).max(MAX_STEP_NAME_LENGTH),
        count: z.int().min(1).optional(),
        type: z.enum(['do', 'sleep', 'waitForEvent']).optional(),
      })
      .optional()
      .describe('With `restart`: wipes this step and all that started after it'),
    toActiveVersion: z.boolean().optional().describe('With `restart`: takes the active version'),
  })
  .refine(({ status, rollback }) => rollback === undefined || status === 'terminate', {
    message: 'goes with terminate',
    path: ['rollback'],
  })
  .refine(({ status, from }) => from === undefined || status === 'restart', {
    message: 'goes with restart',
    path: ['from'],
  })
  .refine(({ status, toActiveVersion }) => toActiveVersion === undefined || status === 'restart', {
    message: 'goes with restart',
    path: ['toActiveVersion'],
  });

const actionOf = ({ status, rollback, from, toActiveVersion }: z.output<typeof control>): ControlAction => {
  switch (status) {
    case 'pause':
    case 'resume':
      return { kind: status };
    case 'terminate':
      return { kind: 'terminate', rollback: rollback ?? false };
    case 'restart':
      return {
        kind: 'restart',
        ...given('from', from, ({ name, count = 1, type = 'do' }) => ({ name, count, type })),
        ...given('toActiveVersion', toActiveVersion, (value) => value),
      };
  }
};

/** Printable ASCII. */
const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;

const readIdempotency = (request: Request, eventType: string, body: Buffer) => {
  const key = request.headers.get('idempotency-key');
  if (key === null) return undefined;
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw invalidField('Idempotency-Key', 'An idempotency key has 1 to 255 printable ASCII characters.');
  }
  // Types hold no line break, so two different events never have one text.
  return { key, digest: hash('sha256', Buffer.concat([Buffer.from(`${eventType}\n`), body])) };
};

export const INSTANCE_SIGNAL_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'PATCH',
    path: `${OF_INSTANCE}/status`,
    tag,
    summary: 'Pause, resume, terminate or restart an instance',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE },
    body: { kind: 'json', schema: control },
    responses: { 200: { description: 'Its status now', schema: z.strictObject({ status: statusName }) } },
    problems: [
      'instance.not_found',
      'instance.cannot_terminate',
      'instance.cannot_restart',
      'version.none_active',
      'tenant.suspended',
    ],
    handle: async ({ app, tenant, path, body }) => {
      const action = actionOf(body);
      // What is under way may be stopped, also to calm a tenant that was suspended for it.
      if (tenant.suspended && (action.kind === 'resume' || action.kind === 'restart')) throw tenantSuspended(tenant);
      const key = { tenant: tenant.id, workflow: path.workflow, id: path.id };
      const { status } = await app.useCases.controlInstance({ key, action });
      return { status: 200, body: { status } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: `${OF_INSTANCE}/events/{type}`,
    tag,
    summary: 'Send an event; the body is its payload, an empty one sends none',
    access: 'tenant',
    params: { tenant: TENANT, workflow: WORKFLOW, id: INSTANCE, type: EVENT_TYPE },
    body: { kind: 'payload' },
    responses: { 202: { description: 'Accepted', schema: z.strictObject({ eventId: z.string() }) } },
    problems: ['instance.not_found', 'instance.finished', 'tenant.suspended', 'quota.exceeded', 'rate.limited'],
    isRefusedWhenSuspended: true,
    handle: async ({ app, request, tenant, path, body, rawBody }) => {
      const { eventId } = await app.useCases.sendEvent({
        key: { tenant: tenant.id, workflow: path.workflow, id: path.id },
        eventType: path.type,
        ...given('payload', body as unknown, (value) => encodeInput(value, 'The payload', rawBody.length)),
        ...given('idempotency', readIdempotency(request, path.type, rawBody), (value) => value),
      });
      return { status: 202, body: { eventId } };
    },
  }),
];
