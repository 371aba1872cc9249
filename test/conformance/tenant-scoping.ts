import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { workflow } from './world.ts';

behaviour('anchor bug 13: two tenants may use one workflow name and one id, and each sees its own', async (world) => {
  const a = await world.deployed(workflow("return 'of a';"));
  const b = await world.deployed(workflow("await step.waitForEvent('w', { type: 'e' }); return 'of b';"));
  const mine = await a.create(undefined, { id: 'same' });
  const other = await b.create(undefined, { id: 'same' });
  assert.equal(await mine.completed(), 'of a');
  await other.waiting();
  await other.control('terminate');
  assert.equal((await mine.detail()).status, 'complete');
  assert.equal((await other.detail()).status, 'terminated');
});

behaviour("anchor bug 13: a tenant's binding does not reach another tenant's instances", async (world) => {
  const owner = await world.deployed(workflow("await step.waitForEvent('w', { type: 'e' });"));
  const instance = await owner.create(undefined, { id: 'theirs' });
  await instance.waiting();
  const thief = await world.deployed(
    workflow(`return step.do('reach', { retries: { limit: 0, delay: 1 } }, async () => {
      const handle = await this.env.WORKFLOWS.get('theirs'); await handle.terminate(); return 'reached'; }).catch((error) => error.message);`),
  );
  assert.match((await (await thief.create()).completed()) as string, /instance\.not_found/);
  assert.equal((await instance.detail()).status, 'waiting');
});

behaviour("scoping: another tenant's path answers as that of a tenant that does not exist", async (world) => {
  const mine = await world.deployed(workflow('return 1;'));
  const other = await world.deployed(workflow('return 1;'));
  const instance = await other.create(undefined, { id: 'theirs' });
  await instance.finished();
  const calls: readonly (readonly [method: string, path: string, json?: unknown])[] = [
    ['GET', ''],
    ['GET', '/env'],
    ['PUT', '/env/X', { value: '1' }],
    ['GET', '/versions'],
    ['GET', '/workflows'],
    ['GET', '/workflows/W/instances'],
    ['POST', '/workflows/W/instances', { id: 'new' }],
    ['GET', '/workflows/W/instances/theirs'],
    ['DELETE', '/workflows/W/instances/theirs'],
    ['PATCH', '/workflows/W/instances/theirs/status', { status: 'restart' }],
    ['POST', '/workflows/W/instances/theirs/events/e', 1],
    ['POST', '/workflows/W/instances/batch', { count: 1 }],
    ['POST', '/bundles', { size: 1, sha256: 'a'.repeat(64), contentType: 'text/typescript' }],
  ];
  for (const [method, path, json] of calls) {
    const parts = json === undefined ? {} : { json };
    const theirs = await mine.api.refused(404, 'tenant.not_found', method, `/v1/tenants/${other.id}${path}`, parts);
    const nobody = await mine.api.refused(404, 'tenant.not_found', method, `/v1/tenants/no-such-tenant${path}`, parts);
    const plain = (text: string, id: string) => text.replaceAll(id, 'TENANT');
    assert.equal(plain(theirs.text, other.id), plain(nobody.text, 'no-such-tenant'), `${method} ${path}`);
  }
  assert.equal((await instance.detail()).status, 'complete');
});

behaviour('auth: no key is 401 auth.missing, an unknown or malformed one 401 auth.invalid', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  for (const path of ['/v1/tenants', tenant.path, tenant.instances(), `${tenant.instances()}/x`]) {
    await tenant.api.refused(401, 'auth.missing', 'GET', path, { key: null });
    await tenant.api.refused(401, 'auth.invalid', 'GET', path, { key: 'not-a-key' });
  }
  for (const authorization of ['Bearer', 'Bearer ', 'Basic abc', `${tenant.api.key}`]) {
    const answer = await tenant.api.call('GET', tenant.path, { key: null, headers: { authorization } });
    assert.equal(answer.status, 401, authorization);
  }
});

behaviour('auth: the paths of a tenant that does not exist are 401 too without a key', async (world) => {
  await world.operator.refused(401, 'auth.missing', 'GET', '/v1/tenants/no-such-tenant', { key: null });
});

