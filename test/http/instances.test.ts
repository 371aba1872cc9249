import { stringify } from 'devalue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../lib/core/records.ts';
import { type Api, codeOf, createApi, fieldsOf, jsonOf, VERSION } from './api.ts';
import { finishedJournal, writeJournal } from './journal.ts';

describe('instances', () => {
  let api: Api;
  let key: string;
  const INSTANCES = '/v1/tenants/ours/workflows/Hello/instances';
  const of = (id: string) => ({ tenant: 'ours', workflow: 'Hello', id });
  const send = (method: string, path: string, body?: unknown, headers = {}) =>
    api.call(method, `${INSTANCES}${path}`, { key, body, headers });

  beforeAll(async () => {
    api = await createApi();
    key = (await api.makeTenant('ours')).key;
  });
  afterAll(() => api.close());

  it('are created with an id, params and a version of the active bundle', async () => {
    const response = await send('POST', '', { id: 'first', params: { amount: 12 } });
    expect(response.status).toBe(201);
    expect(await jsonOf(response)).toEqual({ id: 'first', status: 'queued', version: VERSION, workflow: 'Hello' });
    const detail = await jsonOf(await send('GET', '/first'));
    expect(detail).toMatchObject({
      params: { amount: 12 },
      metadata: { tenant: 'ours' },
      trigger: { source: 'api' },
      createdAt: '2026-11-20T12:00:00.000Z',
      steps: [],
    });
    expect(await codeOf(await send('POST', '', { id: 'first' }))).toBe('instance.already_exists');
  });

  it('are created by an empty body too, without params', async () => {
    const response = await send('POST', '');
    expect(response.status).toBe(201);
    const { id } = await jsonOf(response);
    expect(await jsonOf(await send('GET', `/${id}`))).not.toHaveProperty('params');
  });

  it.each([null, 0, '', [], { $type: 'Date', value: 'x' }, ['é', '\u0000', '\ud800'], 1e300])(
    'give the params %j back as they came',
    async (params) => {
      const { id } = await jsonOf(await send('POST', '', { params }));
      expect((await jsonOf(await send('GET', `/${id}`))).params).toEqual(params);
    },
  );

  it('keep large params beside the journal and give them back', async () => {
    const params = { text: 'é'.repeat(400_000) };
    const { id } = await jsonOf(await send('POST', '', { params }));
    expect((await jsonOf(await send('GET', `/${id}`))).params).toEqual(params);
  });

  it('take params of 1,048,576 bytes of JSON text and not of one more', async () => {
    const fits = 'x'.repeat(1_048_574);
    expect((await send('POST', '', { params: fits })).status).toBe(201);
    const tooLarge = await send('POST', '', { params: `${fits}x` });
    expect(tooLarge.status).toBe(413);
    expect(await codeOf(tooLarge)).toBe('payload.too_large');
  });

  it('measure params as JSON.stringify writes them, however they were sent', async () => {
    const grows = `{"params":[${Array.from({ length: 60_000 }, () => '1e20').join(',')}]}`;
    expect(await codeOf(await send('POST', '', grows))).toBe('payload.too_large');
    const shrinks = `{"params":"${'\\u0078'.repeat(1_048_574 / 2)}"}`;
    expect((await send('POST', '', shrinks)).status).toBe(201);
  });

  it('are answered as finished where they finish within the wait', async () => {
    const id = 'waits';
    const waiting = send('POST', '?wait=20', { id });
    while ((await api.deps.instances.get(of(id))) === undefined) await new Promise(setImmediate);
    await writeJournal(
      api,
      of(id),
      finishedJournal(api.clock.now(), 1, () => '[1]'),
    );
    const response = await waiting;
    expect(response.status).toBe(201);
    expect(await jsonOf(response)).toMatchObject({ id, status: 'complete', output: 'done' });
    expect(await jsonOf(await send('GET', `/${id}?wait=20`))).toMatchObject({ status: 'complete', output: 'done' });
  });

  it('tell name, message and stack of an error', async () => {
    await send('POST', '', { id: 'failed' });
    const at = api.clock.now();
    const error = { name: 'TypeError', message: 'no', stack: 'TypeError: no\n    at run (workflow.ts:3:9)' };
    await writeJournal(api, of('failed'), [
      { kind: 'started', at },
      { kind: 'errored', at, error },
    ]);
    const detail = await jsonOf(await send('GET', '/failed'));
    expect(detail).toMatchObject({ status: 'errored', error });
    expect(detail).not.toHaveProperty('output');
  });

  it('show steps with attempts, config and what they wait for', async () => {
    await send('POST', '', { id: 'steps' });
    const at = api.clock.now();
    const charge = { kind: 'do', name: 'charge', count: 1 } as const;
    const config = {
      retries: { limit: 3, delayMs: 1_000, backoff: 'constant' },
      timeoutMs: 60_000,
      sensitive: 'output',
    } as const;
    const error = { name: 'Error', message: 'busy' };
    const records: readonly JournalRecord[] = [
      { kind: 'started', at },
      { kind: 'attempt_started', at, step: charge, ordinal: 1, attempt: 1, config },
      { kind: 'attempt_failed', at, step: charge, ordinal: 1, attempt: 1, startedAt: at, error, retryAt: at + 1_000 },
      {
        kind: 'step_settled',
        at: at + 1_000,
        step: charge,
        ordinal: 1,
        attempt: 2,
        startedAt: at + 1_000,
        outcome: { ok: true, value: '["secret"]' },
      },
      {
        kind: 'wait_started',
        at: at + 1_000,
        step: { kind: 'waitForEvent', name: 'approval', count: 1 },
        ordinal: 2,
        eventType: 'approved',
        until: at + 60_000,
        timeoutMs: 60_000,
      },
    ];
    await writeJournal(api, of('steps'), records);
    const detail = await jsonOf(await send('GET', '/steps'));
    expect(detail).toMatchObject({
      status: 'waiting',
      stepCount: 1,
      waitingFor: [{ kind: 'event', name: 'approval', eventType: 'approved', until: '2026-11-20T12:01:00.000Z' }],
    });
    expect(detail.steps[0]).toMatchObject({
      type: 'step',
      name: 'charge',
      status: 'completed',
      output: '[REDACTED]',
      config: { retries: { limit: 3, delay: 1_000, backoff: 'constant' }, timeout: 60_000, sensitive: 'output' },
      attempts: [{ number: 1, error }, { number: 2 }],
    });
    expect(detail.steps[1]).toMatchObject({ type: 'waitForEvent', eventType: 'approved', status: 'waiting' });
    const { instances } = await jsonOf(await send('GET', '?status=waiting'));
    expect(instances).toHaveLength(1);
    expect(instances[0].waitingFor).toEqual(detail.waitingFor);
  });

  it('show the first 100 steps and page through the others', async () => {
    await send('POST', '', { id: 'long' });
    await writeJournal(
      api,
      of('long'),
      finishedJournal(api.clock.now(), 250, (n) => stringify(n)),
    );
    const detail = await jsonOf(await send('GET', '/long'));
    expect(detail.steps).toHaveLength(100);
    const numbers = detail.steps.map(({ output }: { output: number }) => output);
    let cursor: string | undefined = detail.stepsCursor;
    while (cursor !== undefined) {
      const page = await jsonOf(await send('GET', `/long/steps?limit=60&cursor=${cursor}`));
      numbers.push(...page.steps.map(({ output }: { output: number }) => output));
      cursor = page.cursor;
    }
    expect(numbers).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    expect(await fieldsOf(await send('GET', '/long/steps?cursor=s1'))).toEqual(['cursor']);
  });

  it('cut long outputs in lists at 4 KiB of JSON text, and give one step whole', async () => {
    await send('POST', '', { id: 'large' });
    const output = { text: 'é'.repeat(5_000) };
    await writeJournal(
      api,
      of('large'),
      finishedJournal(api.clock.now(), 2, () => stringify(output)),
    );
    const [step] = (await jsonOf(await send('GET', '/large'))).steps;
    expect(step.truncated).toBe(true);
    expect(JSON.stringify(output).startsWith(step.output)).toBe(true);
    expect(Buffer.byteLength(step.output)).toBeGreaterThan(4_090);
    expect(Buffer.byteLength(step.output)).toBeLessThanOrEqual(4_096);
    const whole = await jsonOf(await send('GET', '/large/step?name=step&count=2&type=do'));
    expect(whole.output).toEqual(output);
    expect(await codeOf(await send('GET', '/large/step?name=step&count=3'))).toBe('step.not_found');
    expect(await codeOf(await send('GET', '/large/step?name=step&type=sleep'))).toBe('step.not_found');
  });

  it('stop a page of steps at 1 MB', async () => {
    await send('POST', '', { id: 'wide' });
    const error = { name: 'Error', message: 'x'.repeat(5_000), stack: 'y'.repeat(5_000) };
    const at = api.clock.now();
    const records = Array.from({ length: 200 }, (_, index): JournalRecord => {
      const step = { kind: 'do', name: 'fails', count: index + 1 } as const;
      const outcome = { ok: false, error } as const;
      return { kind: 'step_settled', at, step, ordinal: index + 1, attempt: 1, startedAt: at, outcome };
    });
    await writeJournal(api, of('wide'), [{ kind: 'started', at }, ...records]);
    const response = await send('GET', '/wide/steps?limit=200');
    expect((await response.clone().arrayBuffer()).byteLength).toBeLessThan(1_010_000);
    const page = await jsonOf(response);
    expect(page.steps.length).toBeLessThan(200);
    expect((await jsonOf(await send('GET', `/wide/steps?limit=200&cursor=${page.cursor}`))).steps[0].count).toBe(
      page.steps.length + 1,
    );
  });

  it('are listed newest first, filtered and paged', async () => {
    const { key: otherKey, base } = await api.makeTenant('lists');
    const list = async (query: string) =>
      jsonOf(await api.call('GET', `${base}/workflows/Hello/instances${query}`, { key: otherKey }));
    expect((await list('')).instances).toEqual([]);
    for (let index = 0; index < 5; index++) {
      api.clock.at += 1_000;
      const body = { id: `i${index}` };
      await api.call('POST', `${base}/workflows/Hello/instances`, { key: otherKey, body });
    }
    const ids = (page: { instances: { id: string }[] }) => page.instances.map(({ id }) => id);
    const first = await list('?limit=2');
    expect(ids(first)).toEqual(['i4', 'i3']);
    expect(ids(await list(`?limit=3&cursor=${first.cursor}`))).toEqual(['i2', 'i1', 'i0']);
    expect(ids(await list('?status=complete&limit=1'))).toEqual([]);
    const from = first.instances.at(-1)?.createdAt;
    expect(ids(await list(`?from=${from}`))).toEqual(['i4', 'i3']);
    expect(ids(await list(`?to=${encodeURIComponent(from.replace('.000Z', '+00:00'))}&limit=1`))).toEqual(['i3']);
    expect((await list('')).cursor).toBeUndefined();
  });

  it('are made in batches, each told of by itself', async () => {
    const response = await send('POST', '/batch', { instances: [{ id: 'b1', params: 1 }, {}, { id: 'first' }] });
    expect(response.status).toBe(200);
    const { created, errors } = await jsonOf(response);
    expect(created).toHaveLength(2);
    expect(errors).toMatchObject([{ index: 2, id: 'first', code: 'instance.already_exists' }]);
    expect((await jsonOf(await send('POST', '/batch', { count: 3, params: { a: 1 } }))).created).toHaveLength(3);
    const deleted = await jsonOf(await send('POST', '/batch/delete', { ids: ['b1', 'nobody', '../x'] }));
    expect(deleted.deleted).toEqual(['b1']);
    expect(deleted.errors.map(({ code }: { code: string }) => code)).toEqual([
      'instance.not_found',
      'instance.not_found',
    ]);
  });

  it('may be named `batch`', async () => {
    expect((await send('POST', '', { id: 'batch' })).status).toBe(201);
    expect((await jsonOf(await send('GET', '/batch'))).id).toBe('batch');
    expect((await send('DELETE', '/batch')).status).toBe(204);
    expect(await codeOf(await send('PUT', '/batch'))).toBe('request.method_not_allowed');
  });

  it('take events, and one idempotency key once', async () => {
    await send('POST', '', { id: 'events' });
    const go = (body: unknown, idempotency?: string, type = 'go') =>
      send('POST', `/events/events/${type}`, body, idempotency === undefined ? {} : { 'idempotency-key': idempotency });
    const first = await go({ a: 1 }, 'k1');
    expect(first.status).toBe(202);
    expect(await jsonOf(await go({ a: 1 }, 'k1'))).toEqual(await jsonOf(first));
    expect((await go({ a: 2 }, 'k1')).status).toBe(422);
    expect((await go({ a: 1 }, 'k1', 'other')).status).toBe(422);
    expect((await jsonOf(await go({ a: 1 }, 'k2'))).eventId).not.toBe((await jsonOf(first)).eventId);
    expect((await go(undefined)).status).toBe(202);
    expect((await go('null')).status).toBe(202);
    expect(await fieldsOf(await go(1, 'x'.repeat(256)))).toEqual(['Idempotency-Key']);
    expect(await fieldsOf(await go(1, undefined, '.bad'))).toEqual(['type']);
    expect(await codeOf(await go('x'.repeat(1_048_575).replace(/^/, '"').concat('"')))).toBe('payload.too_large');
    expect(await codeOf(await send('POST', '/long/events/go'))).toBe('instance.finished');
    expect(await codeOf(await send('POST', '/nobody/events/go'))).toBe('instance.not_found');
  });

  it('are terminated, restarted and deleted', async () => {
    await send('POST', '', { id: 'life' });
    const set = (body: unknown) => send('PATCH', '/life/status', body);
    expect(await jsonOf(await set({ status: 'terminate' }))).toEqual({ status: 'terminated' });
    expect(await codeOf(await set({ status: 'terminate' }))).toBe('instance.cannot_terminate');
    expect(await codeOf(await set({ status: 'restart', from: { name: 'nowhere' } }))).toBe('instance.cannot_restart');
    expect(await jsonOf(await set({ status: 'restart' }))).toEqual({ status: 'queued' });
    expect((await send('DELETE', '/life')).status).toBe(204);
    expect(await codeOf(await send('DELETE', '/life'))).toBe('instance.not_found');
  });

  it.each([
    [{ status: 'stop' }, 'status'],
    [{ status: 'pause', rollback: true }, 'rollback'],
    [{ status: 'terminate', from: { name: 'a' } }, 'from'],
    [{ status: 'restart', from: { name: 'a', count: 0 } }, 'from.count'],
    [{ status: 'restart', from: { name: 'a', type: 'step' } }, 'from.type'],
    [{ status: 'restart', from: {} }, 'from.name'],
    [{ status: 'pause', force: true }, 'force'],
  ])('are not controlled by %j', async (body, field) => {
    expect(await fieldsOf(await send('PATCH', '/first/status', body))).toEqual([field]);
  });

  it('stay in the workflow and the tenant they were made in', async () => {
    const { key: otherKey, base } = await api.makeTenant('other');
    const path = '/workflows/Hello/instances/first';
    expect(await codeOf(await api.call('GET', `${base}${path}`, { key: otherKey }))).toBe('instance.not_found');
    const otherWorkflow = '/v1/tenants/ours/workflows/Other/instances/first';
    expect(await codeOf(await api.call('GET', otherWorkflow, { key }))).toBe('instance.not_found');
    expect(await codeOf(await api.call('POST', '/v1/tenants/ours/workflows/Nope/instances', { key, body: {} }))).toBe(
      'workflow.not_found',
    );
    expect(await codeOf(await api.call('GET', '/v1/tenants/ours/workflows/Nope/instances', { key }))).toBe(
      'workflow.not_found',
    );
    expect(await codeOf(await send('POST', '', { version: 'b'.repeat(32) }))).toBe('version.not_found');
  });

  it('never show a value that lies with another tenant', async () => {
    await api.deps.blobs.put('theirs/values/x', Buffer.from('["theirs"]'));
    await send('POST', '', { id: 'forged' });
    const at = api.clock.now();
    await writeJournal(api, of('forged'), [
      { kind: 'started', at },
      { kind: 'completed', at, output: { ref: 'theirs/values/x', bytes: 10 } },
    ]);
    const response = await send('GET', '/forged');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('theirs');
    expect(api.errors.splice(0)).toHaveLength(1);
  });
});
