import { z } from 'zod';
import { MAX_KEY_GRACE_MS } from '../../core/limits.ts';
import { createKey } from '../../service/create-key.ts';
import { listKeys } from '../../service/list-keys.ts';
import { revokeKey } from '../../service/revoke-key.ts';
import { rotateKey } from '../../service/rotate-key.ts';
import { given, isoTime } from '../instance-view.ts';
import { KEY, TENANT } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { duration, instant, time } from '../schemas.ts';

const tag = 'keys';
const made = { keyId: z.string(), apiKey: z.string() };
const grace = duration.refine((ms) => ms <= MAX_KEY_GRACE_MS, 'is at most 30 days');

export const KEY_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/tenants/{tenant}/keys',
    tag,
    summary: 'Make one more key for a tenant, for good or until `expiresAt`; it is shown here and never again',
    access: 'operator',
    auditedBy: 'anyone',
    params: { tenant: TENANT },
    body: { kind: 'optional_json', schema: z.strictObject({ expiresAt: instant.optional() }) },
    responses: { 201: { description: 'Made', schema: z.strictObject(made) } },
    problems: [],
    handle: async ({ app, tenant, body }) => {
      const key = await createKey(app.deps, { tenant: tenant.id, expiresAt: body.expiresAt });
      return { status: 201, body: key, made: { madeKeyId: key.keyId } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/keys',
    tag,
    summary: "List the ids of a tenant's keys",
    access: 'operator',
    params: { tenant: TENANT },
    responses: {
      200: {
        description: 'The keys',
        schema: z.strictObject({
          keys: z.array(z.strictObject({ keyId: z.string(), createdAt: time, expiresAt: time.optional() })),
        }),
      },
    },
    problems: [],
    handle: async ({ app, tenant }) => {
      const keys = await listKeys(app.deps, { tenant: tenant.id });
      const views = keys.map(({ keyId, createdAt, expiresAt }) => ({
        keyId,
        createdAt: isoTime(createdAt),
        ...given('expiresAt', expiresAt, isoTime),
      }));
      return { status: 200, body: { keys: views } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/tenants/{tenant}/keys/{keyId}/rotate',
    tag,
    summary: 'Make a key in place of another, which goes on for `grace`, an hour if left out',
    access: 'operator',
    auditedBy: 'anyone',
    params: { tenant: TENANT, keyId: KEY },
    body: { kind: 'optional_json', schema: z.strictObject({ grace: grace.optional() }) },
    responses: {
      201: {
        description: 'Made',
        schema: z.strictObject({ ...made, replaced: z.strictObject({ keyId: z.string(), expiresAt: time }) }),
      },
    },
    problems: ['key.not_found'],
    handle: async ({ app, tenant, path, body }) => {
      const rotated = await rotateKey(app.deps, { tenant: tenant.id, keyId: path.keyId, graceMs: body.grace });
      const { keyId, apiKey, oldExpiresAt } = rotated;
      const replaced = { keyId: path.keyId, expiresAt: isoTime(oldExpiresAt) };
      return { status: 201, body: { keyId, apiKey, replaced }, made: { madeKeyId: keyId } };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v1/tenants/{tenant}/keys/{keyId}',
    tag,
    summary: 'Revoke a key: it is refused from the next call on',
    access: 'operator',
    auditedBy: 'anyone',
    params: { tenant: TENANT, keyId: KEY },
    responses: { 204: { description: 'Revoked' } },
    problems: ['key.not_found'],
    handle: async ({ app, tenant, path }) => {
      await revokeKey(app.deps, { tenant: tenant.id, keyId: path.keyId });
      return { status: 204 };
    },
  }),
];