behaviour('auth: a tenant key may read its own tenant and its env, and no other operator call', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const { body } = await tenant.api.expect(200, 'GET', tenant.path);
  assert.equal(body.id ?? body.tenant?.id, tenant.id);
  await tenant.api.expect(200, 'GET', `${tenant.path}/env`);
  const calls: readonly (readonly [method: string, path: string, json?: unknown])[] = [
    ['POST', '/v1/tenants', { id: 'x' }],
    ['GET', '/v1/tenants'],
    ['PATCH', tenant.path, { suspended: true }],
    ['DELETE', tenant.path],
    ['POST', `${tenant.path}/keys`, {}],
    ['GET', `${tenant.path}/keys`],
    ['POST', `${tenant.path}/keys/any/rotate`],
    ['DELETE', `${tenant.path}/keys/any`],
    ['GET', '/v1/audit'],
  ];
  for (const [method, path, json] of calls) {
    await tenant.api.refused(403, 'auth.forbidden', method, path, json === undefined ? {} : { json });
  }
});

behaviour('auth: the operator key may do what a tenant key may', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const { body } = await world.operator.expect(201, 'POST', `${tenant.instances()}?wait=20`, { json: {} });
  assert.equal(body.output, 1);
});

behaviour('keys: a tenant may have several; a revoked one is refused at once, the others go on', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  const { body: made } = await world.operator.expect(201, 'POST', `${tenant.path}/keys`, { json: {} });
  assert.equal(typeof made.keyId, 'string');
  await tenant.api.expect(200, 'GET', tenant.path, { key: made.apiKey });
  const list = await world.operator.expect(200, 'GET', `${tenant.path}/keys`);
  assert.equal(list.body.keys.length, 2);
  assert.ok(list.body.keys.some(({ keyId }: { keyId: string }) => keyId === made.keyId));
  assert.ok(!list.text.includes(made.apiKey) && !list.text.includes(tenant.api.key), 'a key is shown again');
  await world.operator.expect(204, 'DELETE', `${tenant.path}/keys/${made.keyId}`);
  await tenant.api.refused(401, 'auth.invalid', 'GET', tenant.path, { key: made.apiKey });
  await tenant.api.expect(200, 'GET', tenant.path);
  await world.operator.refused(404, 'key.not_found', 'DELETE', `${tenant.path}/keys/${made.keyId}`);
});

behaviour('tenants: 201 with the tenant and its key; the same id again is 409 tenant.already_exists', async (world) => {
  const tenant = await world.tenant({ name: 'A name' });
  const { body } = await world.operator.expect(200, 'GET', tenant.path);
  assert.equal((body.tenant ?? body).name, 'A name');
  await world.operator.refused(409, 'tenant.already_exists', 'POST', '/v1/tenants', { json: { id: tenant.id } });
});

for (const id of ['Upper', '-dash', 'a b', 'a_b', 'a/b', '', 'x'.repeat(64), 'ä']) {
  behaviour(`tenants: the id ${JSON.stringify(id)} is 422`, async (world) => {
    await world.operator.refused(422, 'request.invalid', 'POST', '/v1/tenants', { json: { id } });
  });
}

for (const [what, json] of [
  ['an unknown field', { colour: 'red' }],
  ['an unknown isolation', { isolation: 'strong' }],
  ['an egress that is no policy', { egress: 'some' }],
  ['an allow-list of no hosts', { egress: { allow: ['http://a/b'] } }],
  ['a limit that is no number', { limits: { steps: 'many' } }],
  ['an unknown limit', { limits: { colour: 1 } }],
] as const) {
  behaviour(`tenants: ${what} is 422 with the path of the field`, async (world) => {
    const id = `c-never-${Math.random().toString(36).slice(2)}`;
    const { body } = await world.operator.refused(422, 'request.invalid', 'POST', '/v1/tenants', {
      json: { id, ...json },
    });
    assert.ok(
      body.errors.some(({ path }: { path: string }) => path.includes(Object.keys(json)[0] ?? '')) ||
        what.startsWith('an unknown'),
      JSON.stringify(body.errors),
    );
    await world.operator.refused(404, 'tenant.not_found', 'GET', `/v1/tenants/${id}`);
  });
}

