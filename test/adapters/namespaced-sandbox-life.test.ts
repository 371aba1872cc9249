import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findContainment } from '../../lib/adapters/embedded/sandbox/find-containment.ts';
import { DEFAULT_SANDBOX_LIMITS } from '../../lib/adapters/embedded/sandbox/namespaced-sandbox.ts';
import { type SandboxCommand, SandboxRefusal } from '../../lib/ports/sandbox.ts';
import { processesWith, until } from './sandbox-processes.ts';
import { SandboxWorld, whyNotContained } from './sandbox-world.ts';

const reason = await whyNotContained();
const isRoot = process.getuid?.() === 0;
const CHILD = join(import.meta.dirname, 'sandbox-child.ts');
const SOMEBODY = 12_345;
let world: SandboxWorld;

beforeEach(() => {
  world = new SandboxWorld();
});
afterEach(() => world.close());

/** A service of its own, as that user, with a data folder of its own. */
const startChild = (
  uid: number,
  command: readonly string[],
): { folder: string; child: ChildProcess; line(): Promise<string> } => {
  const folder = join(world.folder.path, `of-${uid}`);
  mkdirSync(folder, { mode: 0o700 });
  if (isRoot) {
    chmodSync(world.folder.path, 0o711);
    chownSync(folder, uid, uid);
  }
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [CHILD, folder, `${uid}`, ...command], { stdio: [...stdio] });
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  return { folder, child, line: async () => String((await lines.next()).value) };
};

