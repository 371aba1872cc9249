import { readFileSync } from 'node:fs';

/** What one process has and has used, as Linux tells it. */
export interface ProcessFigures {
  readonly rssMb: number;
  /** User and system time since its start. */
  readonly cpuMs: number;
}

const PAGE_BYTES = 4_096;
const TICK_MS = 10;

/** `false`: this system has no `/proc`. */
export const hasFigures = (): boolean => {
  try {
    readFileSync('/proc/self/statm');
    return true;
  } catch {
    return false;
  }
};

export const figuresOf = (pid: number): ProcessFigures => {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  // The name in brackets may hold anything; what follows has no more brackets.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return { rssMb: (pages * PAGE_BYTES) / 1_048_576, cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
};

/** The processes that it started and that are still there, such as executors and the compile server. */
export const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

export const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