behaviour('tenants: listed by pages, each once', async (world) => {
  const made = new Set([(await world.tenant()).id, (await world.tenant()).id, (await world.tenant()).id]);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await world.operator.expect(200, 'GET', `/v1/tenants?limit=50${query}`);
    found.push(...body.tenants.map(({ id }: { id: string }) => id).filter((id: string) => made.has(id)));
    cursor = body.cursor ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(found.sort(), [...made].sort());
});

behaviour('tenants: a suspended one is 403 tenant.suspended, and goes on when it is no longer', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await world.operator.expect(200, 'PATCH', tenant.path, { json: { suspended: true } });
  await tenant.api.refused(403, 'tenant.suspended', 'POST', tenant.instances(), { json: {} });
  await world.operator.expect(200, 'PATCH', tenant.path, { json: { suspended: false } });
  assert.equal(await (await tenant.create()).completed(), 1);
});

behaviour('tenants: a deleted one is gone with its data and keys', async (world) => {
  const tenant = await world.deployed(workflow("await step.waitForEvent('w', { type: 'e' });"));
  await (await tenant.create(undefined, { id: 'i' })).waiting();
  await world.operator.expect(202, 'DELETE', tenant.path);
  await world.operator.refused(404, 'tenant.not_found', 'GET', tenant.path);
  await world.operator.refused(404, 'tenant.not_found', 'GET', `${tenant.instances()}/i`);
  await tenant.api.refused(401, 'auth.invalid', 'GET', tenant.path);
  await world.operator.refused(404, 'tenant.not_found', 'DELETE', tenant.path);
});

behaviour('tenants: one made again under the id of a deleted one knows nothing of it', async (world) => {
  const tenant = await world.deployed(workflow('return 1;'));
  await (await tenant.create(undefined, { id: 'i' })).finished();
  await world.operator.expect(202, 'DELETE', tenant.path);
  const { body } = await world.operator.expect(201, 'POST', '/v1/tenants', { json: { id: tenant.id } });
  await tenant.api.refused(401, 'auth.invalid', 'GET', tenant.path);
  const versions = await tenant.api.expect(200, 'GET', `${tenant.path}/versions`, { key: body.apiKey });
  assert.deepEqual(versions.body.versions, []);
});

behaviour(
  'env: variables and secrets are in env; secret values are write-only; each tenant has its own',
  async (world) => {
    const tenant = await world.deployed(workflow('return [this.env.PLAIN, this.env.SECRET, this.env.OTHER];'));
    const put = (name: string, json: unknown) => tenant.api.call('PUT', `${tenant.path}/env/${name}`, { json });
    assert.ok((await put('PLAIN', { value: 'plain' })).status < 300);
    assert.ok((await put('SECRET', { value: 'hush', secret: true })).status < 300);
    const other = await world.tenant();
    assert.ok((await other.api.call('PUT', `${other.path}/env/OTHER`, { json: { value: 'theirs' } })).status < 300);
    const output = (await (await tenant.create()).completed()) as { $type?: string }[];
    assert.deepEqual(output.slice(0, 2), ['plain', 'hush']);
    assert.equal(output[2]?.$type, 'Undefined');
    const list = await tenant.api.expect(200, 'GET', `${tenant.path}/env`);
    assert.ok(!list.text.includes('hush'), 'a secret is shown');
    assert.ok(list.text.includes('plain') && list.text.includes('SECRET'));
    await tenant.api.expect(204, 'DELETE', `${tenant.path}/env/PLAIN`);
    await tenant.api.refused(404, 'env.not_found', 'DELETE', `${tenant.path}/env/PLAIN`);
    assert.ok(!(await tenant.api.expect(200, 'GET', `${tenant.path}/env`)).text.includes('PLAIN'));
  },
);

behaviour('env: a bad name or value is 422', async (world) => {
  const tenant = await world.tenant();
  await tenant.api.refused(422, 'request.invalid', 'PUT', `${tenant.path}/env/A-B`, { json: { value: 'x' } });
  await tenant.api.refused(422, 'request.invalid', 'PUT', `${tenant.path}/env/A`, { json: { value: 5 } });
  await tenant.api.refused(422, 'request.invalid', 'PUT', `${tenant.path}/env/A`, { json: {} });
});
