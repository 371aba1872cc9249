import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotTask } from '../../lib/ports/sandbox.ts';
import { until } from './sandbox-processes.ts';
import { SandboxWorld, whyNotContained } from './sandbox-world.ts';

const reason = await whyNotContained();
let world: SandboxWorld;
const at = (...parts: readonly string[]): string => join(world.folder.path, 'sandboxes', ...parts);

const take = (token: string, workspace = 'w'): SnapshotTask => ({
  kind: 'take',
  tenant: 'acme',
  token,
  workspace,
  snapshot: 's',
});
const restore = (token: string, workspace = 'w'): SnapshotTask => ({
  kind: 'restore',
  tenant: 'acme',
  token,
  workspace,
  snapshot: 's',
});

beforeEach(() => {
  world = new SandboxWorld();
});
afterEach(() => world.close());

describe.skipIf(reason !== undefined)(`snapshots on one machine${reason === undefined ? '' : ` (${reason})`}`, () => {
  it('wait until the command in their workspace has ended', async () => {
    await world.open({ maxAtOnce: 8 });
    const said = world.say('echo 1 > file; sleep 0.5; echo 2 > file', { workspace: 'w' });
    await until(() => readdirSync(at()).includes('acme'));
    const taken = world.start(take('t-1'));
    await said;
    expect(await taken).toMatchObject({ isNew: true });
    await world.start(restore('t-2', 'v'));
    expect(await world.say('cat file', { workspace: 'v' })).toBe('2\n');
  });

  it('are taken by the next service where the one before was asked for them', async () => {
    const sandbox = await world.open({ maxAtOnce: 1 });
    await world.say('echo kept > file', { workspace: 'w' });
    const command = {
      kind: 'command',
      tenant: 'acme',
      env: {},
      timeoutMs: 60_000,
      command: ['sleep', '1000'],
    } as const;
    await sandbox.start({ ...command, token: 'running' });
    await sandbox.start(take('waiting'));
    await sandbox.close();
    const ended = world.end('waiting');
    await world.open();
    expect((await ended).end).toMatchObject({ kind: 'taken', isNew: true });
  });

  it('leave nothing aside, taken, restored or removed', async () => {
    await world.open();
    await world.say('echo kept > file', { workspace: 'w' });
    await world.start(take('t-1'));
    await world.start(restore('t-2', 'v'));
    await world.start({ kind: 'remove', tenant: 'acme', token: 't-3', snapshot: 's' });
    expect(readdirSync(at('.once'))).toEqual([]);
    expect(readdirSync(at('.snapshots/acme'))).toEqual([]);
  });

  it('are refused of a workspace that holds more than one may', async () => {
    await world.open({ limits: { workspaceBytes: 1_000_000 } });
    // The bound of a command is looked at once a second: this one is done before.
    await world.say('head -c 2000000 /dev/zero > file', { workspace: 'w' });
    expect(await world.start(take('t-1'))).toMatchObject({
      kind: 'failed',
      reason: 'out_of_bounds',
      message: expect.stringContaining('(snapshot.too_large)'),
    });
    expect(readdirSync(at('.snapshots'))).toEqual([]);
  });

  it('hold what a command left however it left it: closed files, holes, pipes, names of one file', async () => {
    await world.open();
    await world.say(
      'truncate -s 900M holes; mkfifo pipe; echo x > a; ln a b; mkdir no; echo y > no/file; chmod 0 no a',
      {
        workspace: 'w',
      },
    );
    const end = await world.start(take('t-1'));
    // A service that is not root cannot read what was closed to its user.
    if (end.kind === 'failed') return expect(end.message).toMatch(/closed|too_large/);
    expect(end.kind === 'taken' && end.snapshot.bytes).toBeLessThan(1_000_000);
    await world.start(restore('t-2', 'v'));
    const look = 'stat -c "%a %F %h" a b holes no pipe; stat -c %s holes; chmod 700 no; cat no/file';
    expect(await world.say(look, { workspace: 'v' })).toBe(
      '0 regular file 2\n0 regular file 2\n644 regular file 1\n0 directory 2\n644 fifo 1\n943718400\ny\n',
    );
  });
});

describe('work that a service before snapshots has accepted', () => {
  it('is a command, and is told as lost where it was under way', async () => {
    mkdirSync(at('.commands'), { recursive: true });
    const command = { tenant: 'acme', token: 'old', command: ['true'], env: {}, timeoutMs: 1_000 };
    writeFileSync(at('.commands', 'a'), JSON.stringify({ kind: 'started', command }));
    const ended = world.end('old');
    await world.open();
    expect((await ended).end).toMatchObject({ kind: 'failed', reason: 'lost' });
  });
});
