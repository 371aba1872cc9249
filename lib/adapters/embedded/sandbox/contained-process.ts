import { type ChildProcess, spawn } from 'node:child_process';
import type { SandboxEnd } from '../../../ports/sandbox.ts';
import { folderBytes } from './folder-tree.ts';
import { type Launch, READY_FD, type SandboxLimits } from './launch.ts';
import { OutputCapture } from './output-capture.ts';
import { treeMemory } from './process-tree.ts';

const MEMORY_LOOK_MS = 250;
const WORKSPACE_LOOK_MS = 1_000;
/** A look at a large workspace must not be all that the machine does: this many times as long it is left alone. */
const REST_PER_LOOK = 20;
/** A process that was let go of its group may hold the streams open after the command's end. */
const STREAMS_WITHIN_MS = 1_000;

type Failure = Extract<SandboxEnd, { kind: 'failed' }>;

export interface ProcessEnd {
  readonly end: SandboxEnd;
  /** All that the command said; where it was not started, what the preparation said, which is for the operator. */
  readonly log: Uint8Array;
}

/** A command under way. */
export interface ContainedProcess {
  /** Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  kill(failure: Failure): void;
}

export const startContained = (params: {
  readonly launch: Launch;
  readonly workspace: string;
  readonly timeoutMs: number;
  readonly limits: SandboxLimits;
}): ContainedProcess => {
  const { launch, workspace, timeoutMs, limits } = params;
  const output = new OutputCapture();
  const child = spawn(launch.file, launch.args, {
    cwd: launch.cwd,
    // A session of its own: no terminal, and a group that can be ended as one where there are no namespaces.
    detached: true,
    env: launch.env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let isReady = false;
  child.stdio[READY_FD]?.once('data', () => {
    isReady = true;
  });
  let failure: Failure | undefined;
  const kill = (why: Failure): void => {
    failure ??= why;
    killGroup(child);
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (chunk: Buffer) => {
      output.take(stream, chunk);
      if (output.bytes > limits.outputBytes)
        kill(tooMuch(`wrote more than ${megabytes(limits.outputBytes)} of output`));
    });
  }
  const timer = setTimeout(() => kill(timedOut(timeoutMs)), timeoutMs);
  const stopLooking = watchBounds({ pid: child.pid, workspace, limits, kill });

  const ended = endOf(child).then((exitCode) => {
    clearTimeout(timer);
    stopLooking();
    const { stdout, stderr } = output.shown();
    const end: SandboxEnd =
      failure ??
      (exitCode === undefined || !isReady
        ? { kind: 'failed', reason: 'not_started', message: 'The command could not be started.' }
        : {
            kind: 'exited',
            exitCode,
            stdout: stdout.text,
            stderr: stderr.text,
            isStdoutCut: stdout.isCut,
            isStderrCut: stderr.isCut,
          });
    return { end, log: output.log() };
  });
  return { ended, kill };
};

/** Its exit code, 137 where it was killed; `undefined`: there never was a process. */
const endOf = (child: ChildProcess): Promise<number | undefined> =>
  new Promise((resolve) => {
    let cutting: NodeJS.Timeout | undefined;
    child.once('error', () => resolve(undefined));
    child.once('exit', () => {
      // Also what stayed in its group, where no namespace ends with it.
      killGroup(child);
      cutting = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, STREAMS_WITHIN_MS);
    });
    child.once('close', (code) => {
      clearTimeout(cutting);
      resolve(child.pid === undefined ? undefined : (code ?? 137));
    });
  });

const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
};

const watchBounds = (params: {
  readonly pid: number | undefined;
  readonly workspace: string;
  readonly limits: SandboxLimits;
  readonly kill: (failure: Failure) => void;
}): (() => void) => {
  const { pid, workspace, limits, kill } = params;
  if (pid === undefined) return () => {};
  const stopMemory = lookAgain(MEMORY_LOOK_MS, async () => {
    if ((await treeMemory(pid)) > limits.memoryBytes)
      kill(tooMuch(`took more than ${megabytes(limits.memoryBytes)} of memory`));
  });
  const stopWorkspace = lookAgain(WORKSPACE_LOOK_MS, async () => {
    if ((await folderBytes(workspace, limits.workspaceBytes)) >= limits.workspaceBytes) {
      kill(tooMuch(`filled its workspace: it may hold ${megabytes(limits.workspaceBytes)} and 200000 files`));
    }
  });
  return () => {
    stopMemory();
    stopWorkspace();
  };
};

/** Again and again until it is stopped, and not before the look before it has ended. */
const lookAgain = (everyMs: number, look: () => Promise<void>): (() => void) => {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const next = (afterMs: number): void => {
    timer = setTimeout(async () => {
      const since = performance.now();
      await look().catch(() => {});
      if (!isStopped) next(Math.max(everyMs, (performance.now() - since) * REST_PER_LOOK));
    }, afterMs);
  };
  next(everyMs);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
};

const timedOut = (timeoutMs: number): Failure => ({
  kind: 'failed',
  reason: 'timed_out',
  message: `The command did not end within ${timeoutMs / 1_000} s.`,
});

const tooMuch = (what: string): Failure => ({
  kind: 'failed',
  reason: 'out_of_bounds',
  message: `The command ${what}.`,
});

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
