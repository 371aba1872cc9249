import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testSnapshots } from '../contracts/sandbox-snapshots.ts';
import { until } from './sandbox-processes.ts';
import { SandboxWorld, whyNotContained } from './sandbox-world.ts';

const reason = await whyNotContained();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
let world: SandboxWorld;

let isOpen = false;

beforeEach(() => {
  world = new SandboxWorld();
  isOpen = false;
});
afterEach(() => world.close());

describe.skipIf(reason !== undefined)(`a sandboxed command${reason === undefined ? '' : ` (${reason})`}`, () => {
  testSnapshots({
    run: async (work) => {
      if (!isOpen) await world.open();
      isOpen = true;
      return world.start(work);
    },
    removeTenant: (tenant) => world.sandbox.removeTenant(tenant),
  });

  it('gives its exit code and both streams apart', async () => {
    await world.open();
    expect(await world.run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      kind: 'exited',
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      isStdoutCut: false,
      isStderrCut: false,
    });
  });

  it('gets its arguments as they are, and no shell reads them', async () => {
    await world.open();
    const args = ['$HOME', "it's", '"', '*', ' ', '', '\n', 'A=B', '--help', '\\'];
    const end = await world.run(['printf', '[%s]', ...args]);
    expect(end).toMatchObject({ stdout: args.map((arg) => `[${arg}]`).join('') });
  });

  it('fails with 127 where there is no such program', async () => {
    await world.open();
    const end = await world.run(['no-such-program']);
    expect(end).toMatchObject({ kind: 'exited', exitCode: 127, stderr: expect.stringContaining('no-such-program') });
  });

  it('fails with 128 and the number of the signal that ended it', async () => {
    await world.open();
    expect(await world.run(['sh', '-c', 'kill -9 $$'])).toMatchObject({ kind: 'exited', exitCode: 137 });
  });

  it('has nothing in its environment but what it was given, PATH, HOME and LANG', async () => {
    await world.open();
    const env = { A: '1', TEXT: 'two words\nand "a line"', LD_PRELOAD: '', __proto: 'x' };
    const found = await world.say('cat /proc/self/environ | tr "\\0" "\\n" | grep -o "^[A-Za-z_]*=" | sort', { env });
    // The shell adds where it is.
    expect(found).toBe('A=\nHOME=\nLANG=\nLD_PRELOAD=\nPATH=\nPWD=\nTEXT=\n__proto=\n');
    expect(await world.say('printf %s "$TEXT"', { env })).toBe(env.TEXT);
  });

  it('finds the files of its workspace again, one command after another', async () => {
    await world.open();
    await world.say('echo kept > file', { workspace: 'build' });
    expect(await world.say('cat file; pwd', { workspace: 'build' })).toBe('kept\n/workspace\n');
    expect(await world.say('ls', { workspace: 'other' })).toBe('');
    expect(await world.say('ls -A')).toBe('');
  });

  it('does not find the workspace of another tenant, whatever its name', async () => {
    await world.open();
    await world.say('echo secret > acme-only', { workspace: 'build' });
    const search = 'ls -A; cat ../*/acme-only ../*/*/acme-only ../acme-only 2> /dev/null; ls / | tr "\\n" " "';
    expect(await world.say(search, { tenant: 'globex', workspace: 'build' })).toMatch(
      /^bin dev etc lib .*usr workspace $/,
    );
  });

  it('keeps no files where it names no workspace', async () => {
    await world.open();
    await world.say('mkdir -p closed/inside && touch closed/inside/file && chmod 0 closed/inside closed');
    expect(readdirSync(join(world.folder.path, 'sandboxes/.once'))).toEqual([]);
  });

  it('is ended when its time is over, with all that it started', async () => {
    await world.open();
    const end = await world.run(['sh', '-c', 'setsid sleep 1000 & sleep 1000'], { timeoutMs: 500, workspace: 'w' });
    expect(end).toEqual({ kind: 'failed', reason: 'timed_out', message: 'The command did not end within 0.5 s.' });
    expect(await world.say('echo free', { workspace: 'w' })).toBe('free\n');
  });

  it('does not wait for what it leaves in the background', async () => {
    await world.open();
    expect(await world.say('setsid sleep 1000 & echo done')).toBe('done\n');
  });

  it('shows much output cut in the middle, and keeps it whole as a log', async () => {
    await world.open();
    const end = await world.run(['sh', '-c', 'echo begin; seq 1000000; echo end; echo "a word" >&2'], {
      token: 'much',
    });
    if (end.kind !== 'exited') throw new Error(JSON.stringify(end));
    expect(end).toMatchObject({ exitCode: 0, isStdoutCut: true, isStderrCut: false, stderr: 'a word\n' });
    expect(end.stdout).toMatch(/^begin\n1\n2\n[\s\S]*\n\[\.\.\. \d+ bytes left out \.\.\.\]\n[\s\S]*\n1000000\nend\n$/);
    expect(JSON.stringify(end).length).toBeLessThan(1_040_000);
    const log = Buffer.from((await world.blobs.get(`acme/sandbox/${sha256('much')}.log`)) ?? []).toString('utf8');
    expect(log).toContain('\n500000\n');
    expect(log).toContain('a word\n');
  });

  it('waits for its turn, tenant by tenant, and is alone in its workspace', async () => {
    await world.open({ maxAtOnce: 2 });
    const script = 'test ! -e busy && touch busy && sleep 0.3 && rm busy && echo alone';
    const ends = [];
    for (const [token, tenant] of [
      ['first', 'acme'],
      ['second', 'acme'],
      ['third', 'acme'],
      ['other', 'globex'],
    ] as const) {
      ends.push(world.end(token));
      const command = ['sh', '-c', script];
      await world.sandbox.start({ kind: 'command', tenant, token, command, env: {}, timeoutMs: 9_000, workspace: 'w' });
    }
    for (const { end } of await Promise.all(ends)) expect(end).toMatchObject({ stdout: 'alone\n' });
    const order = world.told.map(({ token }) => token);
    expect(order.filter((token) => token !== 'other')).toEqual(['first', 'second', 'third']);
    expect(order.indexOf('other')).toBeLessThan(order.indexOf('second'));
  });

  it('is started once, however often its token comes', async () => {
    await world.open();
    const command = {
      tenant: 'acme',
      token: 'once',
      command: ['sh', '-c', 'echo x >> count'],
      env: {},
      timeoutMs: 9_000,
    };
    const ended = world.end('once');
    await Promise.all([1, 2, 3].map(() => world.sandbox.start({ kind: 'command', ...command, workspace: 'w' })));
    await ended;
    expect(await world.say('cat count', { workspace: 'w' })).toBe('x\n');
  });

  it('is refused where a tenant has a hundred that wait', async () => {
    await world.open({ maxAtOnce: 1 });
    const start = (token: string) =>
      world.sandbox.start({
        kind: 'command',
        tenant: 'acme',
        token,
        command: ['sleep', '1000'],
        env: {},
        timeoutMs: 60_000,
      });
    for (let index = 0; index <= 100; index += 1) await start(`t-${index}`);
    await expect(start('more')).rejects.toThrow('no more fit');
    const other = world.sandbox.start({
      kind: 'command',
      tenant: 'globex',
      token: 'o',
      command: ['true'],
      env: {},
      timeoutMs: 60_000,
    });
    await expect(other).resolves.toBeUndefined();
  });

  it('goes with its tenant: what runs, what waits and every file', async () => {
    await world.open({ maxAtOnce: 1 });
    const start = (token: string, tenant: string, workspace: string) =>
      world.sandbox.start({
        kind: 'command',
        tenant,
        token,
        workspace,
        command: ['sleep', '1000'],
        env: {},
        timeoutMs: 60_000,
      });
    await world.say('touch kept', { tenant: 'globex', workspace: 'w' });
    await start('running', 'acme', 'a');
    await start('waiting', 'acme', 'b');
    await world.sandbox.removeTenant('acme');
    expect(await world.say('ls', { tenant: 'globex', workspace: 'w' })).toBe('kept\n');
    expect(world.told.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
    expect(readdirSync(join(world.folder.path, 'sandboxes')).toSorted()).toEqual([
      '.commands',
      '.once',
      '.root',
      '.snapshots',
      'globex',
    ]);
    await until(() => readdirSync(join(world.folder.path, 'sandboxes/.commands')).length === 0);
  });
});
