import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Strike } from '../../lib/executor/supervisor.ts';
import { bundleOf, outputIn, useExecutor, workflow } from './executor-fixture.ts';

const GOOD = workflow(`return step.do('a', async () => 'fine')`);
const RESTS = workflow(`await new Promise((resolve) => setTimeout(resolve, 900)); return 'through'`);
const SPINS = workflow(`for (;;) {}`);
/** Past what its process may have, and below what it may have itself. */
const HOARDS = workflow(`const all: unknown[] = []; for (;;) all.push(new Array(100_000).fill(all.length))`);
const OF_HOARDS = { cpuMs: 20_000, memoryMb: 2_000 };
const hasProc = existsSync('/proc/self/stat');

/** 0 as others, 19 behind everybody; of the process that has the turns of that tenant now. */
const niceOf = (pid: number): number =>
  Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[16],
  );

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe.skipIf(!hasProc)('where turns run (processes are looked at in /proc, which only Linux has)', () => {
  const strikes: Strike[] = [];
  const { executor, turn, outputOf } = useExecutor({
    maxRssBytes: 500_000_000,
    onStrike: (strike) => strikes.push(strike),
  });
  afterEach(() => {
    strikes.length = 0;
  });

  it('everybody moves out of a process that somebody keeps busy, and what is at work there goes on', async () => {
    await outputOf(GOOD, { tenant: 'good' });
    const [before = 0] = executor().pids;
    const resting = turn(await bundleOf(RESTS), { tenant: 'good' });
    const spinning = turn(await bundleOf(SPINS), { tenant: 'spins', limits: { cpuMs: 2_500, memoryMb: 32 } });
    await until(() => executor().pids[0] !== before);
    expect(niceOf(before)).toBe(19);
    expect(niceOf(executor().pids[0] ?? 0)).toBe(0);
    expect(await outputOf(GOOD, { tenant: 'good' })).toBe('["fine"]');
    expect(outputIn(await resting)).toBe('["through"]');
    expect(await spinning).toMatchObject({ termination: { cause: 'cpu_limit', isGuilty: true } });
    const [shared] = executor().pids;
    // Known by now, it is begun elsewhere, and nobody has to move.
    await turn(await bundleOf(SPINS), { tenant: 'spins', limits: { cpuMs: 700, memoryMb: 32 } });
    expect(executor().pids[0]).toBe(shared);
    expect(strikes).toEqual([]);
  });

  it('a tenant that costs its process gets a strike, and after two of them a process of its own', async () => {
    for (let time = 1; time <= 2; time++) {
      expect(await turn(await bundleOf(HOARDS), { tenant: 'hoards', limits: OF_HOARDS })).toMatchObject({
        termination: { cause: 'executor_lost', isGuilty: true },
      });
      expect(strikes).toHaveLength(time);
    }
    expect(strikes[0]).toEqual({ tenant: 'hoards', what: 'used more memory than a process may have' });
    await outputOf(GOOD, { tenant: 'good' });
    const { pids } = executor();
    const again = turn(await bundleOf(HOARDS), { tenant: 'hoards', limits: OF_HOARDS });
    const [own = 0] = executor().pids.filter((pid) => !pids.includes(pid));
    expect(own).toBeGreaterThan(0);
    expect(await outputOf(GOOD, { tenant: 'good' })).toBe('["fine"]');
    await again;
    expect(executor().pids[0]).toBe(pids[0]);
  });

  it('those that were at work when a process was lost run each in one of its own, until it shows who it was', async () => {
    const bundle = await bundleOf(RESTS);
    await outputOf(GOOD, { tenant: 'one' });
    const [shared = 0] = executor().pids;
    const lost = ['one', 'other'].map((tenant) => turn(bundle, { tenant }));
    await outputOf(GOOD, { tenant: 'third' });
    process.kill(shared, 'SIGSEGV');
    for (const ending of lost) {
      expect(await ending).toMatchObject({ termination: { cause: 'executor_lost', isGuilty: false } });
    }
    expect(strikes).toEqual([]);
    const before = new Set(executor().pids);
    const again = ['one', 'other'].map((tenant) => turn(bundle, { tenant }));
    await until(() => executor().pids.filter((pid) => !before.has(pid)).length === 2);
    for (const ending of again) expect(outputIn(await ending)).toBe('["through"]');
  });

  it('a process that somebody else has killed is nobody’s strike', async () => {
    await outputOf(GOOD, { tenant: 'alone' });
    const [shared = 0] = executor().pids;
    const resting = turn(await bundleOf(RESTS), { tenant: 'alone' });
    await outputOf(GOOD, { tenant: 'alone' });
    process.kill(shared, 'SIGKILL');
    expect(await resting).toMatchObject({ termination: { cause: 'executor_lost' } });
    expect(strikes).toEqual([]);
  });
});
