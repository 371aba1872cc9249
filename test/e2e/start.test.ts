import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqliteDatabase } from '../../lib/adapters/embedded/sqlite-database.ts';
import { Api } from '../conformance/api.ts';
import { Ledger } from '../conformance/ledger.ts';
import { eventually, TenantWorld, workflow } from '../conformance/world.ts';
import { makeFolder } from '../contracts/embedded-folder.ts';
import { TenonProcess } from './tenon-process.ts';

const ledger = new Ledger();
let folder: ReturnType<typeof makeFolder>;
let started: TenonProcess[];

beforeAll(() => ledger.listen());
afterAll(() => ledger.close());
beforeEach(() => {
  folder = makeFolder();
  started = [];
});
afterEach(async () => {
  for (const process of started) await process.stop('SIGKILL');
  folder.remove();
});

/** `tenon dev` on a free port with the data folder `data`, unless `args` say otherwise. */
const dev = (args: readonly string[] = [], env: Record<string, string> = {}): TenonProcess => {
  const process = new TenonProcess(['dev', '--port', '0', '--data', 'data', ...args], { cwd: folder.path, env });
  started.push(process);
  return process;
};

const inData = (...names: string[]): string => join(folder.path, 'data', ...names);

const keyIn = (file: string): string => readFileSync(file, 'utf8').trim();

const tenantOn = async (url: string, operatorKey: string, id: string): Promise<TenantWorld> => {
  const operator = new Api(url, operatorKey);
  const { body } = await operator.expect(201, 'POST', '/v1/tenants', {
    json: { id, egress: { allow: [`127.0.0.1:${ledger.port}`] } },
  });
  return new TenantWorld(id, new Api(url, body.apiKey), operator, ledger);
};

/** The same tenant, after a start at another address. */
const movedTo = (url: string, { id, api, operator }: TenantWorld): TenantWorld =>
  new TenantWorld(id, new Api(url, api.key), new Api(url, operator.key), ledger);

describe('the first start with an empty data folder', () => {
  it('runs the demo to its end and shows what to do next, in lines that work as they stand', async () => {
    const server = dev();
    const url = await server.listening();
    await server.printed(/(?:^ {2}curl .+\n){3}/m);
    expect(server.err).toBe('');

    // The finished timeline.
    expect(server.out).toMatch(/^ApprovalChain first-approval {2}complete$/m);
    expect(server.out).toMatch(/✓ open the request/);
    expect(server.out).toMatch(/✓ decision of the finance\s+event came after/);
    expect(server.out).toContain('"outcome": "approved"');

    // The address and the keys' place.
    expect(server.out).toContain(`Tenon is up at ${url}.`);
    const [, operatorFile = '', tenantFile = ''] = /^Keys: operator (\S+), tenant (\S+)$/m.exec(server.out) ?? [];
    expect(operatorFile).toBe(inData('operator-key'));
    await new Api(url, keyIn(operatorFile)).expect(200, 'GET', '/v1/tenants/demo');
    await new Api(url, keyIn(tenantFile)).expect(200, 'GET', '/v1/tenants/demo/versions');

    // A person pastes the lines one after the other.
    const lines = [...server.out.matchAll(/^ {2}(curl .+)$/gm)].map(([, line = '']) => line);
    expect(lines).toHaveLength(3);
    const answers: unknown[] = [];
    for (const line of lines) answers.push(await follow(line));
    expect(answers).toMatchObject([
      { id: 'mine', workflow: 'ApprovalChain' },
      { eventId: expect.any(String) },
      { id: 'mine', status: expect.any(String) },
    ]);
  });

  it('leaves the demo out where that is wanted, and says where it listens in a line of its own', async () => {
    const server = dev(['--no-demo']);
    const url = await server.listening();
    const { body } = await new Api(url, keyIn(inData('operator-key'))).expect(200, 'GET', '/v1/tenants');
    expect(body.tenants).toEqual([]);
    expect(existsSync(inData('demo-key'))).toBe(false);
    expect(server.out.trim().split('\n')).toEqual([
      expect.stringMatching(/^operator key ok_\S+ \(shown once; kept in \S+operator-key\)$/),
      `listening ${url}`,
    ]);
  });

  it('lets nobody but its owner read what it keeps', async () => {
    const server = dev();
    await server.printed(/Try next/);
    expect(statSync(inData()).mode & 0o777).toBe(0o700);
    const keys = ['operator-key', 'demo-key', 'upload-key', 'vault-key'];
    expect(readdirSync(inData())).toEqual(expect.arrayContaining(keys));
    for (const name of readdirSync(inData())) {
      const mode = statSync(inData(name)).mode & 0o777;
      expect(`${name} ${(mode & 0o077).toString(8)}`).toBe(`${name} 0`);
    }
    expect(keys.map((name) => statSync(inData(name)).mode & 0o777)).toEqual(keys.map(() => 0o600));
  });

  it('that failed since the port was taken is made up for by the next one', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const failed = dev(['--port', `${port}`]);
    expect(await failed.ended()).toBe(1);
    expect(failed.err).toBe(`error: port ${port} on 127.0.0.1 is taken: stop who uses it, or write --port <number>\n`);
    other.close();
    const server = dev(['--port', `${port}`]);
    await server.printed(/Try next/);
  });
});

