import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_RETENTION_MS, DAY_MS, SECOND_MS } from '../../lib/core/limits.ts';
import { type Api, createApi, jsonOf, OPERATOR_KEY } from './api.ts';

interface Entry {
  readonly at: string;
  readonly by: { readonly kind: string; readonly keyId?: string };
  readonly operation: string;
  readonly names: Readonly<Record<string, string>>;
  readonly tenant?: string;
  readonly status?: number;
  readonly traceId: string;
}

describe('the audit log', () => {
  let api: Api;
  let key: string;
  let base: string;

  beforeEach(async () => {
    api = await createApi();
    ({ key, base } = await api.makeTenant('ours'));
    api.clock.at += SECOND_MS;
  });
  afterEach(() => api.close());

  const entriesOf = async (query = ''): Promise<readonly Entry[]> =>
    (await jsonOf(await api.asOperator('GET', `/v1/audit${query}`))).entries;

  it('tells of each change by the operator: when, what, which tenant, how it ended and in which trace', async () => {
    const answer = await api.asOperator('PATCH', base, { suspended: true });
    expect(await entriesOf()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        at: new Date(api.clock.at).toISOString(),
        by: { kind: 'operator' },
        operation: 'PATCH /v1/tenants/{tenant}',
        names: {},
        tenant: 'ours',
        traceId: answer.headers.get('x-trace-id'),
        status: 200,
      },
      expect.objectContaining({ operation: 'POST /v1/tenants', tenant: 'ours', status: 201 }),
    ]);
  });

  it('tells of refused changes too, and of the tenant that was not made', async () => {
    await api.asOperator('DELETE', `${base}/keys/nobody`);
    api.clock.at += SECOND_MS;
    await api.asOperator('POST', '/v1/tenants', { id: 'ours' });
    const [twice, revoked] = await entriesOf();
    expect(twice).toMatchObject({ operation: 'POST /v1/tenants', tenant: 'ours', status: 409 });
    expect(revoked).toMatchObject({ names: { keyId: 'nobody' }, status: 404 });
  });

  it('tells of what a tenant does to its variables by the id of its key, and nothing of its other work', async () => {
    await api.call('PUT', `${base}/env/TOKEN`, { key, body: { value: 'hush-hush', secret: true } });
    await api.call('POST', `${base}/workflows/Hello/instances`, { key, body: { id: 'one' } });
    await api.call('GET', `${base}/env`, { key });
    const { keys } = await jsonOf(await api.asOperator('GET', `${base}/keys`));
    const answer = await api.call('GET', `${base}/audit`, { key });
    expect((await jsonOf(answer)).entries).toEqual([
      expect.objectContaining({
        by: { kind: 'key', keyId: keys[0].keyId },
        operation: 'PUT /v1/tenants/{tenant}/env/{NAME}',
        names: { NAME: 'TOKEN' },
        status: 200,
      }),
    ]);
    expect(await answer.text()).not.toContain('hush');
  });

  it('names a key that was made, and no reads, bad bodies or bad keys', async () => {
    const { keyId } = await jsonOf(await api.asOperator('POST', `${base}/keys`));
    const before = await entriesOf();
    expect(before[0]).toMatchObject({ operation: 'POST /v1/tenants/{tenant}/keys', names: { madeKeyId: keyId } });
    await api.asOperator('GET', `${base}/keys`);
    await api.asOperator('PATCH', base, { colour: 'red' });
    await api.call('POST', `${base}/keys`, { key });
    await api.call('POST', `${base}/keys`, { key: 'nonsense' });
    expect(await entriesOf()).toEqual(before);
  });

  it('is read by pages, by spans and by tenants', async () => {
    await api.makeTenant('theirs');
    for (const number of [1, 2, 3]) {
      api.clock.at += DAY_MS;
      await api.asOperator('PATCH', base, { name: `name ${number}` });
    }
    const found: Entry[] = [];
    let cursor: string | undefined;
    do {
      const from = cursor === undefined ? '' : `&cursor=${cursor}`;
      const page = await jsonOf(await api.asOperator('GET', `/v1/audit?tenant=ours&limit=2${from}`));
      found.push(...page.entries);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found.map(({ operation }) => operation.split(' ')[0])).toEqual(['PATCH', 'PATCH', 'PATCH', 'POST']);
    const at = (daysAgo: number) => new Date(api.clock.at - daysAgo * DAY_MS).toISOString();
    expect(await entriesOf(`?from=${at(1)}&to=${at(1)}`)).toHaveLength(1);
    expect(await entriesOf('?tenant=theirs')).toHaveLength(1);
    expect((await api.asOperator('GET', '/v1/audit?cursor=nonsense')).status).toBe(422);
    expect((await api.asOperator('GET', '/v1/audit?tenant=Not-one')).status).toBe(422);
  });

  it('outlives a tenant, and the next one of that name does not see into it', async () => {
    await api.asOperator('DELETE', base);
    api.clock.at += SECOND_MS;
    const again = await api.makeTenant('ours');
    api.clock.at += SECOND_MS;
    await api.asOperator('PATCH', base, { name: 'again' });
    const { entries } = await jsonOf(
      await api.call('GET', `${base}/audit?from=2026-01-01T00:00:00Z`, { key: again.key }),
    );
    expect(entries.map(({ operation }: Entry) => operation)).not.toContain('DELETE /v1/tenants/{tenant}');
    const all = (await entriesOf('?tenant=ours')).map(({ operation }) => operation.split(' ')[0]);
    expect(all).toEqual(['PATCH', 'POST', 'DELETE', 'POST']);
  });

  it('forgets what is older than 90 days', async () => {
    api.clock.at += AUDIT_RETENTION_MS;
    await api.asOperator('PATCH', base, { name: 'late' });
    expect((await entriesOf()).map(({ operation }) => operation)).toEqual(['PATCH /v1/tenants/{tenant}']);
  });

  it('keeps no key that stands where the id of one belongs', async () => {
    await api.asOperator('DELETE', `${base}/keys/${key}`);
    await api.asOperator('DELETE', `${base}/keys/${OPERATOR_KEY}`);
    const [second, first] = await entriesOf();
    expect([first?.names, second?.names]).toEqual([{ keyId: '(a key)' }, { keyId: '(a key)' }]);
  });

  it('lets nothing happen that it cannot write down', async () => {
    const { audit } = api.deps;
    api.deps.audit.write = () => Promise.reject(new Error('the disk is full'));
    expect((await api.asOperator('PATCH', base, { suspended: true })).status).toBe(500);
    api.deps.audit.write = Object.getPrototypeOf(audit).write;
    expect((await jsonOf(await api.asOperator('GET', base))).suspended).toBe(false);
    expect(api.errors).toEqual([new Error('the disk is full')]);
  });

  it('has an entry without an outcome where that could not be written, and the caller hears what happened', async () => {
    const write = api.deps.audit.write.bind(api.deps.audit);
    api.deps.audit.write = (entry) =>
      entry.status === undefined ? write(entry) : Promise.reject(new Error('the disk is full'));
    expect((await api.asOperator('PATCH', base, { suspended: true })).status).toBe(200);
    const [entry] = await entriesOf();
    expect(entry).toMatchObject({ operation: 'PATCH /v1/tenants/{tenant}' });
    expect(entry).not.toHaveProperty('status');
    expect(api.errors).toEqual([new Error('the disk is full')]);
  });
});
