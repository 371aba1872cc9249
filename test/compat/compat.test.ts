import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_LEVEL } from '../../lib/core/limits.ts';
import { startEmbedded } from '../../lib/embedded.ts';
import { Api } from '../conformance/api.ts';
import { Instance } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { fromGolden } from '../examples/golden-journal.ts';
import { ReplayBench } from '../examples/replay-bench.ts';
import { textToFolder } from './folder-text.ts';
import { OPERATOR_KEY, TENANT } from './paused-instances.ts';
import { readCases, readFolder, releases } from './releases.ts';

const NO_SOURCE_MAP = JSON.stringify({ version: 3, sources: [], names: [], mappings: '' });

const withoutTime = ({ at: _, ...rest }: { readonly at: number }): object => rest;

it('a release has been recorded', () => {
  expect(releases()).toContain('0.1.0');
});

describe.each(releases())('what release %s left', (release) => {
  const bench = new ReplayBench();
  beforeAll(() => bench.start());
  afterAll(() => bench.close());

  it.each(readCases(release).map((one) => [one.title, one] as const))(
    'is followed by the guest of today, bundle as it was compiled and journal as it was written: %s',
    async (title, { workflow, apiLevel, input, code, journal }) => {
      expect(apiLevel).toBeLessThanOrEqual(API_LEVEL);
      const records = fromGolden(journal);
      const { messages, records: proposed } = await bench.replay({
        bundle: { code, sourceMap: NO_SOURCE_MAP },
        version: `${release} ${title}`,
        workflow,
        input,
        records: records.slice(0, -1),
        // Whatever is called otherwise than it was then is fatal.
        isStrict: true,
      });
      expect(messages.map(({ kind }) => kind)).toEqual(['finished']);
      expect(proposed.map(withoutTime)).toEqual(records.slice(-1).map(withoutTime));
    },
  );

  it('is opened by the service of today, which goes on where its instances stood', async () => {
    const folder = makeFolder();
    textToFolder(readFolder(release), folder.path);
    const service = await startEmbedded({
      port: 0,
      host: '127.0.0.1',
      dataFolder: folder.path,
      operatorKey: OPERATOR_KEY,
      allowPrivateEgress: false,
      print: () => {},
    });
    try {
      const api = new Api(service.url, OPERATOR_KEY);
      const path = `/v1/tenants/${TENANT}`;
      const { body } = await api.expect(200, 'GET', `${path}/versions`);
      expect(body.versions).toMatchObject([{ active: true, apiLevel: 1, workflows: [{ name: 'Order' }] }]);
      for (const id of ['waiting', 'answered']) {
        const instance = new Instance(api, `${path}/workflows/Order/instances/${id}`, id);
        const before = await instance.detail();
        expect(before).toMatchObject({ status: 'paused', params: { total: 12 }, metadata: { tenant: TENANT } });
        await instance.control('resume');
        if (id === 'waiting') await instance.send('approved', { by: 'grace' });
        expect(await instance.completed()).toEqual({
          total: 12,
          at: 0,
          big: '1',
          bytes: [1, 2],
          caught: [true, 'too much'],
          by: 'grace',
          currency: 'EUR',
        });
        const after = await instance.detail();
        expect(after.steps.slice(0, 3)).toEqual(before.steps.slice(0, 3));
      }
    } finally {
      await service.close();
      folder.remove();
    }
  });
});