describe('a later start', () => {
  it('does not repeat the demo, prints no key, and has everything that was there', async () => {
    const first = dev();
    await first.printed(/Try next/);
    expect(await first.stop('SIGTERM')).toBe(0);
    const second = dev();
    const url = await second.listening();
    const demo = new Api(url, keyIn(inData('demo-key')));
    const { body } = await demo.expect(200, 'GET', '/v1/tenants/demo/workflows/ApprovalChain/instances');
    expect(body.instances).toMatchObject([{ id: 'first-approval', status: 'complete' }]);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(second.out).toBe(`listening ${url}\n`);
  });

  it('takes the operator key from TENON_OPERATOR_KEY, and then makes and accepts no other', async () => {
    const operatorKey = 'a-key-of-the-operators-own-choice-0123456789';
    const server = dev(['--no-demo'], { TENON_OPERATOR_KEY: operatorKey });
    const url = await server.listening();
    expect(server.out).not.toContain(operatorKey);
    expect(existsSync(inData('operator-key'))).toBe(false);
    await new Api(url, operatorKey).expect(200, 'GET', '/v1/tenants');
    await new Api(url, `${operatorKey}0`).refused(401, 'auth.invalid', 'GET', '/v1/tenants');
  });

  it('knows a revoked key as little as the start that revoked it', async () => {
    const env = { TENON_OPERATOR_KEY: 'the-operator' };
    const server = dev(['--no-demo'], env);
    const url = await server.listening();
    const { api, operator } = await tenantOn(url, 'the-operator', 'acme');
    const { body } = await operator.expect(201, 'POST', '/v1/tenants/acme/keys');
    const second = new Api(url, body.apiKey);
    await second.expect(200, 'GET', '/v1/tenants/acme');
    await operator.expect(204, 'DELETE', `/v1/tenants/acme/keys/${body.keyId}`);
    await second.refused(401, 'auth.invalid', 'GET', '/v1/tenants/acme');
    await api.expect(200, 'GET', '/v1/tenants/acme');
    await server.stop('SIGKILL');
    const next = await dev(['--no-demo'], env).listening();
    await new Api(next, body.apiKey).refused(401, 'auth.invalid', 'GET', '/v1/tenants/acme');
    await new Api(next, api.key).expect(200, 'GET', '/v1/tenants/acme');
  });
});

