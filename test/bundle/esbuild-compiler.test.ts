import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { EsbuildCompiler, type EsbuildCompilerOptions } from '../../lib/bundle/esbuild-compiler.ts';

let compiler: EsbuildCompiler;
const start = (options: EsbuildCompilerOptions = {}): void => {
  compiler = new EsbuildCompiler(options);
};
afterEach(() => compiler.close());

const compile = (text: string) => compiler.compile({ contentType: 'text/typescript', bytes: Buffer.from(text) });
const GOOD = 'export class Hello {}';
/** Kills esbuild: its stack overflows. */
const CRASHING = `x = ${'-~'.repeat(4_000_000)}1`;
/** Takes esbuild far longer than any limit here. */
const SLOW = `x = ${'('.repeat(3_000_000)}`;
/** Takes a few hundred MiB for an instant. */
const LARGE = Array.from({ length: 120_000 }, (_, at) => `export const v${at} = (a) => a + ${at};`).join('\n');

const PROC_REASON = 'processes are looked up in /proc, which only Linux has';
const hasProc = existsSync('/proc/self/stat');

/** Living processes below one: `ppid` and `pgrp` stand behind the name in /proc/<pid>/stat. */
function processesOf(field: 'parent' | 'group', id: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [state, parent, group] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        return state !== 'Z' && Number(field === 'parent' ? parent : group) === id;
      } catch {
        return false;
      }
    })
    .map(Number);
}
const serversOf = (pid: number) =>
  processesOf('parent', pid).filter((child) =>
    readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('compile-server'),
  );

async function untilGone(group: number): Promise<void> {
  while (processesOf('group', group).length > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('the compiler', () => {
  it('compiles many uploads at once, each to its own answer', async () => {
    start();
    const results = await Promise.all(Array.from({ length: 12 }, (_, at) => compile(`export const n = ${at};`)));
    for (const [at, result] of results.entries()) expect(result.ok && result.bundle.code).toContain(`n = ${at};`);
    expect(await compile('export const =')).toMatchObject({ ok: false, problems: [{ line: 1, column: 13 }] });
  });

  it('refuses what brings it down, and goes on with others', async () => {
    start();
    expect(await compile(CRASHING)).toMatchObject({ ok: false, problems: [{ code: 'bundle.compile_crashed' }] });
    expect(await compile(GOOD)).toMatchObject({ ok: true });
  });

  it('refuses what takes too long', async () => {
    start({ timeLimitMs: 1_000 });
    expect(await compile(SLOW)).toMatchObject({ ok: false, problems: [{ code: 'bundle.compile_time' }] });
    expect(await compile(GOOD)).toMatchObject({ ok: true });
  });

  it('refuses what takes too much memory', async () => {
    start({ memoryLimitMb: 150 });
    expect(await compile(LARGE)).toMatchObject({ ok: false, problems: [{ code: 'bundle.compile_memory' }] });
    expect(await compile(GOOD)).toMatchObject({ ok: true });
  });

  it('blames nobody for a neighbour', { timeout: 30_000 }, async () => {
    start({ timeLimitMs: 2_000, concurrency: 3 });
    const results = await Promise.all([compile(GOOD), compile(CRASHING), compile(GOOD), compile(SLOW), compile(GOOD)]);
    // Which limit the guilty ones meet first is the machine's affair; that they alone meet one is not.
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true, false, true]);
    for (const result of results) {
      if (!result.ok) expect(result.problems[0]?.code).toMatch(/^bundle\.compile_(?:crashed|time)$/);
    }
  });

  it('says that it could not compile, and not that the source is wrong, when its server does not start', async () => {
    start({ serverFile: fileURLToPath(new URL('./nowhere.ts', import.meta.url)) });
    await expect(compile(GOOD)).rejects.toThrow('did not start');
  });

  it('fails what is in progress and all that comes later when it is closed', async () => {
    start({ concurrency: 1 });
    const attempts = [compile(SLOW), compile(GOOD)].map((attempt) => expect(attempt).rejects.toThrow('closed'));
    await compiler.close();
    await Promise.all(attempts);
    await expect(compile(GOOD)).rejects.toThrow('closed');
    await compiler.close();
  });
});

describe.skipIf(!hasProc)(`the compiler's processes${hasProc ? '' : ` (${PROC_REASON})`}`, () => {
  it('have no environment of ours', async () => {
    process.env.TENON_TEST_SECRET = 'secret';
    start();
    await compile(GOOD);
    const [server] = serversOf(process.pid);
    const group = processesOf('group', server ?? 0);
    expect(group).toHaveLength(2);
    for (const pid of group) {
      const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .map((line) => line.split('=')[0]);
      const allowed = ['', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'GOMEMLIMIT'];
      expect(names.filter((name) => !allowed.includes(name ?? ''))).toEqual([]);
    }
  });

  it('are gone after close, also in the middle of work', async () => {
    start();
    await compile(GOOD);
    const [server = 0] = serversOf(process.pid);
    const failed = expect(compile(SLOW)).rejects.toThrow('closed');
    await compiler.close();
    await failed;
    await untilGone(server);
  });

  it('are gone, both of them, after a limit', async () => {
    start({ timeLimitMs: 500 });
    await compile(GOOD);
    const [server = 0] = serversOf(process.pid);
    await compile(SLOW);
    await untilGone(server);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('are gone after the parent got a %s', async (signal) => {
    start();
    const parent = startParent(
      `compiler.compile(good).then(() => { console.log('compiled'); compiler.compile(slow); setInterval(() => {}, 1000); });`,
    );
    await once(parent.stdout, 'data');
    const [server = 0] = serversOf(parent.pid ?? 0);
    expect(processesOf('group', server)).toHaveLength(2);
    parent.kill(signal);
    await once(parent, 'exit');
    await untilGone(server);
  });

  it('do not keep an idle parent alive', async () => {
    start();
    const parent = startParent(`compiler.warm(); compiler.compile(good).then(() => console.log('compiled'));`);
    const [code] = await once(parent, 'exit');
    expect(code).toBe(0);
  });
});

function startParent(script: string) {
  const module = new URL('../../lib/bundle/esbuild-compiler.ts', import.meta.url);
  const text = `import { EsbuildCompiler } from '${module}';
    const upload = (text) => ({ contentType: 'text/typescript', bytes: Buffer.from(text) });
    const good = upload('export class Hello {}');
    const slow = upload('x = ' + '('.repeat(3_000_000));
    const compiler = new EsbuildCompiler();
    ${script}`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', text];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return parent;
}
