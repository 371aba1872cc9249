import { z } from 'zod';
import { SECOND_MS } from '../../core/limits.ts';
import { createBundle } from '../../service/create-bundle.ts';
import { readBundle } from '../../service/read-bundle.ts';
import { receiveUpload } from '../../service/receive-upload.ts';
import { declaredSize, readBytes } from '../body.ts';
import { isoTime } from '../instance-view.ts';
import { BUNDLE, TENANT, UPLOAD_TOKEN } from '../path-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { time, wait } from '../schemas.ts';

const tag = 'bundles';
const SHA256 = /^[0-9a-f]{64}$/;

const bundleStatus = z.enum(['awaiting_upload', 'validating', 'ready', 'rejected']);

export const BUNDLE_ROUTES: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/tenants/{tenant}/bundles',
    tag,
    summary: 'Announce a bundle; the answer holds the link to upload it with',
    access: 'tenant',
    params: { tenant: TENANT },
    body: {
      kind: 'json',
      schema: z.strictObject({
        size: z.int().min(1).describe('Bytes; above 10,000,000 the answer is 413'),
        sha256: z
          .string()
          .toLowerCase()
          .refine((text) => SHA256.test(text), 'must be a SHA-256 of 64 hex digits'),
        contentType: z.enum(['text/typescript', 'text/javascript', 'application/zip']),
        activate: z.boolean().optional(),
      }),
    },
    responses: {
      201: {
        description: 'Announced',
        schema: z.strictObject({
          bundle: z.strictObject({ id: z.string(), status: bundleStatus }),
          upload: z.strictObject({
            method: z.literal('PUT'),
            url: z.string(),
            headers: z.record(z.string(), z.string()),
            expiresAt: time,
          }),
        }),
      },
    },
    problems: ['tenant.suspended'],
    isRefusedWhenSuspended: true,
    handle: async ({ app, tenant, body, address }) => {
      const { activate = true, ...file } = body;
      const announced = { ...file, activate, tenant: tenant.id, origin: address.origin };
      const { bundle, upload } = await createBundle(app.deps, announced);
      return {
        status: 201,
        body: {
          bundle: { id: bundle.id, status: bundle.status },
          upload: { ...upload, expiresAt: isoTime(upload.expiresAt) },
        },
      };
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/v1/uploads/{token}',
    tag,
    summary: 'Upload the announced bytes, once; the link is the permission',
    access: 'public',
    params: { token: UPLOAD_TOKEN },
    body: { kind: 'bytes' },
    responses: { 200: { description: 'Received; validation has begun' } },
    problems: [
      'upload.invalid',
      'upload.expired',
      'upload.used',
      'upload.wrong_size',
      'upload.wrong_digest',
      'tenant.suspended',
      'request.malformed',
    ],
    handle: async ({ app, request, path }) => {
      const declared = declaredSize(request);
      const bundle = await receiveUpload(app.deps, {
        token: path.token,
        ...(declared === undefined ? {} : { declaredSize: declared }),
        read: (maxBytes) => readBytes(request, maxBytes),
      });
      app.startValidation({ tenant: bundle.tenant, bundleId: bundle.id });
      return { status: 200 };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tenants/{tenant}/bundles/{id}',
    tag,
    summary: 'Read a bundle; with `wait` as soon as it is ready or rejected',
    access: 'tenant',
    params: { tenant: TENANT, id: BUNDLE },
    query: z.strictObject({ wait }),
    responses: {
      200: {
        description: 'The bundle',
        schema: z.strictObject({
          id: z.string(),
          status: bundleStatus,
          version: z.string().optional(),
          workflows: z.array(z.strictObject({ name: z.string() })),
          hasFetch: z.boolean(),
          problems: z.array(
            z.strictObject({
              code: z.string(),
              message: z.string(),
              file: z.string().optional(),
              line: z.int().optional(),
              column: z.int().optional(),
            }),
          ),
        }),
      },
    },
    problems: ['bundle.not_found'],
    handle: async ({ app, tenant, path, query }) => {
      const waitMs = (query.wait ?? 0) * SECOND_MS;
      return { status: 200, body: await readBundle(app.deps, { tenant: tenant.id, bundleId: path.id, waitMs }) };
    },
  }),
];
