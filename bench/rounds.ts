import { driveClosedLoop } from './closed-loop.ts';
import { isBrokenConnection, openHttpClient } from './http-client.ts';
import { withoutPlaces } from './machine.ts';
import { makeDataFolder, type ThreadCpu } from './processes.ts';
import {
  type Comparison,
  compare,
  type Measurement,
  type Skipped,
  type SystemSummary,
  summarizeLevel,
} from './report.ts';
import { rounded } from './statistics.ts';
import { type RunningSystem, type System, SystemUnavailable } from './system.ts';

/** Before measuring, at each number of callers and for every system alike: compilers and caches come to rest. */
const warmUp = { instances: 20, ms: 1500 };
const minimumInstancesOfOneCaller = 50;

export type RoundsOptions = Readonly<{
  rounds: number;
  callers: readonly number[];
  /** Measured at least so long at each number of callers. */
  seconds: number;
  /** Instances at least with several callers, instead of each system's own number. */
  total: number | undefined;
}>;

export type Observer = Readonly<{
  progress(line: string): void;
  /** CPU of our server's threads while one number of callers was measured. */
  cpu?(callers: number, instances: number, threads: readonly ThreadCpu[]): void;
}>;

type Level = Readonly<{ callers: number; measurement: Measurement; threads: readonly ThreadCpu[] }>;

/**
 * Starts the systems one after the other, each alone and with an empty data folder, round after round; each round begins
 * with another system, so that none always comes first. Throws when ours fails in any way, or a peer answers wrongly. A
 * peer that breaks a connection off gets that round once more, which the result counts, and is skipped after that.
 */
export async function compareInRounds(
  ours: System,
  peers: readonly System[],
  options: RoundsOptions,
  observer: Observer,
): Promise<Comparison> {
  const systems = [ours, ...peers];
  const measured = new Map<System, Level[]>(systems.map((system) => [system, []]));
  const repeated = new Map<System, number>();
  const skipped = new Map<System, string>();

  async function unlessUnavailable(system: System, act: () => Promise<void>): Promise<void> {
    if (skipped.has(system)) return;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof SystemUnavailable)) throw error;
      const reason = withoutPlaces(error.message).replace(/\s+/g, ' ').slice(0, 500);
      skipped.set(system, reason);
      observer.progress(`${system.name} is skipped: ${reason}`);
    }
  }

  async function measureRound(system: System): Promise<readonly Level[]> {
    try {
      return await measureSystem(system, options);
    } catch (error) {
      if (system === ours || !isBrokenConnection(error)) throw error;
      observer.progress(`${system.name} broke off and gets the round once more: ${messageOf(error)}`);
      repeated.set(system, (repeated.get(system) ?? 0) + 1);
    }
    try {
      return await measureSystem(system, options);
    } catch (error) {
      throw isBrokenConnection(error) ? new SystemUnavailable(`it broke off twice: ${messageOf(error)}`) : error;
    }
  }

  for (const system of systems) await unlessUnavailable(system, () => system.prepare());
  for (let round = 0; round < options.rounds; round++) {
    for (const system of rotated(systems, round)) {
      await unlessUnavailable(system, async () => {
        const levels = await measureRound(system);
        measured.get(system)?.push(...levels);
        for (const { callers, measurement, threads } of levels) {
          const [rate, p50] = [measurement.instancesPerSecond.toFixed(1), measurement.latencyMs.p50.toFixed(2)];
          const place = `round ${round + 1}: ${system.name}, callers ${callers}`;
          observer.progress(`${place}: ${rate} instances/s, p50 ${p50} ms`);
          if (system === ours) observer.cpu?.(callers, measurement.instances, threads);
        }
      });
    }
  }

  const summaryOf = (system: System): SystemSummary => ({
    versions: system.versions,
    durability: system.durability,
    completion: system.completion,
    repeatedRounds: repeated.get(system) ?? 0,
    levels: Object.fromEntries(
      options.callers.map((callers) => {
        const rounds = (measured.get(system) ?? []).filter((level) => level.callers === callers);
        return [
          `c${callers}`,
          summarizeLevel(
            callers,
            rounds.map(({ measurement }) => measurement),
          ),
        ];
      }),
    ),
  });
  const peerSummaries = peers.map((peer): [string, SystemSummary | Skipped] => {
    const reason = skipped.get(peer);
    return [peer.name, reason === undefined ? summaryOf(peer) : { skipped: reason }];
  });
  return compare(options.rounds, summaryOf(ours), Object.fromEntries(peerSummaries));
}

/** One round of one system: all numbers of callers, one after the other, on one server. */
async function measureSystem(system: System, options: RoundsOptions): Promise<readonly Level[]> {
  const data = makeDataFolder(system.name);
  try {
    const running = await system.start(data.folder);
    try {
      const levels: Level[] = [];
      for (const callers of options.callers) {
        const instances = callers === 1 ? minimumInstancesOfOneCaller : (options.total ?? system.minimumInstances);
        levels.push(await measureLevel(running, callers, { instances, ms: options.seconds * 1000 }));
      }
      return levels;
    } finally {
      await running.stop();
    }
  } finally {
    data.remove();
  }
}

async function measureLevel(
  running: RunningSystem,
  callers: number,
  minimum: Readonly<{ instances: number; ms: number }>,
): Promise<Level> {
  const client = openHttpClient(running.origin, callers);
  const drive = (minimumInstances: number, minimumMs: number) =>
    driveClosedLoop({
      callers,
      minimumInstances,
      minimumMs,
      complete: (sequence) => running.complete(client, sequence, callers),
    });
  try {
    await drive(warmUp.instances, warmUp.ms);
    const [cpuBefore, threadsBefore] = [running.cpuMs(), running.cpuMsByThread()];
    const result = await drive(minimum.instances, minimum.ms);
    const [cpuAfter, threadsAfter] = [running.cpuMs(), running.cpuMsByThread()];
    const isCpuKnown = cpuBefore !== undefined && cpuAfter !== undefined;
    const cpuMsPerInstance = isCpuKnown ? rounded((cpuAfter - cpuBefore) / result.instances) : undefined;
    return { callers, measurement: { ...result, cpuMsPerInstance }, threads: spent(threadsBefore, threadsAfter) };
  } finally {
    await client.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function spent(before: readonly ThreadCpu[], after: readonly ThreadCpu[]): readonly ThreadCpu[] {
  const keyOf = (one: ThreadCpu) => `${one.processId} ${one.threads}`;
  const earlier = new Map(before.map((one) => [keyOf(one), one.cpuMs]));
  return after.map((one) => ({ ...one, cpuMs: one.cpuMs - (earlier.get(keyOf(one)) ?? 0) }));
}
