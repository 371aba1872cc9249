import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/core/limits.ts';
import { ROUTES } from '../../lib/http/routes.ts';
import type { Span } from '../../lib/ports/tracer.ts';
import { type Api, codeOf, createApi, jsonOf, OPERATOR_KEY } from './api.ts';

describe('keys', () => {
  let api: Api;
  let base: string;
  let key: string;
  let keyId: string;

  beforeEach(async () => {
    api = await createApi();
    ({ base, key } = await api.makeTenant('ours'));
    keyId = (await listed())[0]?.keyId ?? '';
    api.clock.at += SECOND_MS;
  });
  afterEach(() => api.close());

  const listed = async (): Promise<readonly { readonly keyId: string; readonly expiresAt?: string }[]> =>
    (await jsonOf(await api.asOperator('GET', `${base}/keys`))).keys;
  const rotate = (body?: object, id = keyId) => api.asOperator('POST', `${base}/keys/${id}/rotate`, body);
  const isGood = async (apiKey: string): Promise<boolean> =>
    (await api.call('GET', base, { key: apiKey })).status === 200;
  const inTime = (ms: number): string => new Date(api.clock.at + ms).toISOString();

  it('are made until a time, and open nothing from that moment on', async () => {
    const expiresAt = inTime(HOUR_MS);
    const made = await jsonOf(await api.asOperator('POST', `${base}/keys`, { expiresAt }));
    expect((await listed()).at(-1)).toMatchObject({ keyId: made.keyId, expiresAt });
    api.clock.at += HOUR_MS - 1;
    expect(await isGood(made.apiKey)).toBe(true);
    api.clock.at += 1;
    const refused = await api.call('GET', base, { key: made.apiKey });
    expect([refused.status, await codeOf(refused)]).toEqual([401, 'auth.invalid']);
    expect(await listed()).toHaveLength(1);
    expect((await api.asOperator('POST', `${base}/keys`, { expiresAt: inTime(0) })).status).toBe(422);
  });

  it('are rotated: the new one works at once, the old one for an hour', async () => {
    const answer = await rotate();
    expect(answer.status).toBe(201);
    const rotated = await jsonOf(answer);
    expect(rotated.replaced).toEqual({ keyId, expiresAt: inTime(HOUR_MS) });
    expect([await isGood(key), await isGood(rotated.apiKey)]).toEqual([true, true]);
    api.clock.at += HOUR_MS;
    expect([await isGood(key), await isGood(rotated.apiKey)]).toEqual([false, true]);
    expect((await listed()).map((shown) => shown.keyId)).toEqual([rotated.keyId]);
    expect(await codeOf(await rotate())).toBe('key.not_found');
  });

  it('are rotated with a grace that the operator says, none at all too, which never prolongs an end', async () => {
    await rotate({ grace: '10 minutes' });
    expect((await listed())[0]?.expiresAt).toBe(inTime(10 * MINUTE_MS));
    await rotate({ grace: '30 days' });
    expect((await listed())[0]?.expiresAt).toBe(inTime(10 * MINUTE_MS));
    await rotate({ grace: 0 });
    expect(await isGood(key)).toBe(false);
    expect((await rotate({ grace: '31 days' })).status).toBe(422);
    expect((await rotate({ grace: -1 })).status).toBe(422);
    expect(await codeOf(await rotate({}, 'nobody'))).toBe('key.not_found');
  });

  it('of one tenant are not rotated below another', async () => {
    const theirs = await api.makeTenant('theirs');
    const answer = await api.asOperator('POST', `${theirs.base}/keys/${keyId}/rotate`);
    expect(await codeOf(answer)).toBe('key.not_found');
    expect((await listed())[0]).not.toHaveProperty('expiresAt');
  });

  it('that are revoked while they are rotated leave none in their place', async () => {
    const addKey = api.deps.tenants.addKey.bind(api.deps.tenants);
    api.deps.tenants.addKey = async (stored) => {
      await addKey(stored);
      await api.deps.tenants.removeKey('ours', keyId);
    };
    expect(await codeOf(await rotate())).toBe('key.not_found');
    expect(await listed()).toEqual([]);
  });

  it('never stand in an answer, an error, a trace or the audit log, wherever they are sent', async () => {
    const spans: Span[] = [];
    Object.assign(api.deps, { tracer: { tell: (span: Span) => spans.push(span), flush: async () => undefined } });
    const secrets = [key, OPERATOR_KEY];
    const answers: string[] = [];
    for (const route of ROUTES.filter(({ path, method }) => path.startsWith('/v1/') && method !== 'GET')) {
      // Were the tenant removed, no later route would be tried.
      if (route.path === '/v1/tenants/{tenant}') continue;
      for (const secret of secrets) {
        const path = route.path.replace('{tenant}', 'ours').replace(/\{\w+\}/g, secret);
        const response = await api.call(route.method, path, {
          key: OPERATOR_KEY,
          body: { id: secret, params: secret, [secret]: secret, value: secret },
          headers: { 'idempotency-key': secret, traceparent: secret },
        });
        if (response.status >= 400) answers.push(await response.text());
      }
    }
    const audit = await (await api.asOperator('GET', '/v1/audit?limit=200')).text();
    for (const text of [JSON.stringify(spans), audit, JSON.stringify(api.errors)]) {
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
    // A field's name is the caller's own, and told back in the problem about it; nothing else is.
    for (const secret of secrets) {
      const strange = answers.filter((text) => text.replaceAll(/"(path|detail)":"[^"]*"/g, '').includes(secret));
      expect(strange).toEqual([]);
    }
  });
});
