import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleOf, LIMITS, useExecutor, workflow } from './executor-fixture.ts';

const GOOD = workflow(`return step.do('a', async () => 'fine')`);
const hasProc = existsSync('/proc/self/environ');
const PROC_REASON = 'what a process holds is read from /proc, which only Linux has';

/** Waits for something outside, by asking: there is no event for it. */
const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('the executor process', () => {
  const { executor, turn, outputOf } = useExecutor();
  const pid = (): number => executor().pids[0] ?? 0;
  const flags = (): string[] =>
    readFileSync(`/proc/${pid()}/cmdline`, 'utf8')
      .split('\0')
      .filter((word) => word.startsWith('--'));

  it.skipIf(!hasProc)(`has no environment but the time zone and its channel (${PROC_REASON})`, async () => {
    await outputOf(GOOD);
    const names = readFileSync(`/proc/${pid()}/environ`, 'utf8')
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => line.split('=')[0] ?? '');
    expect(names.filter((name) => name !== 'TZ' && !name.startsWith('NODE_CHANNEL_'))).toEqual([]);
  });

  it.skipIf(!hasProc)(
    `has no handle but nothing on the three standard ones and its channel (${PROC_REASON})`,
    async () => {
      await outputOf(GOOD);
      const handles = readdirSync(`/proc/${pid()}/fd`).map(
        (fd) => [fd, readlinkSync(`/proc/${pid()}/fd/${fd}`)] as const,
      );
      expect(handles.filter(([fd]) => Number(fd) < 3).map(([, target]) => target)).toEqual(Array(3).fill('/dev/null'));
      const others = handles.filter(([fd]) => Number(fd) >= 3).map(([, target]) => target);
      expect(others.filter((target) => target.startsWith('socket:'))).toHaveLength(1);
      expect(others.filter((target) => target.startsWith('/') && target !== '/dev/null')).toEqual([]);
    },
  );

  it.skipIf(!hasProc)(`may not read files, start processes or write (${PROC_REASON})`, async () => {
    await outputOf(GOOD);
    const attempts = [
      `require('node:fs').readFileSync('/etc/passwd')`,
      `require('node:fs').readFileSync('${fileURLToPath(new URL('../../README.md', import.meta.url))}')`,
      `require('node:fs').writeFileSync('/tmp/tenon-of-a-guest', 'x')`,
      `require('node:child_process').spawnSync('/bin/true')`,
      `new (require('node:worker_threads').Worker)('1', { eval: true })`,
    ];
    for (const attempt of attempts) {
      const { status, stderr } = spawnSync(process.execPath, [...flags(), '-e', attempt], {
        env: {},
        encoding: 'utf8',
      });
      expect(status).not.toBe(0);
      expect(stderr).toContain('ERR_ACCESS_DENIED');
    }
  });

  it('shows tenant code neither environment nor process', async () => {
    const names = [
      'process',
      'require',
      'module',
      'global',
      'Buffer',
      '__dirname',
      '$tenonBoot',
      'WebAssembly',
      'Atomics',
    ];
    const looked = await outputOf(
      workflow(`return ${JSON.stringify(names)}.filter((name) => typeof (globalThis as any)[name] !== 'undefined')`),
    );
    expect(looked).toBe('[[]]');
  });

  it('is replaced when it is killed; the only turn in it is told, others may go on at once', async () => {
    const before = pid();
    const waiting = turn(await bundleOf(workflow(`await new Promise((resolve) => setTimeout(resolve, 900))`)));
    await outputOf(GOOD);
    process.kill(before, 'SIGKILL');
    expect(await waiting).toMatchObject({ kind: 'terminated', termination: { cause: 'executor_lost' } });
    expect(pid()).not.toBe(before);
    expect(await outputOf(GOOD)).toBe('["fine"]');
  });

  it('tells several turns that were lost with it that none of them is known to be guilty', async () => {
    const bundle = await bundleOf(workflow(`await new Promise((resolve) => setTimeout(resolve, 900))`));
    const waiting = ['a', 'b', 'c'].map((tenant) => turn(bundle, { tenant }));
    await outputOf(GOOD);
    process.kill(pid(), 'SIGKILL');
    for (const ending of waiting) {
      expect(await ending).toEqual({
        kind: 'terminated',
        termination: { cause: 'executor_lost', isGuilty: false, message: 'The executor was lost' },
      });
    }
  });

  it('runs turns again in another process after each of ten deaths', async () => {
    for (let death = 0; death < 10; death++) {
      const before = pid();
      process.kill(before, 'SIGKILL');
      await until(() => pid() !== before);
      expect(await outputOf(GOOD)).toBe('["fine"]');
    }
  });
});

describe('an executor process that grows too large', () => {
  const { executor, turn, outputOf } = useExecutor({ maxRssBytes: 400_000_000 });

  it('is killed and replaced', async () => {
    await outputOf(GOOD);
    const before = executor().pids[0] ?? 0;
    const hoarder = workflow(`const all: unknown[] = []; for (;;) all.push(new Array(100_000).fill(all.length))`);
    const ending = await turn(await bundleOf(hoarder), { limits: { cpuMs: 20_000, memoryMb: 2_000 } });
    expect(ending).toMatchObject({ kind: 'terminated', termination: { cause: 'executor_lost', isGuilty: true } });
    await until(() => executor().pids[0] !== before);
    expect(await outputOf(GOOD)).toBe('["fine"]');
  });
});

describe('executor processes', () => {
  const { executor } = useExecutor();

  it('end with their supervisor, and it takes no more turns', async () => {
    const { pids } = executor();
    await executor().close();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(() =>
      executor().start(
        {
          tenant: 'a',
          version: 'v',
          loadBundle: () => Promise.reject(new Error('no')),
          limits: LIMITS,
          hasFreshContext: false,
        },
        {
          kind: 'start_fetch',
          env: { variables: {}, bindings: [] },
          request: { method: 'GET', url: 'x:', headers: [] },
        },
        { onMessage: () => {}, onTerminated: () => {} },
      ),
    ).toThrow('closed');
  });
});