describe('a data folder that cannot be used is told in one line that says what to do, with exit code 1:', () => {
  const refused = async (server: TenonProcess, advice: RegExp): Promise<void> => {
    expect(await server.ended()).toBe(1);
    expect(server.err).toMatch(/^error: [^\n]+\n$/);
    expect(server.err).toMatch(advice);
    expect(server.err).not.toMatch(/node:internal|\.ts:\d+/);
    expect(server.out).not.toContain('listening');
  };

  it('one that another process holds, which goes on as if nothing had been', async () => {
    const first = dev(['--no-demo']);
    const url = await first.listening();
    await refused(dev(['--no-demo']), /in use by another process. Stop that one first, or name another/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('one that a newer release has written, and it is left as it is', async () => {
    const first = dev(['--no-demo']);
    await first.listening();
    await first.stop('SIGTERM');
    const database = new SqliteDatabase(inData('tenon.db'));
    database.connection.exec('PRAGMA user_version = 1000');
    database.close();
    await refused(dev(), /written by a newer release. Start that release, or name another/);
    expect(existsSync(inData('demo-key'))).toBe(false);
  });

  it('one that is a file', async () => {
    writeFileSync(inData(), 'precious');
    await refused(dev(), /taken by something that is not a folder/);
    expect(readFileSync(inData(), 'utf8')).toBe('precious');
  });

  it('one whose database is damaged', async () => {
    const first = dev(['--no-demo']);
    await first.listening();
    await first.stop('SIGTERM');
    writeFileSync(
      inData('tenon.db'),
      'this is no database, and it is longer than a header of one hundred bytes. '.repeat(99),
    );
    await refused(dev(), /damaged or is not a database. Restore the folder from a backup/);
  });

  it('one that this user may not write to', async (context) => {
    if (process.getuid?.() === 0) context.skip('root may write everywhere');
    if (process.getuid === undefined) context.skip('this system has no Unix permissions');
    chmodSync(folder.path, 0o555);
    await refused(dev(), /cannot be written to. Give this user write permission/);
    chmodSync(folder.path, 0o755);
  });
});

describe('the end of the process', () => {
  const BODY = `
    await step.do('before', async () => note('before'));
    await step.do('held', async ({ attempt }) => note('held', attempt === 1 ? '?hold=gate' : ''));
    return await step.do('after', async () => note('after'));`;
  const env = { TENON_OPERATOR_KEY: 'the-operator' };
  const ARGS = ['--no-demo', '--allow-private-egress'];

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`by ${signal} while a callback runs loses nothing: the next start goes on with that step`, async () => {
      const server = dev(ARGS, env);
      const tenant = await tenantOn(await server.listening(), 'the-operator', signal.toLowerCase());
      await tenant.deploy(workflow(BODY));
      const { id } = await tenant.create();
      await tenant.noting('held');
      const since = Date.now();
      const code = await server.stop(signal);
      if (signal === 'SIGTERM') {
        expect(code).toBe(0);
        expect(Date.now() - since).toBeLessThan(5_000);
      }
      const moved = movedTo(await dev(ARGS, env).listening(), tenant);
      const detail = await moved.instance(id).finished();
      expect(detail).toMatchObject({ status: 'complete', output: '1' });
      expect(tenant.noted).toEqual(['before', 'held', 'held', 'after']);
      expect(detail.steps[1].attempts).toHaveLength(2);
    });
  }

  it('by SIGTERM lets a long poll have its answer and refuses what comes later', async () => {
    const server = dev(ARGS, env);
    const url = await server.listening();
    const tenant = await tenantOn(url, 'the-operator', 'polling');
    await tenant.deploy(workflow("await step.sleep('long', '1 hour');"));
    const instance = await tenant.create();
    await instance.waiting('long');
    const poll = tenant.api.call('GET', `${instance.path}?wait=20`);
    // Under way once a later request has been answered.
    await tenant.api.expect(200, 'GET', instance.path);
    expect(await server.stop('SIGTERM')).toBe(0);
    expect((await poll).body).toMatchObject({ id: instance.id, status: 'waiting' });
    await eventually('the address to be free', () =>
      fetch(url).then(
        () => undefined,
        () => true,
      ),
    );
  });
});

/** As a person would: the line goes to a shell, and where there is no curl its parts go to fetch. Gives the JSON answered. */
const follow = async (line: string): Promise<unknown> => {
  const shell = spawnSync(
    'sh',
    ['-c', `command -v curl >/dev/null || exit 66; ${line.replace('curl ', 'curl -sS --fail-with-body ')}`],
    { encoding: 'utf8' },
  );
  if (shell.status !== 66) {
    expect({ line, status: shell.status, err: shell.stderr }).toEqual({ line, status: 0, err: '' });
    return JSON.parse(shell.stdout);
  }
  const [, file = ''] = /\$\(cat (\S+)\)/.exec(line) ?? [];
  const [, data] = / -d '([^']*)'/.exec(line) ?? [];
  const [, target = ''] = /(http:\/\/[^\s']+)/.exec(line) ?? [];
  const response = await fetch(target, {
    method: line.includes('-X POST') ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${keyIn(file)}`, 'content-type': 'application/json' },
    ...(data === undefined ? {} : { body: data }),
  });
  expect(response.ok, line).toBe(true);
  return response.json();
};
