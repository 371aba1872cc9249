import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_COMMANDS } from '../../lib/infra/sandbox-commands.ts';

let folder: string;
let server: Server;
let result: Buffer | undefined;

/** Gives a workspace with one file, as a presigned link would, and takes the result. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-sandbox-'));
  result = undefined;
  writeFileSync(join(folder, 'greeting.txt'), 'hello\n');
  const workspace = execFileSync('tar', ['--create', '--gzip', '--directory', folder, 'greeting.txt']);
  server = createServer(async (request, response) => {
    if (request.url === '/workspace') return void response.end(workspace);
    if (request.url !== '/result') return void response.writeHead(403).end();
    result = await buffer(request);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** As CodeBuild runs them: one shell, and a command that fails ends the build. Gives the build's exit code. */
const build = async (command: string, { workspace = 'workspace' } = {}): Promise<number> => {
  const { port } = server.address() as AddressInfo;
  const shell = spawn('bash', ['-e', '-c', SANDBOX_COMMANDS.join('\n')], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      TMPDIR: folder,
      COMMAND: command,
      WORKSPACE_URL: `http://127.0.0.1:${port}/${workspace}`,
      RESULT_URL: `http://127.0.0.1:${port}/result`,
    },
  });
  const [code] = await once(shell, 'exit');
  return code;
};

const unpacked = (file: string): string => {
  writeFileSync(join(folder, 'result.tar.gz'), result ?? '');
  execFileSync('tar', ['--extract', '--gzip', '--file', 'result.tar.gz'], { cwd: folder });
  return readFileSync(join(folder, file), 'utf8');
};

describe.skipIf(process.platform !== 'linux')('a build of a heavy step (its image is Linux, with GNU tools)', () => {
  it('runs the command in the workspace and gives back what it left and what it said', async () => {
    expect(await build('cat greeting.txt; echo oh >&2; echo "$((6 * 7))" > answer.txt')).toBe(0);
    expect(unpacked('exit-code')).toBe('0\n');
    expect(unpacked('output.log')).toBe('hello\noh\n');
    expect(unpacked('workspace/answer.txt')).toBe('42\n');
  });

  it('succeeds where the command fails, and tells its exit code', async () => {
    expect(await build('echo no; exit 3')).toBe(0);
    expect(unpacked('exit-code')).toBe('3\n');
    expect(unpacked('output.log')).toBe('no\n');
  });

  it('fails where the workspace cannot be had, and gives no result', async () => {
    expect(await build('true', { workspace: 'expired' })).not.toBe(0);
    expect(result).toBeUndefined();
  });
});
