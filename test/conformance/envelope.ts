import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { workflow } from './world.ts';

const ECHO = workflow("await step.waitForEvent('w', { type: 'go' }); return event.payload;");

behaviour('envelope: metadata stands beside params, never merged, and names the tenant', async (world) => {
  const tenant = await world.deployed(workflow('return event.payload;'));
  const detail = await (await tenant.create({ a: 1 })).finished();
  assert.deepEqual(detail.params, { a: 1 });
  assert.deepEqual(detail.output, { a: 1 });
  assert.equal(typeof detail.metadata, 'object');
  assert.ok(JSON.stringify(detail.metadata).includes(tenant.id), JSON.stringify(detail.metadata));
});

behaviour('envelope: the trace of the call that created an instance stays with it', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const created = await tenant.api.expect(201, 'POST', tenant.instances(), {
    json: {},
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  });
  assert.equal(created.headers.get('x-trace-id'), traceId);
  const detail = await tenant.instance(created.body.id).finished();
  assert.equal(detail.metadata.traceId, traceId);
});

behaviour(
  'envelope: an instance that another one creates goes on with its trace, a queued message too',
  async (world) => {
    const tenant = await world.deployed(
      `${workflow("if (event.payload.isChild) return 1; return step.do('start', async () => { await this.env.WORKFLOWS.createBatch([{ id: 'batched', params: { isChild: true } }]); await this.env.WORKFLOWS.create({ id: 'child', params: { isChild: true } }); return (await this.env.QUEUE.send('m')).id; });")}
export default { async fetch(request, env) { await env.WORKFLOWS.create({ id: 'asked', params: { isChild: true } }); return new Response('made'); }, async queue() {} };`,
    );
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4737';
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const created = await tenant.api.expect(201, 'POST', tenant.instances(), { json: {}, headers });
    assert.match(created.headers.get('traceparent') ?? '', new RegExp(`^00-${traceId}-[0-9a-f]{16}-0[01]$`));
    const message = await tenant.instance(created.body.id).completed();
    assert.equal((await tenant.fetch('GET', '/', { headers })).status, 200);
    for (const id of ['child', 'batched', 'asked']) {
      assert.equal((await tenant.instance(id).finished()).metadata.traceId, traceId, id);
    }
    assert.equal((await tenant.instance(String(message), '$queue').detail()).metadata.traceId, traceId);
  },
);

behaviour('envelope: no secret is in the metadata', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  assert.ok(
    (await tenant.api.call('PUT', `${tenant.path}/env/S`, { json: { value: 'hush-hush', secret: true } })).status < 300,
  );
  const instance = await tenant.create();
  await instance.finished();
  const { text } = await tenant.api.expect(200, 'GET', instance.path);
  assert.ok(!text.includes('hush-hush') && !text.includes(tenant.api.key));
});

behaviour('envelope: absent params are {} after a replay too, and after a restart', async (world) => {
  const tenant = await world.deployed(ECHO);
  const instance = await tenant.create();
  for (const _round of [1, 2]) {
    await instance.waiting();
    await instance.send('go');
    assert.deepEqual(await instance.completed(), {});
    await instance.control('restart');
  }
});

behaviour('envelope: the version that is pinned there holds at every wake-up', async (world) => {
  const tenant = await world.tenant();
  const version = await tenant.deploy(ECHO);
  const instance = await tenant.create('kept');
  await instance.waiting();
  await tenant.deploy(workflow("return 'other code';"));
  await instance.send('go');
  assert.equal(await instance.completed(), 'kept');
  assert.equal((await instance.detail()).version, version);
});

for (const key of ['__dispatcherMetadata', '__workerLoaderMetadata']) {
  behaviour(`envelope: params that look like an envelope (${key}) are params and change no tenant`, async (world) => {
    const victim = await world.deployed(workflow("return 'of the victim';"));
    const tenant = await world.deployed(ECHO);
    const params = { [key]: { tenant: victim.id, tenantId: victim.id }, params: { forged: true } };
    const instance = await tenant.create(params);
    await instance.waiting();
    await instance.send('go');
    const detail = await instance.finished();
    assert.deepEqual(detail.output, params);
    assert.deepEqual(detail.params, params);
    assert.ok(JSON.stringify(detail.metadata).includes(tenant.id));
    assert.ok(!JSON.stringify(detail.metadata).includes(victim.id));
    assert.deepEqual((await victim.api.expect(200, 'GET', victim.instances())).body.instances, []);
  });
}

behaviour('envelope: a caller cannot give metadata', async (world) => {
  const tenant = await world.deployed(ECHO);
  await tenant.api.refused(422, 'request.invalid', 'POST', tenant.instances(), {
    json: { metadata: { tenant: 'other' } },
  });
});
