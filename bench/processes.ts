import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A server that the benchmark started. It leads its own process group, so that all it started can be ended with it. */
export type Server = Readonly<{
  /** The first group of the first output line that matches. Rejects when the process ends, or after `timeoutMs`. */
  printed(pattern: RegExp, timeoutMs: number): Promise<string>;
  hasEnded(): boolean;
  /** The end of its output, for messages. */
  printedLately(): string;
  /** CPU time in ms so far of the process and all below it; undefined where there is no /proc. */
  cpuMs(): number | undefined;
  /** The same by kind of thread, to see who works. */
  cpuMsByThread(): readonly ThreadCpu[];
  /** SIGTERM, then SIGKILL for the whole group after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}>;

/** All threads of one process that have one name, added; `isFirst` for the server itself, not a process below it. */
export type ThreadCpu = Readonly<{ processId: number; isFirst: boolean; threads: string; cpuMs: number }>;

export type ServerCommand = Readonly<{
  program: string;
  words: readonly string[];
  folder: string;
  environment?: Readonly<Record<string, string>>;
  /** Who it runs as, if not as the benchmark itself. */
  user?: Readonly<{ uid: number; gid: number }>;
}>;

const cleanups = new Set<() => void>();

/** Whatever way the benchmark ends, no process and no folder of it stays. */
function cleanUp(): void {
  for (const cleanup of cleanups) cleanup();
  cleanups.clear();
}
process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

export function makeDataFolder(name: string): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), `tenon-bench-${name}-`));
  const remove = () => {
    cleanups.delete(remove);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  cleanups.add(remove);
  return { folder, remove };
}

export function startServer(command: ServerCommand): Server {
  const child = spawn(command.program, command.words, {
    cwd: command.folder,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...command.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...command.user,
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      output += error.message;
      resolve();
    });
  });
  const killGroup = () => {
    cleanups.delete(killGroup);
    killQuietly(child);
  };
  cleanups.add(killGroup);

  return {
    printed(pattern, timeoutMs) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output)?.[1];
          if (found !== undefined) settle(() => resolve(found));
        };
        const fail = (what: string) => settle(() => reject(new Error(`${what}; it printed: ${output.slice(-2000)}`)));
        const timer = setTimeout(() => fail(`nothing like ${pattern} after ${timeoutMs} ms`), timeoutMs);
        const settle = (act: () => void) => {
          clearTimeout(timer);
          child.stdout.off('data', look);
          act();
        };
        child.stdout.on('data', look);
        void ended.then(() => fail('the process ended'));
        look();
      });
    },
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    printedLately: () => output.slice(-2000),
    cpuMs() {
      const all = cpuOfTree(child.pid);
      return all.length === 0 ? undefined : all.reduce((sum, one) => sum + one.cpuMs, 0);
    },
    cpuMsByThread: () =>
      cpuOfTree(child.pid).flatMap(({ id }) =>
        cpuOfThreads(id).map((one) => ({ ...one, processId: id, isFirst: id === child.pid })),
      ),
    async stop(graceMs) {
      child.kill('SIGTERM');
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, graceMs);
      await Promise.race([ended, grace.promise]);
      clearTimeout(timer);
      killGroup();
      await ended;
    },
  };
}

/** CPU time of several servers that make one system; undefined when that of one is. */
export function sumOfCpu(servers: readonly Server[]): number | undefined {
  const all = servers.map((server) => server.cpuMs()).filter((value) => value !== undefined);
  return all.length === servers.length ? all.reduce((sum, one) => sum + one, 0) : undefined;
}

/** A loopback port that nobody listens on now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function killQuietly(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

/** CPU time of a process and of all below it. */
function cpuOfTree(rootId: number | undefined): readonly { id: number; cpuMs: number }[] {
  const all = new Map(
    readFolder('/proc').flatMap((name) => {
      const stat = readStat(`/proc/${name}/stat`);
      return stat === undefined ? [] : [[Number(name), stat] as const];
    }),
  );
  const isBelowRoot = (id: number | undefined): boolean =>
    id !== undefined && id > 1 && (id === rootId || isBelowRoot(all.get(id)?.parentId));
  return [...all]
    .filter(([id]) => isBelowRoot(id))
    .map(([id, { ownMs, childrenMs }]) => ({ id, cpuMs: ownMs + childrenMs }));
}

function cpuOfThreads(id: number): readonly { threads: string; cpuMs: number }[] {
  const spent = new Map<string, number>();
  for (const name of readFolder(`/proc/${id}/task`)) {
    const stat = readStat(`/proc/${id}/task/${name}/stat`);
    if (stat === undefined) continue;
    const threads = Number(name) === id ? 'main thread' : `others named ${stat.name}`;
    spent.set(threads, (spent.get(threads) ?? 0) + stat.ownMs);
  }
  return [...spent].map(([threads, cpuMs]) => ({ threads, cpuMs }));
}

type Stat = Readonly<{ name: string; parentId: number; ownMs: number; childrenMs: number }>;

/**
 * See proc_pid_stat(5): after the name in brackets, fields 14 and 15 are own time, 16 and 17 that of children that have
 * ended, in ticks of 10 ms.
 */
function readStat(file: string): Stat | undefined {
  const stat = readText(file);
  if (stat === undefined) return undefined;
  const end = stat.lastIndexOf(')');
  const fields = stat
    .slice(end + 2)
    .split(' ')
    .map(Number);
  const ms = (index: number) => (fields[index] ?? 0) * 10;
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    parentId: fields[1] ?? 0,
    ownMs: ms(11) + ms(12),
    childrenMs: ms(13) + ms(14),
  };
}

function readFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
