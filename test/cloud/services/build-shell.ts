import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Kept of what a build prints; a build that prints without end must not fill the memory. */
const MAX_LOG_CHARS = 1_000_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export type ShellEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'stopped' };

export interface ShellRun {
  /** The folder is gone and no process of the group lives by then. */
  readonly ended: Promise<{ readonly end: ShellEnd; readonly log: string }>;
  stop(): void;
}

/**
 * Runs commands one after the other in one bash until one of them fails, as a build does: in an empty folder of its own
 * that is removed, with these variables and none of ours.
 */
export const runCommands = (params: {
  readonly commands: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly limitMs: number;
}): ShellRun => {
  const stopping = new AbortController();
  return { ended: run(params, stopping.signal), stop: () => stopping.abort() };
};

const run: (
  params: Parameters<typeof runCommands>[0],
  stopped: AbortSignal,
) => Promise<{ readonly end: ShellEnd; readonly log: string }> = async (params, stopped) => {
  const { commands, variables, limitMs } = params;
  const root = await mkdtemp(join(tmpdir(), 'local-build-'));
  try {
    const folders = { HOME: join(root, 'home'), TMPDIR: join(root, 'tmp'), CODEBUILD_SRC_DIR: join(root, 'src') };
    for (const folder of Object.values(folders)) await mkdir(folder);
    if (stopped.aborted) return { end: { kind: 'stopped' }, log: '' };
    const env = { PATH, LANG: 'C.UTF-8', ...folders, ...variables };
    return await runShell({ script: scriptOf(commands), cwd: folders.CODEBUILD_SRC_DIR, env, limitMs, stopped });
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** The shell's settings last from one command to the next; the first that fails ends the build. */
const scriptOf = (commands: readonly string[]): string =>
  commands.map((command) => `${command}\nstatus=$?; [ $status -eq 0 ] || exit $status\n`).join('');

const runShell = (params: {
  readonly script: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly stopped: AbortSignal;
}): Promise<{ readonly end: ShellEnd; readonly log: string }> =>
  new Promise((resolve, reject) => {
    const { script, cwd, env, limitMs, stopped } = params;
    // A group of its own, so that whatever the commands start can be killed with them.
    const child = spawn('bash', ['-c', script], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-MAX_LOG_CHARS);
      });
    }
    let cut: ShellEnd | undefined;
    const kill = (end?: ShellEnd): void => {
      cut ??= end;
      killGroup(child.pid);
    };
    const onStop = (): void => kill({ kind: 'stopped' });
    const timer = setTimeout(() => kill({ kind: 'timed_out' }), limitMs);
    const clear = (): void => {
      clearTimeout(timer);
      stopped.removeEventListener('abort', onStop);
    };
    stopped.addEventListener('abort', onStop);
    child.on('error', (error) => {
      clear();
      reject(error);
    });
    // What the commands left running in the background ends with the build, and only then are the pipes closed.
    child.on('exit', () => kill());
    child.on('close', (exitCode) => {
      clear();
      resolve({ end: cut ?? { kind: 'exited', exitCode: exitCode ?? 1 }, log });
    });
  });

const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