describe.skipIf(reason !== undefined)(
  `sandboxed commands and the service${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    it.skipIf(!isRoot)(
      'are contained as well where the service is not root (needs root, to become somebody)',
      async () => {
        const script = 'id -u; touch made; ls / /etc; cat /proc/self/uid_map; unshare --user true; exit 4';
        const { folder, child, line } = startChild(SOMEBODY, ['sh', '-c', script]);
        expect(await line()).toBe('accepted');
        const end = JSON.parse(await line());
        expect(end).toMatchObject({ kind: 'exited', exitCode: 4, stderr: expect.stringContaining('unshare') });
        expect(end.stdout).toMatch(/^1000\n\/:\nbin\n/);
        expect(end.stdout).not.toContain('shadow');
        expect(statSync(join(folder, 'sandboxes/acme/w/made')).uid).toBe(SOMEBODY);
        await once(child, 'exit');
      },
    );

    it('die with the service, however that dies', async () => {
      const uids = isRoot ? [0, SOMEBODY] : [process.getuid?.() ?? 0];
      for (const uid of uids) {
        const mark = `${100_000 + process.pid}.${Date.now()}`;
        const { child, line } = startChild(uid, ['sh', '-c', `setsid sleep ${mark} & sleep ${mark}`]);
        expect(await line()).toBe('accepted');
        await until(() => processesWith(mark).length >= 3);
        child.kill('SIGKILL');
        await until(() => processesWith(mark).length === 0);
      }
    });

    it('are told as lost by the next service where they were under way, and started where they were not', async () => {
      const sandbox = await world.open({ maxAtOnce: 1 });
      const command = { kind: 'command', tenant: 'acme', env: {}, timeoutMs: 60_000, workspace: 'w' } as const;
      await sandbox.start({ ...command, token: 'running', command: ['sh', '-c', 'touch ran; sleep 1000'] });
      await sandbox.start({ ...command, token: 'waiting', command: ['cat', 'ran'] });
      await until(() => readdirSync(join(world.folder.path, 'sandboxes')).includes('acme'));
      await sandbox.close();
      expect(world.told).toEqual([]);
      const ended = world.end('waiting');
      await world.open();
      expect((await ended).end).toMatchObject({ kind: 'exited' });
      expect(world.told.find(({ token }) => token === 'running')?.end).toEqual({
        kind: 'failed',
        reason: 'lost',
        message: 'The sandbox was lost with its host.',
      });
      await until(() => readdirSync(join(world.folder.path, 'sandboxes/.commands')).length === 0);
    });

    it('are told again until somebody has heard', async () => {
      let tries = 0;
      let heard: () => void = () => {};
      const done = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const deaf = async (): Promise<void> => {
        tries += 1;
        throw new Error('not now');
      };
      const sandbox = await world.open({ onEnd: deaf });
      await sandbox.start({
        kind: 'command',
        tenant: 'acme',
        token: 't',
        command: ['echo', 'hi'],
        env: {},
        timeoutMs: 9_000,
      });
      await until(() => tries > 0);
      await sandbox.close();
      const ends: unknown[] = [];
      await world.open({
        onEnd: async ({ token, end }) => {
          ends.push([token, end]);
          heard();
        },
      });
      await done;
      expect(ends).toEqual([['t', expect.objectContaining({ kind: 'exited', stdout: 'hi\n' })]]);
    });

    it('end unstarted where the next service has sandboxes switched off', async () => {
      const sandbox = await world.open({ maxAtOnce: 1 });
      const command = { kind: 'command', tenant: 'acme', env: {}, timeoutMs: 60_000 } as const;
      await sandbox.start({ ...command, token: 'running', command: ['sleep', '1000'] });
      await sandbox.start({ ...command, token: 'waiting', command: ['true'] });
      await sandbox.close();
      const ended = world.end('waiting');
      await world.open({ isOn: false });
      expect((await ended).end).toMatchObject({ kind: 'failed', reason: 'not_started' });
    });
  },
);

describe.skipIf(reason !== undefined)('a machine that cannot make a sandbox when the time has come', () => {
  it('starts no command, and tells the tenant nothing of how it failed', async () => {
    const find = async () => ({ kind: 'found', containment: 'namespaces' }) as const;
    await world.open({ find });
    rmSync(join(world.folder.path, 'sandboxes/.root'), { recursive: true });
    const end = await world.run(['echo', 'ran'], { token: 't' });
    expect(end).toEqual({ kind: 'failed', reason: 'not_started', message: 'The command could not be started.' });
    expect(String(world.errors[0])).toContain(world.folder.path);
  });
});

describe('a machine that cannot contain a command', () => {
  const find = async () => ({ kind: 'missing', details: ['namespaces: unshare: not permitted'] }) as const;
  const command: SandboxCommand = {
    kind: 'command',
    tenant: 'acme',
    token: 't',
    command: ['pwd'],
    env: {},
    timeoutMs: 9_000,
  };

  it('refuses it, says what the operator can do, and tells the operator why', async () => {
    const sandbox = await world.open({ find });
    await expect(sandbox.start(command)).rejects.toThrow(SandboxRefusal);
    await expect(sandbox.start(command)).rejects.toThrow(/user namespaces.* bubblewrap .*--allow-unsafe-sandbox/);
    expect(world.errors.map(String)).toEqual([
      'Error: No way to contain sandboxed commands: namespaces: unshare: not permitted',
    ]);
  });

  it('runs it as a plain child where the operator allowed that', async () => {
    await world.open({ find, isUnsafeAllowed: true });
    const folder = join(world.folder.path, 'sandboxes/acme/w');
    expect(
      await world.run(['sh', '-c', 'pwd; echo "$HOME"; echo "$A"; exit 5'], { workspace: 'w', env: { A: '1' } }),
    ).toMatchObject({
      exitCode: 5,
      stdout: `${folder}\n${folder}\n1\n`,
    });
  });

  it('ends what a plain child started when its time is over', async () => {
    await world.open({ find, isUnsafeAllowed: true });
    const mark = `${200_000 + process.pid}.${Date.now()}`;
    const end = await world.run(['sh', '-c', `sleep ${mark} & sleep ${mark}`], { timeoutMs: 300 });
    expect(end).toMatchObject({ reason: 'timed_out' });
    await until(() => processesWith(mark).length === 0);
  });

  it('is one whose data folder lies where every command may read', async () => {
    const found = await findContainment({ folder: '/usr/share', root: '/usr/share', limits: DEFAULT_SANDBOX_LIMITS });
    expect(found).toMatchObject({ kind: 'missing', details: [expect.stringContaining('keep it elsewhere')] });
  });
});
