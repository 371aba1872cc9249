import { afterEach, expect, test } from 'vitest';
import { tenon } from './command-line.ts';
import { RecordingServer } from './recording-server.ts';

const servers: RecordingServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

test('audit says who did what to whom, and how to go on', async () => {
  const entry = { tenant: 'acme', traceId: 'a'.repeat(32), at: '2026-01-31T12:00:00.000Z' };
  const server = new RecordingServer({
    'GET /v1/audit': {
      json: {
        entries: [
          {
            ...entry,
            by: { kind: 'operator' },
            operation: 'DELETE /v1/tenants/{tenant}/keys/{keyId}',
            names: { keyId: 'k1' },
            status: 204,
          },
          {
            ...entry,
            by: { kind: 'key', keyId: 'k2' },
            operation: 'PUT /v1/tenants/{tenant}/env/{NAME}',
            names: { NAME: 'TOKEN' },
          },
        ],
        cursor: 'next',
      },
    },
  });
  await server.listen();
  servers.push(server);
  const { out, code } = await tenon(['audit', '--all', '--key', 'k', '--url', server.url]);
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n')).toEqual([
    'TIME                     BY        TENANT  ANSWER   CALL                                      NAMES',
    '2026-01-31 12:00:00 UTC  operator  acme    204      DELETE /v1/tenants/{tenant}/keys/{keyId}  keyId=k1',
    '2026-01-31 12:00:00 UTC  key k2    acme    unknown  PUT /v1/tenants/{tenant}/env/{NAME}       NAME=TOKEN',
    'More: tenon audit --all --cursor next',
  ]);
});
