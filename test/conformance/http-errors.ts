import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { workflow } from './world.ts';

for (const raw of ['{', '{"params": }', "{'a': 1}", 'undefined', '{"a": 1} x']) {
  behaviour(`requests: the body ${raw} is 400 request.malformed`, async (world) => {
    const tenant = await world.deployed(workflow('return 1;'));
    await tenant.api.refused(400, 'request.malformed', 'POST', tenant.instances(), {
      raw,
      headers: { 'content-type': 'application/json' },
    });
    assert.deepEqual((await tenant.api.expect(200, 'GET', tenant.instances())).body.instances, []);
  });
}

for (const [what, json] of [
  ['an unknown field', { colour: 'red' }],
  ['an id that is a number', { id: 5 }],
  ['a body that is a list', []],
  ['a body that is a text', 'text'],
  ['a version that is a number', { version: 1 }],
] as const) {
  behaviour(`requests: ${what} is 422 with errors of path and message`, async (world) => {
    const tenant = await world.deployed(workflow('return 1;'));
    const { body } = await tenant.api.refused(422, 'request.invalid', 'POST', tenant.instances(), { json });
    assert.ok(Array.isArray(body.errors) && body.errors.length > 0, JSON.stringify(body));
    for (const error of body.errors) assert.deepEqual([typeof error.path, typeof error.message], ['string', 'string']);
    assert.deepEqual((await tenant.api.expect(200, 'GET', tenant.instances())).body.instances, []);
  });
}

for (const wait of ['21', '-1', '1.5', 'abc', '', '1e1']) {
  behaviour(`requests: wait=${wait} is 422`, async (world) => {
    const tenant = await world.deployed(workflow('return 1;'));
    const instance = await tenant.create();
    await tenant.api.refused(422, 'request.invalid', 'GET', `${instance.path}?wait=${wait}`);
    await tenant.api.refused(422, 'request.invalid', 'POST', `${tenant.instances()}?wait=${wait}`, { json: {} });
  });
}

behaviour('requests: wait=0 answers at once', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'e' });"));
  const instance = await tenant.create();
  const since = Date.now();
  await tenant.api.expect(200, 'GET', `${instance.path}?wait=0`);
  assert.ok(Date.now() - since < 3_000);
});

behaviour('requests: a body above 5 MB is 413 payload.too_large', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await tenant.api.refused(413, 'payload.too_large', 'POST', `${tenant.instances()}/batch`, {
    json: { instances: Array.from({ length: 6 }, () => ({ params: 'x'.repeat(900_000) })) },
  });
});

behaviour('requests: an unknown path is 404 route.not_found', async (world) => {
  const tenant = await world.tenant();
  for (const path of ['/v1/nothing', `${tenant.path}/nothing`, '/v2/tenants', '/v1']) {
    await world.operator.refused(404, 'route.not_found', 'GET', path);
  }
});

behaviour('requests: a method that a path does not take is 405 request.method_not_allowed', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await world.operator.refused(405, 'request.method_not_allowed', 'PUT', '/v1/tenants');
  await tenant.api.refused(405, 'request.method_not_allowed', 'DELETE', tenant.instances());
});

behaviour('requests: a workflow name that no version has is 404 workflow.not_found', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await tenant.api.refused(404, 'workflow.not_found', 'GET', `${tenant.path}/workflows/Nobody`);
  await tenant.api.refused(404, 'workflow.not_found', 'POST', tenant.instances('Nobody'), { json: {} });
});

behaviour('requests: odd paths are refused without a fault', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  for (const id of ['%2e%2e', 'a%2fb', '%00', '%ff', 'x'.repeat(5_000), '%F0%9F%8E%89']) {
    const answer = await tenant.api.call('GET', `${tenant.instances()}/${id}`);
    assert.ok(answer.status >= 400 && answer.status < 500, `${id} answered ${answer.status}`);
    // A gateway in front of the service may refuse by itself what is no text.
    assert.equal(typeof (answer.body?.code ?? answer.body?.message), 'string', id);
  }
});

for (const [what, method, path, json] of [
  ['subscribe', 'GET', '/workflows/W/instances/i/subscribe'],
  ['logs', 'GET', '/workflows/W/instances/i/logs'],
  ['usage', 'GET', '/usage'],
  ['a schedule', 'PATCH', '/workflows/W', { schedules: [{ cron: '* * * * *' }] }],
  ['a concurrency limit', 'PATCH', '/workflows/W', { concurrency: { limit: 1 } }],
] as const) {
  behaviour(`requests: ${what} is there`, async (world) => {
    const tenant = await world.deployed(workflow('return 1;'));
    await (await tenant.create(undefined, { id: 'i' })).finished();
    const answer = await tenant.api.call(method, `${tenant.path}${path}`, json === undefined ? {} : { json });
    assert.ok(answer.status < 300 || answer.status === 409, `${answer.status}: ${answer.text}`);
  });
}

behaviour('service: GET /healthz is 200 without a key', async (world) => {
  await world.operator.expect(200, 'GET', '/healthz', { key: null });
});

behaviour('service: GET /v1/openapi.json is an OpenAPI 3.1 document that names the calls', async (world) => {
  const { body } = await world.operator.expect(200, 'GET', '/v1/openapi.json');
  assert.match(body.openapi, /^3\.1/);
  for (const path of [
    '/v1/tenants',
    '/v1/tenants/{tenant}/bundles',
    '/v1/tenants/{tenant}/workflows/{workflow}/instances',
    '/v1/tenants/{tenant}/workflows/{workflow}/instances/{id}/events/{type}',
  ]) {
    assert.ok(body.paths[path] !== undefined, path);
  }
});

behaviour('service: answers are JSON in UTF-8', async (world) => {
  const tenant = await world.deployed(workflow("return 'ünï 🎉';"));
  const instance = await tenant.create();
  await instance.finished();
  const answer = await tenant.api.expect(200, 'GET', instance.path);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(answer.body.output, 'ünï 🎉');
});
