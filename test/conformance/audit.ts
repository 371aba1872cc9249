import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { eventually, type TenantWorld, type World } from './world.ts';

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly by: { readonly kind: 'operator' } | { readonly kind: 'key'; readonly keyId: string };
  readonly operation: string;
  readonly names: Readonly<Record<string, string>>;
  readonly tenant?: string;
  readonly status?: number;
  readonly traceId: string;
}

/** Makes a key and revokes it as the operator, sets a variable as the tenant, and does what is not written down. */
const act = async (
  world: World,
  tenant: TenantWorld,
): Promise<{ readonly keyId: string; readonly traceId: string }> => {
  const made = await world.operator.expect(201, 'POST', `${tenant.path}/keys`);
  const { keyId } = made.body;
  await tenant.api.expect(200, 'PUT', `${tenant.path}/env/HIDDEN`, { json: { value: 'hush-hush', secret: true } });
  await world.operator.expect(200, 'GET', `${tenant.path}/keys`);
  await tenant.api.refused(403, 'auth.forbidden', 'DELETE', `${tenant.path}/keys/${keyId}`);
  await world.operator.expect(204, 'DELETE', `${tenant.path}/keys/${keyId}`);
  await world.operator.refused(404, 'key.not_found', 'DELETE', `${tenant.path}/keys/${keyId}`);
  return { keyId, traceId: made.headers.get('x-trace-id') ?? '' };
};

behaviour('audit: changes are told newest first, with who, what, how it ended, and no secret', async (world) => {
  const tenant = await world.tenant();
  const { keyId, traceId } = await act(world, tenant);
  const answer = await tenant.api.expect(200, 'GET', `${tenant.path}/audit`);
  const entries: readonly Entry[] = answer.body.entries;
  const revoke = 'DELETE /v1/tenants/{tenant}/keys/{keyId}';
  assert.deepEqual(
    entries.map(({ by, operation, names, status }) => [by.kind, operation, names, status]),
    [
      ['operator', revoke, { keyId }, 404],
      ['operator', revoke, { keyId }, 204],
      ['key', 'PUT /v1/tenants/{tenant}/env/{NAME}', { NAME: 'HIDDEN' }, 200],
      ['operator', 'POST /v1/tenants/{tenant}/keys', { madeKeyId: keyId }, 201],
    ],
  );
  assert.equal(entries[3]?.traceId, traceId);
  assert.ok(entries.every(({ tenant: concerned }) => concerned === tenant.id));
  assert.ok(!answer.text.includes('hush') && !answer.text.includes(tenant.api.key), 'a secret is told');
  const { body: first } = await tenant.api.expect(200, 'GET', `${tenant.path}/audit?limit=3`);
  const rest = await tenant.api.expect(200, 'GET', `${tenant.path}/audit?limit=3&cursor=${first.cursor}`);
  assert.deepEqual([...first.entries, ...rest.body.entries], entries);
  await tenant.api.refused(422, 'request.invalid', 'GET', `${tenant.path}/audit?cursor=x`);
  await tenant.api.refused(422, 'request.invalid', 'GET', `${tenant.path}/audit?from=yesterday`);
});

behaviour('audit: the operator reads all tenants, one, and a span; a tenant key reads its own alone', async (world) => {
  const [tenant, other] = [await world.tenant(), await world.tenant()];
  await act(world, tenant);
  const own = async (query: string): Promise<readonly Entry[]> =>
    (await world.operator.expect(200, 'GET', `/v1/audit?${query}`)).body.entries;
  const entries = await own(`tenant=${tenant.id}`);
  assert.equal(entries.length, 5);
  assert.deepEqual([entries[4]?.operation, entries[4]?.status], ['POST /v1/tenants', 201]);
  const [from, to] = [entries[2]?.at, entries[1]?.at];
  assert.deepEqual(
    (await own(`tenant=${tenant.id}&from=${from}&to=${to}`)).map(({ id }) => id),
    entries.filter(({ at }) => at >= `${from}` && at <= `${to}`).map(({ id }) => id),
  );
  // All tenants' together may be a moment behind.
  await eventually('both tenants are in it', async () => {
    const found = new Set<string | undefined>();
    let cursor = '';
    do {
      const { body } = await world.operator.expect(200, 'GET', `/v1/audit?limit=200&from=${entries[4]?.at}${cursor}`);
      for (const entry of body.entries as readonly Entry[]) found.add(entry.tenant);
      cursor = body.cursor === undefined ? '' : `&cursor=${body.cursor}`;
    } while (cursor !== '');
    return (found.has(tenant.id) && found.has(other.id)) || undefined;
  });
  await tenant.api.refused(403, 'auth.forbidden', 'GET', '/v1/audit');
  await tenant.api.refused(404, 'tenant.not_found', 'GET', `${other.path}/audit`);
});

behaviour('audit: it outlives a tenant, and the next one of that name does not see into it', async (world) => {
  const tenant = await world.tenant();
  await world.operator.expect(202, 'DELETE', tenant.path);
  const { body } = await world.operator.expect(201, 'POST', '/v1/tenants', { json: { id: tenant.id } });
  const again = await tenant.api.expect(200, 'GET', `${tenant.path}/audit`, { key: body.apiKey });
  assert.deepEqual(again.body.entries, []);
  const all: readonly Entry[] = (await world.operator.expect(200, 'GET', `/v1/audit?tenant=${tenant.id}`)).body.entries;
  assert.deepEqual(
    all.map(({ operation, status }) => [operation, status]),
    [
      ['POST /v1/tenants', 201],
      ['DELETE /v1/tenants/{tenant}', 202],
      ['POST /v1/tenants', 201],
    ],
  );
});
