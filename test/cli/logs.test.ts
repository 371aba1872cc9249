import { afterEach, expect, test } from 'vitest';
import { tenon } from './command-line.ts';
import { RecordingServer } from './recording-server.ts';

const servers: RecordingServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const logsOf = async (json: object): Promise<string> => {
  const server = new RecordingServer({ 'GET /v1/tenants/acme/logs': { json } });
  await server.listen();
  servers.push(server);
  const { out, code } = await tenon(['logs', '--tenant', 'acme', '--key', 'k', '--url', server.url]);
  expect(code).toBe(0);
  return out.trimEnd();
};

test('logs say what each request has said and thrown, and how to go on', async () => {
  const time = '2026-01-31T12:00:00.000Z';
  const request = { id: 'a', time, version: 'v1', method: 'GET', path: '/page', status: 502 };
  const lines = [
    { time, level: 'log', message: 'came' },
    { time, level: 'error', message: 'and fell' },
  ];
  const error = { name: 'TypeError', message: 'no such page' };
  expect((await logsOf({ requests: [{ ...request, lines, error }], cursor: 'next' })).split('\n')).toEqual([
    '2026-01-31 12:00:00 UTC  GET /page  502',
    '  log   came',
    '  error and fell',
    '  threw TypeError: no such page',
    '',
    'More: tenon logs --cursor next',
  ]);
});

test('logs say so where there is nothing', async () => {
  expect(await logsOf({ requests: [], cursor: null })).toBe('No request has said anything, and none has failed.');
});
