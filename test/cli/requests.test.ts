import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { tenon } from './command-line.ts';
import { RecordingServer, type Reply } from './recording-server.ts';

const servers: RecordingServer[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const serving = async (replies: Readonly<Record<string, Reply | readonly Reply[]>>): Promise<RecordingServer> => {
  const server = new RecordingServer(replies);
  await server.listen();
  servers.push(server);
  return server;
};

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'tenon-cli-'));
  folders.push(made);
  return made;
};

const W = '/v1/tenants/acme/workflows/W';

/** Runs a command against that server as tenant acme and gives the call that it made. */
const callOf = async (args: readonly string[], replies: Readonly<Record<string, Reply>>) => {
  const server = await serving(replies);
  const outcome = await tenon([...args, '--url', server.url, '--key', 'k', '--tenant', 'acme']);
  const calls = server.requests.map(({ method, url, body }) => `${method} ${url}${body === '' ? '' : ` ${body}`}`);
  return { ...outcome, calls };
};

describe('what each command asks of the API', () => {
  const status = (answer: string): Record<string, Reply> => ({
    [`PATCH ${W}/instances/i/status`]: { json: { status: answer } },
  });
  const cases: readonly (readonly [string, readonly string[], Readonly<Record<string, Reply>>, string])[] = [
    ['pause', ['instances', 'pause', 'W', 'i'], status('paused'), `PATCH ${W}/instances/i/status {"status":"pause"}`],
    [
      'resume',
      ['instances', 'resume', 'W', 'i'],
      status('running'),
      `PATCH ${W}/instances/i/status {"status":"resume"}`,
    ],
    [
      'terminate with rollback',
      ['instances', 'terminate', 'W', 'i', '--rollback'],
      status('terminated'),
      `PATCH ${W}/instances/i/status {"status":"terminate","rollback":true}`,
    ],
    [
      'restart from a step',
      [
        'instances',
        'restart',
        'W',
        'i',
        '--from-step-name',
        's',
        '--from-step-count',
        '2',
        '--from-step-type',
        'sleep',
      ],
      status('queued'),
      `PATCH ${W}/instances/i/status {"status":"restart","from":{"name":"s","count":2,"type":"sleep"}}`,
    ],
    [
      'delete',
      ['instances', 'delete', 'W', 'i'],
      { [`DELETE ${W}/instances/i`]: { status: 204 } },
      `DELETE ${W}/instances/i`,
    ],
    [
      'send-event',
      ['instances', 'send-event', 'W', 'i', '--type', 'approval', '--payload', '{"ok":true}'],
      { [`POST ${W}/instances/i/events/approval`]: { status: 202, json: { eventId: 'e' } } },
      `POST ${W}/instances/i/events/approval {"ok":true}`,
    ],
    [
      'send-event without payload',
      ['instances', 'send-event', 'W', 'i', '--type', 'go'],
      { [`POST ${W}/instances/i/events/go`]: { status: 202, json: { eventId: 'e' } } },
      `POST ${W}/instances/i/events/go`,
    ],
    [
      'list by status',
      ['instances', 'list', 'W', '--filter-by-status', 'errored', '--per-page', '5', '--date-start', '2026-11-20'],
      { [`GET ${W}/instances`]: { json: { instances: [] } } },
      `GET ${W}/instances?status=errored&from=2026-11-20T00%3A00%3A00.000Z&limit=5`,
    ],
    [
      'trigger',
      ['trigger', 'W', '{"a":1}', '--id', 'mine'],
      { [`POST ${W}/instances`]: { status: 201, json: { id: 'mine', status: 'queued', version: 'v', workflow: 'W' } } },
      `POST ${W}/instances {"id":"mine","params":{"a":1}}`,
    ],
    [
      'tenants create',
      ['tenants', 'create', 'new', '--name', 'New', '--allow', 'api.example.com', '*.example.org'],
      { 'POST /v1/tenants': { status: 201, json: { tenant: { id: 'new' }, apiKey: 'secret' } } },
      'POST /v1/tenants {"id":"new","name":"New","egress":{"allow":["api.example.com","*.example.org"]}}',
    ],
    [
      'tenants describe',
      ['tenants', 'describe', 'new'],
      { 'GET /v1/tenants/new': { json: { id: 'new', createdAt: '2026-01-31T12:00:00.000Z', limits: { steps: 1 } } } },
      'GET /v1/tenants/new',
    ],
    [
      'tenants suspend',
      ['tenants', 'suspend', 'new'],
      { 'PATCH /v1/tenants/new': { json: { id: 'new' } } },
      'PATCH /v1/tenants/new {"suspended":true}',
    ],
    [
      'tenants resume',
      ['tenants', 'resume', 'new'],
      { 'PATCH /v1/tenants/new': { json: { id: 'new' } } },
      'PATCH /v1/tenants/new {"suspended":false}',
    ],
    [
      'tenants delete',
      ['tenants', 'delete', 'new', '--with-all-data'],
      { 'DELETE /v1/tenants/new': { status: 202, json: { id: 'new' } } },
      'DELETE /v1/tenants/new',
    ],
    ['tenants list', ['tenants', 'list'], { 'GET /v1/tenants': { json: { tenants: [] } } }, 'GET /v1/tenants'],
    [
      'keys create',
      ['keys', 'create'],
      { 'POST /v1/tenants/acme/keys': { status: 201, json: { keyId: 'k1', apiKey: 's' } } },
      'POST /v1/tenants/acme/keys',
    ],
    [
      'keys create until a time',
      ['keys', 'create', '--expires-at', '2030-01-31T12:00:00Z'],
      { 'POST /v1/tenants/acme/keys': { status: 201, json: { keyId: 'k1', apiKey: 's' } } },
      'POST /v1/tenants/acme/keys {"expiresAt":"2030-01-31T12:00:00Z"}',
    ],
    [
      'keys rotate',
      ['keys', 'rotate', 'k1', '--grace', '10 minutes'],
      {
        'POST /v1/tenants/acme/keys/k1/rotate': {
          status: 201,
          json: { keyId: 'k2', apiKey: 's', replaced: { keyId: 'k1', expiresAt: '2030-01-31T12:00:00.000Z' } },
        },
      },
      'POST /v1/tenants/acme/keys/k1/rotate {"grace":"10 minutes"}',
    ],
    [
      'audit',
      ['audit', '--from', '2026-01-31', '--to', '2026-02-01', '--per-page', '5', '--cursor', 'c'],
      { 'GET /v1/tenants/acme/audit': { json: { entries: [] } } },
      'GET /v1/tenants/acme/audit?from=2026-01-31T00%3A00%3A00.000Z&to=2026-02-01T23%3A59%3A59.999Z&limit=5&cursor=c',
    ],
    [
      'audit of all tenants',
      ['audit', '--all', '--from', '2026-01-31T12:00:00Z'],
      { 'GET /v1/audit': { json: { entries: [] } } },
      'GET /v1/audit?from=2026-01-31T12%3A00%3A00Z',
    ],
    [
      'keys list',
      ['keys', 'list'],
      { 'GET /v1/tenants/acme/keys': { json: { keys: [] } } },
      'GET /v1/tenants/acme/keys',
    ],
    [
      'instances move',
      ['instances', 'move', 'W', 'i', '--version', 'v2'],
      { [`POST ${W}/instances/i/move`]: { json: { id: 'i', status: 'waiting', version: 'v2', workflow: 'W' } } },
      `POST ${W}/instances/i/move {"version":"v2"}`,
    ],
    [
      'instances approve',
      ['instances', 'approve', 'W', 'i', '1-mz', '--by', 'ada'],
      { [`POST ${W}/instances/i/approvals/1-mz`]: { status: 202, json: { approved: true } } },
      `POST ${W}/instances/i/approvals/1-mz {"approved":true,"by":"ada"}`,
    ],
    [
      'instances refuse',
      ['instances', 'refuse', 'W', 'i', '1-mz', '--reason', 'too dear'],
      { [`POST ${W}/instances/i/approvals/1-mz`]: { status: 202, json: { approved: false } } },
      `POST ${W}/instances/i/approvals/1-mz {"approved":false,"reason":"too dear"}`,
    ],
    ['policies list', ['policies', 'list'], { 'GET /v1/policies': { json: { policies: [] } } }, 'GET /v1/policies'],
    [
      'policies put before a call',
      ['policies', 'put', 'p', '--before-call', 'WORKFLOWS.create', '--action', 'approve', '--for-tenant', 'acme'],
      {
        'PUT /v1/policies/p': { status: 201, json: { name: 'p', before: { binding: 'WORKFLOWS' }, action: 'approve' } },
      },
      'PUT /v1/policies/p {"tenants":["acme"],"before":{"binding":"WORKFLOWS","method":"create"},"action":"approve"}',
    ],
    [
      'policies delete',
      ['policies', 'delete', 'p'],
      { 'DELETE /v1/policies/p': { status: 204 } },
      'DELETE /v1/policies/p',
    ],
    [
      'keys revoke',
      ['keys', 'revoke', 'k1'],
      { 'DELETE /v1/tenants/acme/keys/k1': { status: 204 } },
      'DELETE /v1/tenants/acme/keys/k1',
    ],
    [
      'env set as a secret',
      ['env', 'set', 'TOKEN', 'x', '--secret'],
      { 'PUT /v1/tenants/acme/env/TOKEN': { json: {} } },
      'PUT /v1/tenants/acme/env/TOKEN {"value":"x","secret":true}',
    ],
    ['env list', ['env', 'list'], { 'GET /v1/tenants/acme/env': { json: { env: [] } } }, 'GET /v1/tenants/acme/env'],
    [
      'env delete',
      ['env', 'delete', 'TOKEN'],
      { 'DELETE /v1/tenants/acme/env/TOKEN': { status: 204 } },
      'DELETE /v1/tenants/acme/env/TOKEN',
    ],
    [
      'versions list',
      ['versions', 'list'],
      { 'GET /v1/tenants/acme/versions': { json: { versions: [] } } },
      'GET /v1/tenants/acme/versions',
    ],
    [
      'versions activate',
      ['versions', 'activate', 'v1'],
      { 'POST /v1/tenants/acme/versions/v1/activate': { json: {} } },
      'POST /v1/tenants/acme/versions/v1/activate',
    ],
  ];

  test.each(cases)('%s', async (_name, args, replies, expected) => {
    const { code, err, calls } = await callOf(args, replies);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(calls).toEqual([expected]);
  });

  test('names are encoded into the path', async () => {
    const { calls } = await callOf(['instances', 'pause', 'W', 'a/b'], {});
    expect(calls).toEqual([`PATCH ${W}/instances/a%2Fb/status {"status":"pause"}`]);
  });

  test('an idempotency key goes along as a header', async () => {
    const server = await serving({ [`POST ${W}/instances/i/events/e`]: { status: 202, json: { eventId: 'x' } } });
    await tenon([
      'instances',
      'send-event',
      'W',
      'i',
      '--type',
      'e',
      '--idempotency-key',
      'once',
      '--url',
      server.url,
      '--tenant',
      'acme',
    ]);
    expect(server.requests[0]?.headers['idempotency-key']).toBe('once');
  });

  test('latest means the newest instance', async () => {
    const { calls, out } = await callOf(['instances', 'terminate', 'W', 'latest'], {
      [`GET ${W}/instances`]: { json: { instances: [{ id: 'newest' }] } },
      [`PATCH ${W}/instances/newest/status`]: { json: { status: 'terminated' } },
    });
    expect(calls).toEqual([`GET ${W}/instances?limit=1`, `PATCH ${W}/instances/newest/status {"status":"terminate"}`]);
    expect(out).toBe('Instance newest of W is terminated.');
  });

  test('a value of - is read from standard input, without its line end', async () => {
    const server = await serving({ 'PUT /v1/tenants/acme/env/TOKEN': { json: {} } });
    await tenon(['env', 'set', 'TOKEN', '-', '--url', server.url, '--tenant', 'acme'], {
      readInput: () => 'from a pipe\n',
    });
    expect(server.requests[0]?.body).toBe('{"value":"from a pipe"}');
  });
});

