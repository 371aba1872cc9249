import { afterEach, describe, expect, test } from 'vitest';
import { NEXT_STEPS } from '../../lib/cli/next-steps.ts';
import { PROBLEMS } from '../../lib/http/problems.ts';
import { tenon } from './command-line.ts';
import { RecordingServer, type Reply } from './recording-server.ts';

const servers: RecordingServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const against = async (args: readonly string[], replies: Readonly<Record<string, Reply | readonly Reply[]>>) => {
  const server = new RecordingServer(replies);
  await server.listen();
  servers.push(server);
  return tenon([...args, '--url', server.url, '--tenant', 'acme']);
};

const W = '/v1/tenants/acme/workflows/W';
const problem = (status: number, code: string, detail: string, more: object = {}): Reply => ({
  status,
  json: { type: 'about:blank', title: 'Refused', status, code, detail, ...more },
});

describe('exit codes', () => {
  test('1: the server refused, and its detail, the code and what to do next are told', async () => {
    const { code, out, err } = await against(['trigger', 'W'], {
      [`POST ${W}/instances`]: problem(409, 'version.none_active', 'No version is active.'),
    });
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toBe('error: No version is active. (version.none_active)\nDeploy first: "tenon deploy <file>".');
  });

  test('1: bad fields are told one by one', async () => {
    const errors = [{ path: 'id', message: 'Workflow instance has invalid id' }];
    const { err } = await against(['trigger', 'W', '--id', 'a b'], {
      [`POST ${W}/instances`]: problem(422, 'request.invalid', 'The body is not valid.', { errors }),
    });
    expect(err).toContain('  id: Workflow instance has invalid id');
  });

  test('1: with --json the problem is printed as it came', async () => {
    const { code, out } = await against(['trigger', 'W', '--json'], {
      [`POST ${W}/instances`]: problem(404, 'workflow.not_found', 'No workflow W.'),
    });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ code: 'workflow.not_found', status: 404 });
  });

  test.each([
    ['no command', []],
    ['an unknown command', ['launch']],
    ['an unknown flag', ['trigger', 'W', '--colour']],
    ['a missing argument', ['instances', 'pause', 'W']],
    ['a missing required flag', ['instances', 'send-event', 'W', 'i']],
    ['a choice that is none', ['instances', 'restart', 'W', 'i', '--from-step-name', 's', '--from-step-type', 'x']],
    ['a count that is none', ['instances', 'restart', 'W', 'i', '--from-step-name', 's', '--from-step-count', '0']],
    ['a step count without its name', ['instances', 'restart', 'W', 'i', '--from-step-count', '2']],
    ['params that are no JSON', ['trigger', 'W', '{a:1}']],
    ['params twice', ['trigger', 'W', '1', '--params', '2']],
    ['a date that is none', ['instances', 'list', 'W', '--date-start', 'yesterday']],
    ['two egress policies', ['tenants', 'create', 'x', '--egress', 'none', '--allow', 'a.example']],
    ['a tenant deleted without a second word', ['tenants', 'delete', 'acme']],
    ['a file that is not there', ['deploy', 'nothing.ts']],
    ['a port that is none', ['dev', '--port', 'http']],
  ])('2: %s', async (_what, args) => {
    const { code, err } = await tenon([...args], { env: { TENON_TENANT: 'acme', TENON_URL: 'http://127.0.0.1:9' } });
    expect(code).toBe(2);
    expect(err).not.toBe('');
  });

  test('2: no tenant is named, and the message says how to', async () => {
    const { code, err } = await tenon(['env', 'list', '--url', 'http://127.0.0.1:9']);
    expect(code).toBe(2);
    expect(err).toContain('--tenant');
  });

  test('3: nobody answers at that address', async () => {
    const { code, err } = await tenon(['tenants', 'list', '--url', 'http://127.0.0.1:9']);
    expect(code).toBe(3);
    expect(err).toContain('http://127.0.0.1:9');
    expect(err).toContain('tenon dev');
  });

  test.each(['errored', 'terminated'])('4: with --wait, the instance ended as %s', async (status) => {
    const error = { name: 'TypeError', message: 'why', stack: 'TypeError: why\n    at index.ts:3:9' };
    const { code, out } = await against(['trigger', 'W', '--wait'], {
      [`POST ${W}/instances`]: { status: 201, json: { id: 'i', status, version: 'v', error } },
    });
    expect(code).toBe(4);
    expect(out).toBe(`Instance i of W is ${status}.\nTypeError: why\n    at index.ts:3:9`);
  });

  test('0: with --wait, it asks again until the instance has finished, and prints the output', async () => {
    const server: Readonly<Record<string, Reply | readonly Reply[]>> = {
      [`POST ${W}/instances`]: { status: 201, json: { id: 'i', status: 'running', version: 'v' } },
      [`GET ${W}/instances/i`]: [
        { json: { id: 'i', status: 'waiting' } },
        { json: { id: 'i', status: 'complete', output: { n: 1 } } },
      ],
    };
    const { code, out } = await against(['trigger', 'W', '--wait'], server);
    expect(code).toBe(0);
    expect(out).toBe('Instance i of W is complete.\n{\n  "n": 1\n}');
  });

  test('0: help, which names the exit codes', async () => {
    const { code, out } = await tenon(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('Exit codes:\n  0  done');
  });
});

describe('what to do next', () => {
  /** Of calls that no command makes: by code, by a link, by a browser. */
  const NO_COMMAND = [
    'request.malformed',
    'request.method_not_allowed',
    'route.not_found',
    'fetch.not_exported',
    'deferred.not_found',
    'deferred.settled',
    'download.not_found',
  ];

  test('is said with every refusal that a command may meet', () => {
    expect(Object.keys(NEXT_STEPS).toSorted()).toEqual(
      Object.keys(PROBLEMS)
        .filter((code) => !NO_COMMAND.includes(code))
        .toSorted(),
    );
  });

  test('names commands and options that there are', async () => {
    const env = { TENON_URL: 'http://127.0.0.1:9', TENON_KEY: 'none', TENON_TENANT: 'acme' };
    for (const text of Object.values(NEXT_STEPS)) {
      for (const [, words = ''] of text.matchAll(/"tenon ([^"]+)"/g)) {
        const { code } = await tenon([...words.split(' '), '--help'], { env });
        expect({ words, code }).toEqual({ words, code: 0 });
      }
    }
  });

  test('an answer of somebody else is told as one', async () => {
    const { code, err } = await against(['tenants', 'list'], {
      'GET /v1/tenants': { status: 418, json: { error: 'a teapot' } },
    });
    expect(code).toBe(1);
    expect(err).toContain('Is that a Tenon server of this release?');
  });
});
