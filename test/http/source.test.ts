import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceMapName } from '../../lib/service/bundle-files.ts';
import { type Api, codeOf, createApi, jsonOf, VERSION } from './api.ts';

describe('the source of a version', () => {
  let api: Api;
  let key: string;
  let path: string;

  beforeEach(async () => {
    api = await createApi();
    const { key: ours, base } = await api.makeTenant('ours');
    key = ours;
    path = `${base}/versions/${VERSION}/source`;
  });
  afterEach(() => api.close());

  const keep = (sources: Readonly<Record<string, string | null>>) => {
    const map = { version: 3, sources: Object.keys(sources), sourcesContent: Object.values(sources), mappings: '' };
    return api.deps.blobs.put(sourceMapName('ours', VERSION), Buffer.from(JSON.stringify(map)));
  };

  it('is its modules by path, without what the guest gives', async () => {
    await keep({ 'guest:cloudflare:workers': null, 'lib/b.ts': 'b', 'index.js': 'a' });
    const response = await api.call('GET', path, { key });
    expect([response.status, await jsonOf(response)]).toEqual([
      200,
      {
        version: VERSION,
        contentType: 'application/zip',
        files: [
          { path: 'index.js', text: 'a' },
          { path: 'lib/b.ts', text: 'b' },
        ],
      },
    ]);
  });

  it.each([
    ['index.ts', 'text/typescript'],
    ['index.js', 'text/javascript'],
  ])('of %s alone can be uploaded again as %s', async (name, contentType) => {
    await keep({ [name]: 'text' });
    expect(await jsonOf(await api.call('GET', path, { key }))).toMatchObject({ contentType });
  });

  it('that is not kept any more says so, and is no missing version', async () => {
    const answers = [await api.call('GET', path, { key })];
    await keep({ 'index.ts': null });
    answers.push(await api.call('GET', path, { key }));
    for (const response of answers)
      expect([response.status, await codeOf(response)]).toEqual([404, 'source.not_found']);
  });

  it('fits an answer or is refused, whatever of it is large', async () => {
    await keep({ 'index.ts': '"'.repeat(2_499_000) });
    expect((await api.call('GET', path, { key })).status).toBe(200);
    await keep({ 'index.ts': '"'.repeat(2_500_000) });
    const response = await api.call('GET', path, { key });
    expect([response.status, await codeOf(response)]).toEqual([409, 'source.too_large']);
  });
});