describe('how a command finds the server', () => {
  test('flags win over the environment', async () => {
    const server = await serving({ 'GET /v1/tenants/flag/env': { json: { env: [] } } });
    const env = { TENON_URL: 'http://127.0.0.1:1', TENON_KEY: 'env-key', TENON_TENANT: 'env' };
    await tenon(['env', 'list', '--url', server.url, '--key', 'flag-key', '--tenant', 'flag'], { env });
    expect(server.requests[0]).toMatchObject({ url: '/v1/tenants/flag/env', key: 'flag-key' });
  });

  test('the environment is taken where no flag is given', async () => {
    const server = await serving({ 'GET /v1/tenants/env/env': { json: { env: [] } } });
    await tenon(['env', 'list'], { env: { TENON_URL: server.url, TENON_KEY: 'env-key', TENON_TENANT: 'env' } });
    expect(server.requests[0]).toMatchObject({ url: '/v1/tenants/env/env', key: 'env-key' });
  });

  test('the operator key of a server started here is found in .tenon', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, '.tenon'));
    writeFileSync(join(cwd, '.tenon', 'operator-key'), 'from-the-file\n');
    const server = await serving({ 'GET /v1/tenants': { json: { tenants: [] } } });
    await tenon(['tenants', 'list', '--url', server.url], { cwd });
    expect(server.requests[0]?.key).toBe('from-the-file');
  });

  test('without any key none is sent', async () => {
    const server = await serving({ 'GET /v1/tenants': { json: { tenants: [] } } });
    await tenon(['tenants', 'list', '--url', server.url]);
    expect(server.requests[0]?.key).toBeUndefined();
  });
});

describe('tenants describe', () => {
  test('says what the service holds against a tenant', async () => {
    const server = await serving({
      'GET /v1/tenants/acme': {
        json: {
          id: 'acme',
          isolation: 'isolate',
          egress: { allow: ['api.example.com'] },
          suspended: true,
          suspension: { at: '2026-01-31T12:00:00.000Z', reason: 'five strikes within a day' },
          strikes: [{ at: '2026-01-31T11:00:00.000Z', what: 'memory' }],
          createdAt: '2026-01-01T12:00:00.000Z',
          limits: { steps: 10_000 },
        },
      },
    });
    const { out } = await tenon(['tenants', 'describe', 'acme', '--url', server.url, '--key', 'k']);
    expect(out.split('\n')).toEqual([
      'acme  suspended, since 2026-01-01',
      'suspended by the service, 2026-01-31 12:00:00 UTC: five strikes within a day',
      'isolation  isolate',
      'egress  {"allow":["api.example.com"]}',
      'limits',
      '  steps  10000',
      'strike, 2026-01-31 11:00:00 UTC: memory',
    ]);
  });
});
