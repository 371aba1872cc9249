import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_COMMANDS } from '../../lib/infra/sandbox-commands.ts';

let folder: string;
let server: Server;
let command: string;
let workspace: Buffer;
let result: Buffer | undefined;

/** Gives command and workspace with one file, as presigned links would, and takes the result. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenon-sandbox-'));
  result = undefined;
  mkdirSync(join(folder, 'workspace'));
  writeFileSync(join(folder, 'workspace/greeting.txt'), 'hello\n');
  workspace = execFileSync('tar', ['--create', '--gzip', '--directory', folder, 'workspace']);
  server = createServer(async (request, response) => {
    if (request.url === '/workspace') return void response.end(workspace);
    if (request.url === '/command') return void response.end(command);
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
const build = async (text: string, { workspaceName = 'workspace' } = {}): Promise<number> => {
  command = text;
  const { port } = server.address() as AddressInfo;
  const shell = spawn('bash', ['-e', '-c', SANDBOX_COMMANDS.join('\n')], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      TMPDIR: folder,
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/credentials',
      COMMAND_URL: `http://127.0.0.1:${port}/command`,
      WORKSPACE_URL: `http://127.0.0.1:${port}/${workspaceName}`,
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
  it('runs the command in the workspace and gives back what it left and what it said, each stream apart', async () => {
    expect(await build('cat greeting.txt; echo oh >&2; echo "$((6 * 7))" > answer.txt')).toBe(0);
    expect(unpacked('exit-code')).toMatch(/^0 \d+\n$/);
    expect(unpacked('stdout.head')).toBe('hello\n');
    expect(unpacked('stderr.head')).toBe('oh\n');
    expect(unpacked('output.log')).toBe('hello\noh\n');
    expect(unpacked('workspace/answer.txt')).toBe('42\n');
  });

  it('gives the next build its workspace by the archive of this one', async () => {
    await build('echo kept > kept.txt');
    workspace = result ?? Buffer.alloc(0);
    await build('cat greeting.txt kept.txt');
    expect(unpacked('stdout.head')).toBe('hello\nkept\n');
  });

  it('succeeds where the command fails, and tells its exit code', async () => {
    expect(await build('echo no; exit 3')).toBe(0);
    expect(unpacked('exit-code')).toMatch(/^3 \d+\n$/);
    expect(unpacked('stdout.head')).toBe('no\n');
  });

  it('keeps beginning, end and size of a long stream', async () => {
    await build('head --bytes=1000000 /dev/zero | tr "\\0" x; echo end');
    expect(unpacked('stdout.head')).toBe('x'.repeat(262_144));
    expect(unpacked('stdout.tail')).toBe(`${'x'.repeat(262_140)}end\n`);
    expect(unpacked('stdout.size')).toBe('1000004\n');
    expect(unpacked('stderr.head') + unpacked('stderr.tail')).toBe('');
    expect(unpacked('output.log')).toHaveLength(1_000_004);
  });

  it('hands the command neither the links nor the build’s credentials', async () => {
    await build('env | cut -d= -f1 | sort');
    expect(unpacked('stdout.head').split('\n')).toEqual(['HOME', 'LANG', 'PATH', 'PWD', 'SHLVL', '_', '']);
  });

  it.each(['expired', 'command'])('fails where the workspace cannot be had (%s), and gives no result', async (name) => {
    expect(await build('true', { workspaceName: name })).not.toBe(0);
    expect(result).toBeUndefined();
  });
});
