import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_VALUE_BYTES } from '../../lib/core/limits.ts';
import type { JournalRecord } from '../../lib/core/records.ts';
import type { InstanceKey } from '../../lib/ports/instance-store.ts';
import { hashToken, tokenPrefix } from '../../lib/service/deferred-token.ts';
import { loadValue } from '../../lib/service/stored-values.ts';
import { type Api, codeOf, createApi, fieldsOf, jsonOf } from './api.ts';
import { writeJournal } from './journal.ts';

const MINUTE = 60_000;
const SECRET = 'S'.repeat(43);

describe('POST /v1/deferred/{token}', () => {
  let api: Api;
  let key: string;
  const of: InstanceKey = { tenant: 'ours', workflow: 'Hello', id: 'one' };
  const base = '/v1/tenants/ours/workflows/Hello/instances';

  beforeEach(async () => {
    api = await createApi();
    key = (await api.makeTenant('ours')).key;
    await api.call('POST', base, { key, body: { id: 'one' } });
  });
  afterEach(() => api.close());

  const tokenOf = async (secret = SECRET): Promise<string> => {
    const summary = await api.deps.instances.get(of);
    if (summary === undefined) throw new Error('there is no such instance');
    return `${tokenPrefix(summary)}.${secret}`;
  };

  /** An instance with one step whose callback has returned a deferred result; `more` comes after it. */
  const deferring = async (more: readonly JournalRecord[] = []): Promise<string> => {
    const token = await tokenOf();
    const at = api.clock.now();
    const attempt = { step: { kind: 'do', name: 'ask', count: 1 }, ordinal: 1, attempt: 1, at } as const;
    await writeJournal(api, of, [
      { kind: 'started', at },
      { kind: 'attempt_started', ...attempt },
      { kind: 'token_made', ...attempt, hash: hashToken(token) },
      { kind: 'attempt_deferred', ...attempt, until: at + MINUTE },
      ...more,
    ]);
    return token;
  };
  /** Another instance's, a millisecond after its deadline. */
  const createLate = async (): Promise<string> => {
    await api.call('DELETE', `${base}/one`, { key });
    await api.call('POST', base, { key, body: { id: 'one' } });
    const token = await deferring();
    api.clock.at += MINUTE + 1;
    return token;
  };

  const complete = (token: string, body: unknown, options = {}) =>
    api.call('POST', `/v1/deferred/${token}`, { body, ...options });
  const refused = async (token: string, body: unknown, status: number, code: string) => {
    const response = await complete(token, body);
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
  };
  const inbox = async () => {
    const { incarnation = '' } = (await api.deps.instances.get(of)) ?? {};
    return api.deps.instances.readInbox({ key: of, incarnation, afterSeq: 0, limit: 10 });
  };

  it('needs no key but the token, and is accepted', async () => {
    const token = await deferring();
    const response = await complete(token, { result: { isFine: true } });
    expect([response.status, await jsonOf(response)]).toEqual([202, {}]);
    expect(await inbox()).toMatchObject([
      {
        seq: 1,
        item: { kind: 'completion', step: { name: 'ask' }, outcome: { ok: true, value: '[{"isFine":1},true]' } },
      },
    ]);
    expect((await api.deps.instances.get(of))?.wakeAt).toBe(api.clock.now());
  });

  it.each([null, false, 0, '', [], { error: { message: 'a result all the same' } }])(
    'takes the result %j',
    async (result) => {
      expect((await complete(await deferring(), { result })).status).toBe(202);
    },
  );

  it('takes an error, by name or without', async () => {
    const token = await deferring();
    expect((await complete(token, { error: { message: 'no' } })).status).toBe(202);
    expect(await inbox()).toMatchObject([
      { item: { outcome: { ok: false, error: { name: 'Error', message: 'no' } } } },
    ]);
  });

  it('is shown as what the instance waits for, and until when', async () => {
    await deferring();
    const detail = await jsonOf(await api.call('GET', `${base}/one`, { key }));
    const until = '2026-11-20T12:01:00.000Z';
    expect(detail).toMatchObject({ status: 'waiting', waitingFor: [{ kind: 'deferred', name: 'ask', until }] });
    expect(detail.steps).toMatchObject([{ name: 'ask', status: 'waiting', until, attempts: [{ number: 1 }] }]);
  });

  it('takes the same outcome once more, and no other one', async () => {
    const token = await deferring();
    for (let times = 0; times < 3; times++) expect((await complete(token, { result: [1, 2] })).status).toBe(202);
    expect(await inbox()).toHaveLength(1);
    await refused(token, { result: [2, 1] }, 409, 'deferred.settled');
    await refused(token, { error: { message: 'no' } }, 409, 'deferred.settled');
  });

  it('lets the first of several that come at once win, and tells the others', async () => {
    const token = await deferring();
    const answers = await Promise.all([1, 2, 3, 2, 1].map((result) => complete(token, { result })));
    const [first] = await inbox();
    const winner = first?.item.kind === 'completion' && first.item.outcome.ok ? first.item.outcome.value : '';
    expect(answers.map(({ status }) => status)).toEqual(
      [1, 2, 3, 2, 1].map((result) => (winner === `[${result}]` ? 202 : 409)),
    );
  });

  it('is the same once more after the instance has taken it and finished', async () => {
    const token = await deferring();
    await complete(token, { result: 1 });
    const [first] = await inbox();
    if (first?.item.kind !== 'completion') throw new Error('nothing came');
    const { digest, outcome, at: acceptedAt, step, tokenHash } = first.item;
    const at = api.clock.now();
    const place = { step, ordinal: 1, attempt: 1, seq: 1, at };
    await api.deps.instances.append({
      key: of,
      incarnation: (await api.deps.instances.get(of))?.incarnation ?? '',
      position: 4,
      records: [
        { kind: 'completion_received', ...place, tokenHash, acceptedAt, digest, outcome },
        { kind: 'completion_consumed', ...place },
        { kind: 'completed', at, output: '[1]' },
      ],
      release: {
        unclosedClaims: 0,
        takenSeq: 1,
        projection: { status: 'complete', startedAt: at, endedAt: at, waitingFor: [], stepCount: 1 },
      },
    });
    expect((await complete(token, { result: 1 })).status).toBe(202);
    await refused(token, { result: 2 }, 409, 'deferred.settled');
  });

  it('is refused by a finished instance', async () => {
    const token = await deferring([{ kind: 'terminated', at: api.clock.now() }]);
    await refused(token, { result: 1 }, 409, 'instance.finished');
  });

  it('is refused after its deadline, and not a moment before', async () => {
    const token = await deferring();
    api.clock.at += MINUTE;
    expect((await complete(token, { result: 1 })).status).toBe(202);
    const late = await createLate();
    await refused(late, { result: 1 }, 409, 'deferred.settled');
  });

  it('has time stand still while the instance is paused', async () => {
    const at = api.clock.now();
    const token = await deferring([
      { kind: 'pause_requested', at, seq: 1, requestedAt: at },
      { kind: 'paused', at },
    ]);
    api.clock.at += 2 * MINUTE;
    expect((await complete(token, { result: 1 })).status).toBe(202);
  });

  it('is refused once the attempt has ended otherwise', async () => {
    const at = api.clock.now();
    const step = { kind: 'do', name: 'ask', count: 1 } as const;
    const token = await deferring([
      {
        kind: 'attempt_failed',
        ...{ step, ordinal: 1, attempt: 1, at, startedAt: at, retryAt: at + 1 },
        error: { name: 'WorkflowTimeoutError', message: 'x' },
      },
    ]);
    await refused(token, { result: 1 }, 409, 'deferred.settled');
  });

  it('is unknown with another secret, of another life, or where no such instance is, all in the same words', async () => {
    const token = await deferring();
    const restarted = async () => {
      await api.call('PATCH', `${base}/one/status`, { key, body: { status: 'restart' } });
      return complete(token, { result: 1 });
    };
    const place = Buffer.from('theirs/Hello/one').toString('base64url');
    const answers = [
      await complete(await tokenOf('T'.repeat(43)), { result: 1 }),
      await complete(token.replace(/^[^.]+/, place), { result: 1 }),
      await complete(token.replace(/\.[^.]+\./, `.${'l'.repeat(22)}.`), { result: 1 }),
      await complete('nonsense', { result: 1 }),
      await complete(`${token}x`, { result: 1 }),
      await restarted(),
    ];
    const texts = new Set(await Promise.all(answers.map((answer) => answer.text())));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect(texts.size).toBe(1);
    expect([...texts][0]).toContain('deferred.not_found');
  });

  it('stands through a restart from a later step', async () => {
    const at = api.clock.now();
    const b = { kind: 'do', name: 'b', count: 1 } as const;
    const token = await deferring([
      { kind: 'step_settled', step: b, ordinal: 2, attempt: 1, startedAt: at, at, outcome: { ok: true, value: '[1]' } },
    ]);
    const before = (await api.deps.instances.get(of))?.incarnation;
    await api.call('PATCH', `${base}/one/status`, { key, body: { status: 'restart', from: { name: 'b' } } });
    expect((await api.deps.instances.get(of))?.incarnation).not.toBe(before);
    expect((await complete(token, { result: 1 })).status).toBe(202);
  });

  it('is refused while the tenant is suspended', async () => {
    const token = await deferring();
    await api.asOperator('PATCH', '/v1/tenants/ours', { suspended: true });
    await refused(token, { result: 1 }, 403, 'tenant.suspended');
  });

  it.each([
    [{}],
    [{ result: 1, error: { message: 'no' } }],
    [{ error: {} }],
    [{ error: 'no' }],
    [{ error: { message: 'no', stack: 'x' } }],
    [{ error: { name: '', message: 'no' } }],
    [{ error: { message: 'x'.repeat(16_385) } }],
    [{ result: 1, more: 2 }],
    [[1]],
    ['text'],
  ])('refuses the body %j as 422', async (body) => {
    const response = await complete(await deferring(), body, { headers: { 'content-type': 'application/json' } });
    expect([response.status, await codeOf(response)]).toEqual(
      typeof body === 'string' ? [400, 'request.malformed'] : [422, 'request.invalid'],
    );
    if (typeof body !== 'string') expect((await fieldsOf(response)).length).toBeGreaterThan(0);
    expect(await inbox()).toEqual([]);
  });

  it('takes a result of 1 MiB of JSON text, beside the journal, and not of one byte more', async () => {
    const token = await deferring();
    const fits = 'x'.repeat(MAX_VALUE_BYTES - 2);
    await refused(token, { result: `${fits}x` }, 413, 'payload.too_large');
    expect((await complete(token, { result: fits })).status).toBe(202);
    const [first] = await inbox();
    const outcome = first?.item.kind === 'completion' ? first.item.outcome : undefined;
    if (outcome?.ok !== true) throw new Error('nothing came');
    expect(outcome.value).toMatchObject({ ref: expect.stringMatching(/^ours\/values\/Hello\/one\/completions\//) });
    expect(JSON.parse(await loadValue(api.deps.blobs, outcome.value))).toEqual([fits]);
  });

  it('keeps neither the token nor the seed anywhere that can be read', async () => {
    const token = await deferring();
    await complete(token, { result: 1 });
    const summary = await api.deps.instances.get(of);
    const records = await api.deps.instances.readJournal({ key: of, incarnation: summary?.incarnation ?? '' });
    expect(JSON.stringify([summary, records, await inbox()])).not.toContain(SECRET);
    expect(token).not.toContain(summary?.seed);
  });
});
