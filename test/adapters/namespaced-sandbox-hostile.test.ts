import { once } from 'node:events';
import { existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesWith, until } from './sandbox-processes.ts';
import { SandboxWorld, whyNotContained } from './sandbox-world.ts';

const reason = await whyNotContained();
let world: SandboxWorld;

beforeEach(() => {
  world = new SandboxWorld();
});
afterEach(() => world.close());

const python = (code: string): readonly string[] => ['python3', '-c', code];
const hasPython = existsSync('/usr/bin/python3');

describe.skipIf(reason !== undefined)(`a hostile command${reason === undefined ? '' : ` (${reason})`}`, () => {
  it('reaches no address: of the host, of its network, or by another name', async () => {
    await world.open();
    const server = createServer((socket) => socket.end('reached')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      for (const host of ['127.0.0.1', 'localhost', '169.254.169.254', '10.0.0.1', '1.1.1.1']) {
        const end = await world.run(['bash', '-c', `exec 3<>/dev/tcp/${host}/${port} && cat <&3`], {
          timeoutMs: 5_000,
        });
        expect(end).toMatchObject({ kind: 'exited', exitCode: 1, stdout: '' });
      }
    } finally {
      server.close();
    }
    expect(await world.say('cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " "')).toBe('lo\n');
  });

  it('reads nothing of the host but its programs', async () => {
    await world.open();
    writeFileSync(join(world.folder.path, 'vault-key'), 'secret');
    const paths = [
      join(world.folder.path, 'vault-key'),
      import.meta.filename,
      '/etc/shadow',
      '/root',
      '/home',
      '/var',
      '/run',
      '/sys',
    ];
    for (const path of paths) {
      expect(await world.run(['ls', path])).toMatchObject({ kind: 'exited', exitCode: 2, stdout: '' });
    }
    expect(await world.say('ls /etc | tr "\\n" " "')).toMatch(/^(alternatives )?group hosts (ld.so.cache )?passwd $/);
    expect(await world.say('ls /tmp /dev/shm')).toBe('/dev/shm:\n\n/tmp:\n');
  });

  it('reaches nothing of the host by a link in its workspace, or by the folders of other processes', async () => {
    await world.open();
    writeFileSync(join(world.folder.path, 'vault-key'), 'secret');
    await world.say('true', { workspace: 'w' });
    symlinkSync(join(world.folder.path, 'vault-key'), join(world.folder.path, 'sandboxes/acme/w/link'));
    const inside = 'cat link /proc/1/root/etc/shadow /proc/1/cwd/../vault-key /proc/self/fd/*/vault-key; true';
    expect(await world.say(inside, { workspace: 'w' })).toBe('');
  });

  it('writes nowhere but to its workspace and to memory', async () => {
    await world.open();
    const places = ['/', '/usr', '/usr/bin', '/etc', '/etc/alternatives', '/dev', '/bin', '/proc', '/proc/sys/kernel'];
    const script = places.map((place) => `touch ${place}/x 2> /dev/null && echo ${place}`).join('; ');
    expect(await world.say(`${script}; echo x > /etc/passwd; echo x > /proc/sys/kernel/core_pattern; true`)).toBe('');
    expect(await world.say('touch /tmp/a /dev/shm/a /workspace/a && rm /tmp/a /dev/shm/a && echo written')).toBe(
      'written\n',
    );
    expect(await world.say('ls /tmp /dev/shm')).toBe('/dev/shm:\n\n/tmp:\n');
  });

  it('sees no process but its own, and signals none', async () => {
    await world.open();
    expect(await world.say('ls /proc | grep -c "^[0-9]"')).toMatch(/^[1-9]\n$/);
    expect(await world.say(`kill -0 ${process.pid} 2> /dev/null && echo seen; kill -9 -1; true`)).toBe('');
    expect(await world.say('ls /proc/*/exe | wc -l')).toMatch(/^\d\n$/);
  });

  it('has no rights, and no way to more', async () => {
    await world.open();
    const status = await world.say(
      'grep -E "^(CapEff|CapPrm|NoNewPrivs|Uid)" /proc/self/status; cat /proc/self/uid_map',
    );
    expect(status).toMatch(/^Uid:(\s+1000){4}\nCapPrm:\s+0+\nCapEff:\s+0+\nNoNewPrivs:\s+1\n/);
    // Nobody inside is root of the machine: files of /proc would know it.
    expect(status).not.toMatch(/^\s+0\s+0\s/m);
    const attempts = [
      'unshare --user true',
      'unshare --mount true',
      'mount -t tmpfs x /tmp',
      'umount /usr',
      'mount -o remount,rw /',
      'mount -o remount,bind,rw /usr',
      'chroot / true',
      'hostname other',
      'nice -n -5 true 2>&1 | grep -q cannot && false',
      'echo 9 > /proc/sys/user/max_user_namespaces',
    ];
    const script = attempts.map((attempt) => `(${attempt}) 2> /dev/null && echo '${attempt}'`).join('\n');
    expect(await world.say(`${script}\ntrue`)).toBe('');
  });

  it('brings no code of its own into what prepares the sandbox', async () => {
    await world.open();
    await world.say(
      'printf "#!/bin/sh\\necho taken > /workspace/taken\\n" > mount; chmod +x mount; cp mount sh; cp mount unshare; cp mount env',
      { workspace: 'w' },
    );
    const env = {
      PATH: '/workspace:/usr/bin:/bin',
      LD_PRELOAD: '/workspace/evil.so',
      ENV: '/workspace/mount',
      BASH_ENV: '/workspace/mount',
      IFS: 'x',
    };
    const end = await world.run(['/bin/ls'], { workspace: 'w', env });
    expect(end).toMatchObject({ kind: 'exited', stdout: expect.not.stringContaining('taken') });
  });

  it.skipIf(!hasPython)('cannot multiply beyond its number of processes (needs python3)', async () => {
    await world.open({ limits: { processes: 40 } });
    const code = `import os,time,sys
made = 0
while made < 5000:
    try:
        if os.fork() == 0: time.sleep(1000)
        made += 1
    except OSError: break
print(made)`;
    const end = await world.run([...python(code)]);
    expect(end).toMatchObject({ kind: 'exited', exitCode: 0 });
    expect(Number(end.kind === 'exited' && end.stdout)).toBeLessThan(40);
    expect(await world.say('echo free')).toBe('free\n');
  });

  it('multiplies for ever: its time ends it, and nothing of it is left', async () => {
    await world.open({ limits: { processes: 100 } });
    const mark = `bomb-${process.pid}-${Date.now()}`;
    const end = await world.run(['bash', '-c', `: ${mark}; f() { f | f & }; f; sleep 1000`], { timeoutMs: 1_500 });
    expect(end).toMatchObject({ kind: 'failed', reason: 'timed_out' });
    await until(() => processesWith(mark).length === 0);
  });

  it.skipIf(!hasPython)(
    'is ended when it takes too much memory, in one process or in many (needs python3)',
    async () => {
      await world.open({ limits: { memoryBytes: 200_000_000 } });
      const alone = await world.run([...python('x = bytearray(2_000_000_000)')]);
      expect(alone).toMatchObject({ kind: 'exited', exitCode: 1, stderr: expect.stringContaining('MemoryError') });
      const code = `import mmap,time
held = []
for _ in range(8):
    held.append(mmap.mmap(-1, 50_000_000)); held[-1].write(b'x' * 50_000_000)
time.sleep(1000)`;
      const message = 'The command took more than 191 MiB of memory.';
      expect(await world.run([...python(code)])).toEqual({ kind: 'failed', reason: 'out_of_bounds', message });
    },
  );

  it('is ended when it talks without end', async () => {
    await world.open({ limits: { outputBytes: 5_000_000 } });
    const end = await world.run(['yes']);
    expect(end).toEqual({
      kind: 'failed',
      reason: 'out_of_bounds',
      message: 'The command wrote more than 5 MiB of output.',
    });
  });

  it('is ended when it fills its workspace, and no file grows beyond its bound', async () => {
    await world.open({ limits: { workspaceBytes: 10_000_000, fileBytes: 4_000_000 } });
    const script = 'for i in 1 2 3 4 5; do head -c 8000000 /dev/zero > $i; done; sleep 1000';
    const end = await world.run(['sh', '-c', script], { workspace: 'w' });
    expect(end).toMatchObject({ kind: 'failed', reason: 'out_of_bounds' });
    const folder = join(world.folder.path, 'sandboxes/acme/w');
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(4_000_000);
  });

  it('hides nothing of what it fills in folders that are closed or too deep, and those go like others', async () => {
    await world.open({ limits: { workspaceBytes: 10_000_000 } });
    const deep =
      'for i in $(seq 300); do mkdir 0123456789012345678901234567890 && cd 0123456789012345678901234567890; done';
    expect(await world.run(['bash', '-c', `${deep}; head -c 20000000 /dev/zero > x; sleep 1000`])).toMatchObject({
      kind: 'failed',
      reason: 'out_of_bounds',
    });
    expect(await world.say(`mkdir closed && chmod 0 closed; ${deep}; echo done`)).toBe('done\n');
    expect(readdirSync(join(world.folder.path, 'sandboxes/.once'))).toEqual([]);
    expect(world.errors).toEqual([]);
  });

  it.each([{ tenant: '../globex' }, { tenant: '.commands' }, { workspace: '../../x' }, { workspace: '' }])(
    'cannot name a folder that is not its own: %j',
    async (names) => {
      await world.open();
      expect(await world.run(['true'], names)).toMatchObject({ kind: 'failed', reason: 'lost' });
      expect(String(world.errors[0])).toContain('Not a name of a tenant or workspace');
    },
  );
});
