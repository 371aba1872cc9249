import assert from 'node:assert/strict';
import { behaviour } from './registry.ts';
import { eventually } from './world.ts';

interface ShownKey {
  readonly keyId: string;
  readonly expiresAt?: string;
}

behaviour('keys: rotated, the new one is good at once, and the old one as long as its grace says', async (world) => {
  const tenant = await world.tenant();
  const { operator } = world;
  const keys = `${tenant.path}/keys`;
  const first: ShownKey = (await operator.expect(200, 'GET', keys)).body.keys[0];
  const { body: second } = await operator.expect(201, 'POST', `${keys}/${first.keyId}/rotate`);
  assert.equal(second.replaced.keyId, first.keyId);
  const left = Date.parse(second.replaced.expiresAt) - Date.now();
  assert.ok(left > 50 * 60_000 && left < 70 * 60_000, `the old key is good for ${left} ms`);
  await tenant.api.expect(200, 'GET', tenant.path);
  await tenant.api.expect(200, 'GET', tenant.path, { key: second.apiKey });
  const listed: readonly ShownKey[] = (await operator.expect(200, 'GET', keys)).body.keys;
  assert.equal(listed.find(({ keyId }) => keyId === first.keyId)?.expiresAt, second.replaced.expiresAt);
  const { body: third } = await operator.expect(201, 'POST', `${keys}/${second.keyId}/rotate`, { json: { grace: 0 } });
  await tenant.api.refused(401, 'auth.invalid', 'GET', tenant.path, { key: second.apiKey });
  await tenant.api.expect(200, 'GET', tenant.path, { key: third.apiKey });
  await operator.refused(404, 'key.not_found', 'POST', `${keys}/${second.keyId}/rotate`);
  await operator.refused(422, 'request.invalid', 'POST', `${keys}/${third.keyId}/rotate`, {
    json: { grace: '1 year' },
  });
});

behaviour('keys: one made until a time is refused from then on', async (world) => {
  const tenant = await world.tenant();
  const keys = `${tenant.path}/keys`;
  const expiresAt = new Date(Date.now() + 2_000).toISOString();
  const { body: made } = await world.operator.expect(201, 'POST', keys, { json: { expiresAt } });
  await tenant.api.expect(200, 'GET', tenant.path, { key: made.apiKey });
  await eventually('the key has expired', async () => {
    const { status } = await tenant.api.call('GET', tenant.path, { key: made.apiKey });
    return status === 401 || undefined;
  });
  assert.ok(Date.now() >= Date.parse(expiresAt), 'the key is refused too early');
  const { body } = await world.operator.expect(200, 'GET', keys);
  assert.equal(body.keys.length, 1);
  await world.operator.refused(422, 'request.invalid', 'POST', keys, { json: { expiresAt: '2020-01-01T00:00:00Z' } });
});
