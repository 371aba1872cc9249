import type { HttpClient } from './http-client.ts';
import type { ThreadCpu } from './processes.ts';

/** Something that runs workflow W1: Tenon, or a peer. */
export type System = Readonly<{
  name: string;
  /** What its authors ship, by package name. */
  versions: Readonly<Record<string, string>>;
  /** Under which setting a finished step is on disk. */
  durability: string;
  /** How a caller learns that an instance is complete. */
  completion: string;
  /** Instances measured at least with several callers; a slow system gets fewer, so that a whole round stays short. */
  minimumInstances: number;
  /** Installs what is missing. Throws `SystemUnavailable` when it cannot run on this machine. */
  prepare(): Promise<void>;
  /** Starts it with an empty data folder. */
  start(dataFolder: string): Promise<RunningSystem>;
}>;

export type RunningSystem = Readonly<{
  origin: string;
  /** Creates one instance of ten steps, waits until it is complete and checks its output; throws when it is not right. */
  complete(client: HttpClient, sequence: number, callers: number): Promise<void>;
  cpuMs(): number | undefined;
  cpuMsByThread(): readonly ThreadCpu[];
  stop(): Promise<void>;
}>;

/** A peer that cannot run here is left out and said to be left out; nothing is made up for it. */
export class SystemUnavailable extends Error {
  override readonly name = 'SystemUnavailable';
}

export const stepsPerInstance = 10;

/** What an instance that began at `start` must answer: each step adds its number. */
export function expectedTotal(start: number): number {
  return start + (stepsPerInstance * (stepsPerInstance - 1)) / 2;
}
