import { afterEach, expect, test } from 'vitest';
import { tenon } from './command-line.ts';
import { RecordingServer, type Reply } from './recording-server.ts';

const servers: RecordingServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const run = async (args: readonly string[], path: string, replies: readonly Reply[]) => {
  const server = new RecordingServer({ [`GET /v1/tenants/acme/workflows/W/instances/i/${path}`]: replies });
  await server.listen();
  servers.push(server);
  const outcome = await tenon([...args, '--url', server.url, '--key', 'k', '--tenant', 'acme']);
  return { ...outcome, asked: server.requests.map(({ url }) => url.slice(url.indexOf(path))) };
};

const at = '2026-11-20T12:00:00.000Z';

test('logs shows level, step and what was said, and stops where there is no more', async () => {
  const line = { eventId: 3, time: at, level: 'warn', message: 'no answer', step: 'ask-1', attempt: 2 };
  const { out, code, asked } = await run(['instances', 'logs', 'W', 'i'], 'logs', [
    {
      json: {
        events: [{ ...line, attempt: 1 }, line, { eventId: 5, time: at, level: 'log', message: 'on' }],
        cursor: '5.aa',
        done: false,
      },
    },
    { json: { events: [], cursor: '5.aa', done: false } },
  ]);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    '2026-11-20 12:00:00 UTC  warn   [ask-1] no answer',
    '2026-11-20 12:00:00 UTC  warn   [ask-1 #2] no answer',
    '2026-11-20 12:00:00 UTC  log    on',
  ]);
  expect(asked).toEqual(['logs?wait=0', 'logs?wait=0&cursor=5.aa']);
});

test('watch follows the events until the instance has ended', async () => {
  const event = (type: string, more: object = {}) => ({ eventId: 1, type, timestamp: at, instanceId: 'i', ...more });
  const { out, asked } = await run(['instances', 'watch', 'W', 'i', '--follow'], 'subscribe', [
    { json: { events: [event('step_started', { stepName: 'ask-1' })], cursor: '1.aa', done: false } },
    { json: { events: [], cursor: '1.aa', done: false } },
    {
      json: {
        events: [event('workflow_errored', { error: { name: 'Error', message: 'no' } })],
        cursor: '2.aa',
        done: true,
      },
    },
  ]);
  expect(out.split('\n').map((text) => text.slice(25))).toEqual(['step_started  ask-1', 'workflow_errored  Error: no']);
  expect(asked).toEqual(['subscribe', 'subscribe?cursor=1.aa', 'subscribe?cursor=1.aa']);
});
