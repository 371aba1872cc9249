import { describe, expect, it } from 'vitest';
import { MAX_SNAPSHOTS } from '../../lib/core/limits.ts';
import type { SandboxEnd, SandboxWork, SnapshotTask } from '../../lib/ports/sandbox.ts';

export interface SnapshotWorld {
  /** Has it done and gives its end. */
  run(work: SandboxWork): Promise<SandboxEnd | undefined>;
  removeTenant(tenant: string): Promise<void>;
}

type Unaddressed<Task> = Task extends unknown ? Omit<Task, 'tenant' | 'token'> : never;

/** What holds of snapshots in every sandbox; each case has a world of its own. */
export const testSnapshots = (world: SnapshotWorld): void => {
  let tokens = 0;
  const nextToken = (): string => {
    tokens += 1;
    return `snapshots-${tokens}`;
  };
  const say = async (workspace: string, script: string, tenant = 'acme'): Promise<string> => {
    const command = ['sh', '-c', script];
    const base = { kind: 'command', tenant, token: nextToken(), env: {}, timeoutMs: 60_000 } as const;
    const end = await world.run({ ...base, command, workspace });
    if (end?.kind !== 'exited' || end.exitCode !== 0) throw new Error(JSON.stringify(end));
    return end.stdout;
  };
  const task = (asked: Unaddressed<SnapshotTask>, tenant = 'acme'): Promise<SandboxEnd | undefined> =>
    world.run({ ...asked, tenant, token: nextToken() } as SnapshotTask);
  const take = (workspace: string, snapshot: string) => task({ kind: 'take', workspace, snapshot });
  const restore = (snapshot: string, workspace: string) => task({ kind: 'restore', workspace, snapshot });

  describe('a snapshot of a workspace', () => {
    it('gives any workspace back what it was taken of, with modes, times and links, and nothing else', async () => {
      await say(
        'one',
        'mkdir -p deep/er && echo kept > deep/er/file && ln -s deep/er/file link && chmod 750 deep/er/file && touch -d 2020-02-02T02:02:02Z deep/er/file',
      );
      const taken = await take('one', 'first');
      expect(taken).toMatchObject({ kind: 'taken', workspace: 'one', isNew: true, snapshot: { name: 'first' } });
      await say('two', 'echo other > other');
      expect(await restore('first', 'two')).toMatchObject({ kind: 'restored', snapshot: { name: 'first' } });
      const look = 'ls; readlink link; cat link; stat -c "%a %Y" deep/er/file';
      expect(await say('two', look)).toBe('deep\nlink\ndeep/er/file\nkept\n750 1580608922\n');
    });

    it('stays as it is, whatever becomes of the workspaces', async () => {
      await say('one', 'echo before > file');
      await take('one', 'first');
      await say('one', 'echo after > file');
      await restore('first', 'two');
      await say('two', 'echo more >> file; rm -f nothing');
      await restore('first', 'one');
      expect(await say('one', 'cat file')).toBe('before\n');
      await say('one', 'rm file');
      await restore('first', 'three');
      expect(await say('three', 'cat file')).toBe('before\n');
    });

    it('keeps its name: the next one of that name leaves it as it is, and says so', async () => {
      await say('one', 'echo 1 > file');
      const first = await take('one', 'first');
      await say('one', 'echo 2 > file');
      expect(await take('one', 'first')).toEqual({ ...first, isNew: false });
      await restore('first', 'one');
      expect(await say('one', 'cat file')).toBe('1\n');
    });

    it('is listed, and removed by name', async () => {
      expect(await task({ kind: 'list' })).toEqual({ kind: 'listed', snapshots: [] });
      await say('one', 'echo 1 > file');
      const [a, b] = [await take('one', 'a'), await take('one', 'b')];
      const snapshots = [a, b].map((end) => (end?.kind === 'taken' ? end.snapshot : undefined));
      expect(snapshots[0]?.bytes).toBeGreaterThan(0);
      expect(Math.abs((snapshots[0]?.takenAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await task({ kind: 'list' })).toEqual({ kind: 'listed', snapshots });
      expect(await task({ kind: 'remove', snapshot: 'a' })).toEqual({ kind: 'removed', existed: true });
      expect(await task({ kind: 'remove', snapshot: 'a' })).toEqual({ kind: 'removed', existed: false });
      expect(await task({ kind: 'list' })).toEqual({ kind: 'listed', snapshots: [snapshots[1]] });
      expect(await restore('a', 'one')).toEqual({ kind: 'restored' });
    });

    it('that is not there changes no workspace', async () => {
      await say('one', 'echo 1 > file');
      expect(await restore('first', 'one')).toEqual({ kind: 'restored' });
      expect(await say('one', 'cat file')).toBe('1\n');
    });

    it('is not taken of a workspace that no command has made', async () => {
      const end = await take('none', 'first');
      expect(end).toMatchObject({ kind: 'failed', message: expect.stringContaining('(snapshot.no_workspace)') });
      expect(await restore('first', 'one')).toEqual({ kind: 'restored' });
    });

    it('is its tenant’s alone, and goes with it', async () => {
      await say('one', 'echo secret > file');
      await take('one', 'first');
      const asGlobex = (asked: Unaddressed<SnapshotTask>) => task(asked, 'globex');
      expect(await asGlobex({ kind: 'restore', snapshot: 'first', workspace: 'one' })).toEqual({ kind: 'restored' });
      expect(await asGlobex({ kind: 'list' })).toEqual({ kind: 'listed', snapshots: [] });
      expect(await asGlobex({ kind: 'remove', snapshot: 'first' })).toEqual({ kind: 'removed', existed: false });
      await world.removeTenant('globex');
      expect(await restore('first', 'one')).toMatchObject({ snapshot: { name: 'first' } });
      await world.removeTenant('acme');
      expect(await task({ kind: 'list' })).toEqual({ kind: 'listed', snapshots: [] });
    });

    it('is one of a bounded number', async () => {
      await say('one', 'echo 1 > file');
      for (let at = 0; at < MAX_SNAPSHOTS; at += 1) {
        expect(await take('one', `s-${at}`)).toMatchObject({ kind: 'taken', isNew: true });
      }
      const message = expect.stringMatching(/^\(snapshot\.quota_exceeded\) .*deleteSnapshot/);
      expect(await take('one', 'more')).toMatchObject({ kind: 'failed', reason: 'out_of_bounds', message });
      await task({ kind: 'remove', snapshot: 's-0' });
      expect(await take('one', 'more')).toMatchObject({ kind: 'taken', isNew: true });
    });
  });
};
