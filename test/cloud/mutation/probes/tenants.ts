import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { eventually } from '../../../conformance/world.ts';
import type { LocalCloud } from '../../local-cloud.ts';
import { storesOf } from '../deployment.ts';
import type { Probe } from '../probe.ts';

const isGone = (cloud: LocalCloud, tenant: string): Promise<true> =>
  eventually(`${tenant} is gone`, async () => {
    const row = await storesOf(cloud).tenants.getTenant(tenant);
    return row === undefined ? true : undefined;
  });

export const TENANT_PROBES: readonly Probe[] = [
  {
    name: 'the operator makes and lists tenants and their keys, and a tenant keeps its env',
    check: async ({ world }) => {
      const { operator } = world;
      const id = world.tenantId();
      const path = `/v1/tenants/${id}`;
      const { body: made } = await operator.expect(201, 'POST', '/v1/tenants', { json: { id } });
      const key: string = made.apiKey;
      await operator.expect(200, 'PATCH', path, { json: { name: 'Made' } });
      await eventually('the tenant is listed', async () => {
        const { body } = await operator.expect(200, 'GET', '/v1/tenants?limit=100');
        return body.tenants.some((tenant: { id: string }) => tenant.id === id) || undefined;
      });
      const { body: other } = await operator.expect(201, 'POST', `${path}/keys`);
      await operator.expect(204, 'DELETE', `${path}/keys/${other.keyId}`);
      await operator.refused(401, 'auth.invalid', 'GET', `${path}/env`, { key: other.apiKey });
      await operator.expect(200, 'PUT', `${path}/env/PLAIN`, { json: { value: 'x' }, key });
      await operator.expect(200, 'PUT', `${path}/env/HIDDEN`, { json: { value: 'y', secret: true }, key });
      await operator.expect(204, 'DELETE', `${path}/env/PLAIN`, { key });
      const { body } = await operator.expect(200, 'GET', `${path}/env`, { key });
      assert.deepEqual(body.env, [{ name: 'HIDDEN', secret: true }]);
    },
  },
  {
    name: 'a tenant may have either level of isolation',
    about: /ISOLATION_LEVELS/,
    check: async ({ world: { operator } }) => {
      for (const isolation of ['isolate', 'microvm']) {
        const id = `${isolation}-${randomBytes(4).toString('hex')}`;
        await operator.expect(201, 'POST', '/v1/tenants', { json: { id, isolation } });
      }
    },
  },
  {
    name: 'a tenant is removed with all that it has, at the call',
    check: async ({ world, cloud }) => {
      const tenant = await world.tenant();
      const instance = await tenant.create(undefined, { workflow: 'Wait' });
      await instance.waiting('wait');
      await world.operator.expect(202, 'DELETE', tenant.path);
      await isGone(cloud, tenant.id);
      const { blobs } = storesOf(cloud);
      assert.equal(await blobs.has(`${tenant.id}/versions/${world.bundle.version}/code.js`), false);
    },
  },
  {
    name: 'a tenant is removed with all that it has, by a message',
    check: async ({ world, cloud }) => {
      const tenant = await world.tenant();
      const { tenants, blobs, instances, clock } = storesOf(cloud);
      await instances.create({
        tenant: tenant.id,
        workflow: 'Wait',
        id: 'left',
        incarnation: '0'.repeat(32),
        seed: 'seed',
        version: world.bundle.version,
        createdAt: clock.now(),
        envelope: { __dispatcherMetadata: { tenant: tenant.id }, params: null },
        trigger: { source: 'api' },
      });
      await tenants.changeTenant(tenant.id, (row) => ({ ...row, suspended: true }));
      cloud.queues.send({
        queueArn: cloud.stack.find('AWS::SQS::Queue', 'WorkQueueA').arn,
        body: JSON.stringify({ removesTenant: tenant.id }),
        groupId: tenant.id,
      });
      await isGone(cloud, tenant.id);
      await eventually('the objects are gone', async () =>
        (await blobs.has(`${tenant.id}/versions/${world.bundle.version}/code.js`)) ? undefined : true,
      );
    },
  },
];
