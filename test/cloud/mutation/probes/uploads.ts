import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { uploadName } from '../../../../lib/service/bundle-files.ts';
import { eventually, type TenantWorld } from '../../../conformance/world.ts';
import { assertRanApart } from '../apart.ts';
import { storesOf } from '../deployment.ts';
import type { Probe } from '../probe.ts';

const SOURCE = 'export default { fetch() { return new Response("small"); } };';
const MINUTES_MS = 60_000;

const announce = async (tenant: TenantWorld) => {
  const bytes = new TextEncoder().encode(SOURCE);
  const { body } = await tenant.link(bytes, { contentType: 'text/javascript' });
  return { bytes, bundle: body.bundle as { readonly id: string }, upload: body.upload };
};

/** Asked of the list, which `api` answers: asking for the bundle itself would have it validated. */
const hasVersions = (tenant: TenantWorld, count: number): Promise<true> =>
  eventually(`${count} versions`, async () => {
    const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/versions`);
    return body.versions.length >= count ? true : undefined;
  });

const byEvent = (isolation: 'isolate' | 'microvm'): Probe => ({
  name: `an upload is validated when the bucket tells of it, at level ${isolation}`,
  ...(isolation === 'isolate' && { about: /^BundleIntakeArrived|NotificationConfiguration/ }),
  check: async ({ world, cloud }) => {
    const tenant = await world.tenant(isolation);
    const { bytes, upload } = await announce(tenant);
    const put = await tenant.api.call('PUT', upload.url, { raw: bytes, headers: upload.headers, key: null });
    assert.equal(put.status, 200, put.text);
    await hasVersions(tenant, 2);
    if (isolation === 'microvm') assertRanApart(cloud, tenant);
    await tenant.api.expect(200, 'POST', `${tenant.path}/versions/${world.bundle.version}/activate`);
  },
});

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export const UPLOAD_PROBES: readonly Probe[] = [
  byEvent('isolate'),
  byEvent('microvm'),
  {
    name: 'a link takes the announced bytes only, once, and browsers may use it from elsewhere',
    about: /CorsConfiguration/,
    check: async ({ world }) => {
      const tenant = await world.tenant();
      const { bytes, upload } = await announce(tenant);
      const put = (raw: Uint8Array) => tenant.api.call('PUT', upload.url, { raw, headers: upload.headers, key: null });
      assert.ok((await put(new Uint8Array(bytes.length))).status >= 400, 'other bytes were taken');
      assert.ok((await put(bytes.subarray(1))).status >= 400, 'fewer bytes were taken');
      const asked = await tenant.api.call('OPTIONS', upload.url, {
        key: null,
        headers: {
          origin: 'https://pages.example',
          'access-control-request-method': 'PUT',
          'access-control-request-headers': Object.keys(upload.headers).join(','),
        },
      });
      assert.equal(asked.status, 200, asked.text);
      assert.equal((await put(bytes)).status, 200);
      assert.ok((await put(bytes)).status >= 400, 'the bytes were taken twice');
    },
  },
  {
    name: 'an upload that nobody heard of is validated when somebody asks for it',
    check: async ({ world, cloud }) => {
      const tenant = await world.tenant();
      const { bundles, blobs, clock } = storesOf(cloud);
      const id = 'unheard';
      const path = `${tenant.path}/bundles/${id}`;
      const now = clock.now();
      const bundle = { id, tenant: tenant.id, contentType: 'text/javascript', size: SOURCE.length } as const;
      // The bucket tells of it while there is no such bundle.
      await blobs.put(uploadName(tenant.id, id), Buffer.from(SOURCE));
      await eventually('the event has come to nothing', async () =>
        cloud.functions.metrics.get(cloud.stack.find('AWS::Lambda::Function', 'BundleIntake').logicalId)
          ? true
          : undefined,
      );
      await bundles.createBundle({
        ...bundle,
        status: 'awaiting_upload',
        sha256: hash(SOURCE),
        activate: false,
        createdAt: now,
        expiresAt: now + 5 * MINUTES_MS,
        problems: [],
      });
      const { body } = await tenant.api.expect(200, 'GET', `${path}?wait=10`);
      assert.equal(body.status, 'ready', JSON.stringify(body));
    },
  },
  {
    name: 'a bundle that awaits its upload says so',
    check: async ({ world }) => {
      const tenant = await world.tenant();
      const { bundle } = await announce(tenant);
      const { body } = await tenant.api.expect(200, 'GET', `${tenant.path}/bundles/${bundle.id}`);
      assert.equal(body.status, 'awaiting_upload');
    },
  },
];
