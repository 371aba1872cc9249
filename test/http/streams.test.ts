import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { streamName } from '../../lib/service/stored-values.ts';
import { type Api, codeOf, createApi, ORIGIN } from './api.ts';
import { writeJournal } from './journal.ts';

const STREAM = { stream: 'life/1/a', bytes: 3_000_000 };
const CONTENT = Uint8Array.from({ length: STREAM.bytes }, (_, at) => at % 251);

let api: Api;
let key: string;
const PATH = '/v1/tenants/ours/workflows/Hello/instances/one';
const INSTANCE = { tenant: 'ours', workflow: 'Hello', id: 'one' };

beforeEach(async () => {
  api = await createApi();
  ({ key } = await api.makeTenant('ours'));
  await api.call('POST', '/v1/tenants/ours/workflows/Hello/instances', { key, body: { id: 'one' } });
  const at = api.clock.now();
  const of = { ordinal: 1, attempt: 1, startedAt: at, at, outcome: { ok: true, value: STREAM } } as const;
  await writeJournal(api, INSTANCE, [
    { kind: 'started', at },
    { kind: 'step_settled', step: { kind: 'do', name: 'make', count: 1 }, ...of },
  ]);
  await api.deps.blobs.put(streamName(INSTANCE, STREAM.stream), CONTENT);
});
afterEach(() => api.close());

const linkOf = async (): Promise<string> => {
  const response = await api.call('GET', `${PATH}/step?name=make`, { key });
  expect(response.status).toBe(302);
  const location = response.headers.get('location') ?? '';
  expect(location.startsWith(ORIGIN)).toBe(true);
  return location.slice(ORIGIN.length);
};

describe('a step that has given a stream', () => {
  it('is listed with its length, and answers with a link to its bytes that no script can come of', async () => {
    const detail = (await (await api.call('GET', PATH, { key })).json()) as { steps: { output: unknown }[] };
    expect(detail.steps[0]?.output).toEqual({ $type: 'Stream', value: { bytes: STREAM.bytes } });
    const response = await api.call('GET', await linkOf());
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': `${STREAM.bytes}`,
      'content-disposition': 'attachment; filename="one.bin"',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    });
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), CONTENT)).toBe(0);
  });

  it('has a link for five minutes, and one for as long as it is there', async () => {
    const link = await linkOf();
    api.clock.at += 299_999;
    expect((await api.call('GET', link)).status).toBe(200);
    api.clock.at += 1;
    expect(await codeOf(await api.call('GET', link))).toBe('download.not_found');
    const again = await linkOf();
    await api.deps.blobs.remove(streamName(INSTANCE, STREAM.stream));
    expect(await codeOf(await api.call('GET', again))).toBe('download.not_found');
  });

  it('has no link that can be made up or altered', async () => {
    const link = await linkOf();
    for (const forged of ['/v1/downloads/x', '/v1/downloads/a.b', `${link}A`, link.slice(0, -1)]) {
      expect(await codeOf(await api.call('GET', forged))).toBe('download.not_found');
    }
  });
});
