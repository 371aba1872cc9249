import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const cwd = mkdtempSync(join(tmpdir(), 'tenon-dev-'));
let server: Started;

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<number | null>;
  /** Everything on its standard output and error. */
  said(): string;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The program as a person runs it, in a folder that holds `.tenon`. */
const spawnTenon = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [join(ROOT, 'bin/tenon.ts'), ...args], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const tenon = (...args: string[]): Promise<Ended> =>
  new Promise((done) => {
    const child = spawnTenon(args);
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk.toString('utf8');
    });
    child.once('close', (code) => done({ code, out, err }));
  });

const start = (...more: string[]): Promise<Started> =>
  new Promise((done, fail) => {
    const child = spawnTenon(['dev', '--port', '0', '--no-demo', ...more]);
    const ended = new Promise<number | null>((gone) => child.once('exit', gone));
    let said = '';
    const take = (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const url = /^listening (http:\S+)$/m.exec(said)?.[1];
      if (url !== undefined) done({ child, url, ended, said: () => said });
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    void ended.then(() => fail(new Error(said)));
  });

beforeAll(async () => {
  server = await start();
}, 30_000);

afterAll(async () => {
  server.child.kill('SIGKILL');
  await server.ended;
  rmSync(cwd, { recursive: true, force: true });
});

/** A command against the server, as tenant acme. */
const acme = (...args: string[]): Promise<Ended> => tenon(...args, '--url', server.url, '--tenant', 'acme');

describe('tenon dev', () => {
  test('keeps the operator key where only its owner may read it, and the commands find it there', async () => {
    expect(statSync(join(cwd, '.tenon', 'operator-key')).mode & 0o777).toBe(0o600);
    const { code, out } = await tenon('tenants', 'create', 'acme', '--url', server.url);
    expect(code).toBe(0);
    expect(out).toContain('Tenant acme is made.');
  });

  test('takes a workflow from the file to its output', async () => {
    const deployed = await acme('deploy', join(ROOT, 'tenant-examples/hello/workflow.ts'));
    expect(deployed.err).toBe('');
    expect(deployed.out).toContain('is active: Hello');
    const triggered = await acme('trigger', 'Hello', '{"name":"Grace"}', '--id', 'first', '--wait');
    expect(triggered.code).toBe(0);
    expect(triggered.out).toContain('Instance first of Hello is complete.');
    expect(triggered.out).toContain('"greeting": "Hello, Grace!"');
  });

  test('describes the newest instance with its steps', async () => {
    const { out } = await acme('instances', 'describe', 'Hello');
    expect(out).toMatch(/^Hello first {2}complete$/m);
    expect(out).toMatch(/✓ greet\s+\d+ ms/);
    expect(out).toMatch(/✓ take a breath\s+slept \d+ ms/);
    expect(out).toMatch(/→ "Hello, Grace!"/);
  });

  test('starts, signals and shows an approval', async () => {
    await acme('deploy', join(ROOT, 'tenant-examples/approval-chain/workflow.ts'));
    const input = readFileSync(join(ROOT, 'tenant-examples/approval-chain/input.json'), 'utf8');
    await acme('trigger', 'ApprovalChain', input, '--id', 'trip');
    const payload = '{"approved":false,"by":"grace"}';
    const sent = await acme(
      'instances',
      'send-event',
      'ApprovalChain',
      'trip',
      '--type',
      'approval',
      '--payload',
      payload,
    );
    expect(sent.out).toContain('was accepted');
    const { out } = await acme('instances', 'list', 'ApprovalChain', '--json');
    expect(JSON.parse(out).instances[0].id).toBe('trip');
  });

  test('a mistake in a file is shown where it stands', async () => {
    const broken = join(cwd, 'broken.ts');
    writeFileSync(broken, 'const a = 1;\nconst b = = 2;\n');
    const { code, err } = await acme('deploy', broken);
    expect(code).toBe(1);
    expect(err).toContain(`${broken}:2:11`);
    expect(err).toContain('  const b = = 2;\n            ^');
  });

  test('a data folder that another process holds is told in one line, with exit code 1', async () => {
    const { code, err } = await tenon('dev', '--port', '0', '--no-demo');
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(/^error: /);
  });

  test('a port that is taken is told in one line, with exit code 1', async () => {
    const { port } = new URL(server.url);
    const { code, err } = await tenon('dev', '--port', port, '--no-demo', '--data', 'other');
    expect(code).toBe(1);
    expect(err.trim()).toBe(`error: port ${port} on 127.0.0.1 is taken: stop who uses it, or write --port <number>`);
  });

  test('SIGTERM ends it with exit code 0, and the next start goes on with the same data', async () => {
    const since = Date.now();
    server.child.kill('SIGTERM');
    expect(await server.ended, server.said()).toBe(0);
    expect(Date.now() - since).toBeLessThan(5_500);
    server = await start();
    const { out } = await acme('instances', 'describe', 'Hello', 'first');
    expect(out).toContain('complete');
  });
});
