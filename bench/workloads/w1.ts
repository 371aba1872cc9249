import type { BenchArguments } from '../arguments.ts';
import { UsageError } from '../arguments.ts';
import { driveClosedLoop } from '../closed-loop.ts';
import { openHttpClient } from '../http-client.ts';
import { withoutPlaces } from '../machine.ts';
import { describeCloudflare } from '../peers/cloudflare.ts';
import { describeDbos } from '../peers/dbos.ts';
import { describeRestate } from '../peers/restate.ts';
import { makeDataFolder, type ThreadCpu } from '../processes.ts';
import {
  type Comparison,
  compare,
  type Measurement,
  type Skipped,
  type SystemSummary,
  summarizeLevel,
} from '../report.ts';
import { rounded } from '../statistics.ts';
import { type RunningSystem, type System, SystemUnavailable } from '../system.ts';
import { describeTenon, type TenonOptions } from '../tenon.ts';

export const title = 'Ten no-op steps, create to complete over HTTP, closed loop';

/** Before measuring, at each number of callers and for every system alike: compilers and caches come to rest. */
const warmUp = { instances: 20, ms: 1500 };
const minimumInstancesOfOneCaller = 50;

type WorkloadArguments = Extract<BenchArguments, { kind: 'workload' }>;

export type Observer = Readonly<{
  progress(line: string): void;
  /** CPU of our server's threads while one number of callers was measured. */
  cpu?(callers: number, instances: number, threads: readonly ThreadCpu[]): void;
}>;

/**
 * Starts the systems one after the other, each alone and with an empty data folder, round after round; each round begins
 * with another system, so that none always comes first. Throws when ours fails or anybody answers wrongly.
 */
export async function measureW1(
  options: WorkloadArguments,
  tenon: TenonOptions,
  observer: Observer,
): Promise<Comparison> {
  const ours = describeTenon(tenon);
  const systems = [ours, ...options.peers.map(peerNamed)];
  const skipped = new Map<string, string>();
  const measured = new Map(systems.map((system) => [system.name, new Map<number, Measurement[]>()]));

  async function unlessUnavailable(system: System, act: () => Promise<void>): Promise<void> {
    if (skipped.has(system.name)) return;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof SystemUnavailable)) throw error;
      const reason = withoutPlaces(error.message).replace(/\s+/g, ' ').slice(0, 500);
      skipped.set(system.name, reason);
      observer.progress(`${system.name} is skipped: ${reason}`);
    }
  }

  for (const system of systems) await unlessUnavailable(system, () => system.prepare());
  for (let round = 0; round < options.rounds; round++) {
    for (const system of rotated(systems, round)) {
      await unlessUnavailable(system, async () => {
        await measureSystem(system, options, observer, (callers, measurement) => {
          const rounds = measured.get(system.name);
          rounds?.set(callers, [...(rounds.get(callers) ?? []), measurement]);
          const rate = measurement.instancesPerSecond.toFixed(1);
          const p50 = measurement.latencyMs.p50.toFixed(2);
          observer.progress(
            `round ${round + 1}: ${system.name}, ${callers} callers: ${rate} instances/s, p50 ${p50} ms`,
          );
        });
      });
    }
  }

  const summaryOf = (system: System): SystemSummary => ({
    versions: system.versions,
    durability: system.durability,
    completion: system.completion,
    levels: Object.fromEntries(
      [...(measured.get(system.name) ?? [])].map(([callers, all]) => [`c${callers}`, summarizeLevel(callers, all)]),
    ),
  });
  const peers = systems.slice(1).map((system): [string, SystemSummary | Skipped] => {
    const reason = skipped.get(system.name);
    return [system.name, reason === undefined ? summaryOf(system) : { skipped: reason }];
  });
  return compare(options.rounds, summaryOf(ours), Object.fromEntries(peers));
}

async function measureSystem(
  system: System,
  options: WorkloadArguments,
  observer: Observer,
  record: (callers: number, measurement: Measurement) => void,
): Promise<void> {
  const data = makeDataFolder(system.name);
  try {
    const running = await system.start(data.folder);
    try {
      for (const callers of options.callers) {
        const { measurement, threads } = await measureLevel(running, callers, {
          instances: callers === 1 ? minimumInstancesOfOneCaller : (options.total ?? system.minimumInstances),
          ms: options.seconds * 1000,
        });
        record(callers, measurement);
        if (system.name === 'tenon') observer.cpu?.(callers, measurement.instances, threads);
      }
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
): Promise<{ measurement: Measurement; threads: readonly ThreadCpu[] }> {
  const client = openHttpClient(running.origin, callers);
  try {
    const complete = (sequence: number) => running.complete(client, sequence, callers);
    await driveClosedLoop({ callers, minimumInstances: warmUp.instances, minimumMs: warmUp.ms, complete });
    const [cpuBefore, threadsBefore] = [running.cpuMs(), running.cpuMsByThread()];
    const result = await driveClosedLoop({
      callers,
      minimumInstances: minimum.instances,
      minimumMs: minimum.ms,
      complete,
    });
    const [cpuAfter, threadsAfter] = [running.cpuMs(), running.cpuMsByThread()];
    const isCpuKnown = cpuBefore !== undefined && cpuAfter !== undefined;
    const cpuMsPerInstance = isCpuKnown ? rounded((cpuAfter - cpuBefore) / result.instances) : undefined;
    return { measurement: { ...result, cpuMsPerInstance }, threads: spent(threadsBefore, threadsAfter) };
  } finally {
    await client.close();
  }
}

function peerNamed(name: string): System {
  switch (name) {
    case 'cloudflare':
      return describeCloudflare();
    case 'restate':
      return describeRestate();
    case 'dbos':
      return describeDbos();
    default:
      throw new UsageError(`W1 has the peers cloudflare, restate and dbos, not "${name}"`);
  }
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
