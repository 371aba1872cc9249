import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Signals a process, its group and the groups of its descendants: Lambda freezes and ends a whole machine, so that no
 * process gets away by a group of its own. What has ended already is left out.
 */
export const signalTree = (pid: number, signal: NodeJS.Signals): void => {
  const descendants = descendantsOf(pid);
  signalGroup(pid, signal);
  for (const descendant of descendants) signalGroup(descendant, signal);
};

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // No such group: it has ended, or the process belongs to the group of its parent.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Where the system has no `/proc`, there are none: the group is all that is reached. */
const descendantsOf = (pid: number): readonly number[] => {
  const children = Map.groupBy(runningProcesses(), ({ parent }) => parent);
  const below = (of: number): readonly number[] =>
    (children.get(of) ?? []).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
};

const runningProcesses = (): readonly { readonly pid: number; readonly parent: number }[] =>
  existsSync('/proc')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((name) => ({ pid: Number(name), parent: parentOf(name) }))
    : [];

/** The fourth field of `stat`; the second is a name in parentheses, with whatever the name holds. 0: it has ended. */
const parentOf = (pid: string): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]);
  } catch {
    return 0;
  }
};

/** Processes that are to end with this one: whoever is frozen would outlive it. */
const living = new Set<number>();

process.on('exit', () => {
  for (const pid of living) signalTree(pid, 'SIGKILL');
});

export const endWithUs = (pid: number): Disposable => {
  if (pid > 0) living.add(pid);
  return { [Symbol.dispose]: () => void living.delete(pid) };
};
