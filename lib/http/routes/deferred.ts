import { z } from 'zod';
import { MAX_ERROR_MESSAGE_CHARS, MAX_ERROR_NAME_CHARS } from '../../core/limits.ts';
import { encodeInput } from '../encoded-input.ts';
import { DEFERRED_TOKEN } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { json } from '../schemas.ts';

const outcome = z
  .strictObject({
    result: json.optional().describe("Any JSON value, `null` included: the step's result"),
    error: z
      .strictObject({
        name: z.string().min(1).max(MAX_ERROR_NAME_CHARS).optional().describe('`Error` where absent'),
        message: z.string().max(MAX_ERROR_MESSAGE_CHARS),
      })
      .optional()
      .describe('The attempt fails with it, and is tried again as the step is configured'),
  })
  // JSON has no `undefined`: a field that is there has a value.
  .refine(({ result, error }) => (result === undefined) !== (error === undefined), {
    message: 'send either `result` or `error`',
  });

export const DEFERRED_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/deferred/{token}',
    tag: 'front door',
    summary: 'Complete a deferred result; the token is the permission, and the first outcome counts',
    access: 'public',
    params: { token: DEFERRED_TOKEN },
    body: { kind: 'json', schema: outcome },
    responses: { 202: { description: 'Accepted, now or before', schema: z.strictObject({}) } },
    problems: [
      'deferred.not_found',
      'deferred.settled',
      'instance.finished',
      'tenant.suspended',
      'quota.exceeded',
      'request.invalid',
      'request.malformed',
    ],
    handle: async ({ app, path, body, rawBody }) => {
      const { result, error } = body;
      await app.useCases.completeDeferred({
        token: path.token,
        outcome:
          error === undefined
            ? { ok: true, value: encodeInput(result, 'The result', rawBody.length) }
            : { ok: false, error: { name: error.name ?? 'Error', message: error.message } },
      });
      return { status: 202, body: {} };
    },
  }),
];
