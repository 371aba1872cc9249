import type { Commit, Machine } from './machine.ts';
import { rounded, type Spread, spreadOf } from './statistics.ts';

/** What one round of one system at one number of callers gave. */
export type Measurement = Readonly<{
  instances: number;
  seconds: number;
  instancesPerSecond: number;
  latencyMs: Readonly<{ p50: number; p90: number; p99: number; max: number }>;
  /** CPU of the system's own processes; undefined where the machine does not tell. */
  cpuMsPerInstance: number | undefined;
}>;

export type LevelSummary = Readonly<{
  callers: number;
  instances: number;
  instancesPerSecond: Spread;
  p50Ms: Spread;
  p99Ms: Spread;
  cpuMsPerInstance?: Spread;
}>;

/** A system over all rounds: `c1`, `c50` and so on, one for each number of callers. */
export type SystemSummary = Readonly<{
  versions: Readonly<Record<string, string>>;
  durability: string;
  completion: string;
  /** Rounds that were measured again because the system broke a connection off. */
  repeatedRounds: number;
  levels: Readonly<Record<string, LevelSummary>>;
}>;

export type Skipped = Readonly<{ skipped: string }>;

/**
 * Ours divided by the peer's, from the medians: `c1`, `c50` and so on of instances per second, `c1_p50` of the time to
 * complete. With several callers in a closed loop the time follows from the throughput, so it has no ratio of its own.
 */
export type Ratios = Readonly<Record<string, number>>;

export type Comparison = Readonly<{
  rounds: number;
  ours: SystemSummary;
  peers: Readonly<Record<string, SystemSummary | Skipped>>;
  ratios: Readonly<Record<string, Ratios>>;
}>;

export type Result = Comparison &
  Readonly<{ workload: string; title: string; measuredAt: string; machine: Machine; commit: Commit }>;

export function summarizeLevel(callers: number, rounds: readonly Measurement[]): LevelSummary {
  const cpu = rounds.map((round) => round.cpuMsPerInstance).filter((value) => value !== undefined);
  return {
    callers,
    instances: rounds.reduce((sum, round) => sum + round.instances, 0),
    instancesPerSecond: spreadOf(rounds.map((round) => round.instancesPerSecond)),
    p50Ms: spreadOf(rounds.map((round) => round.latencyMs.p50)),
    p99Ms: spreadOf(rounds.map((round) => round.latencyMs.p99)),
    ...(cpu.length === 0 ? {} : { cpuMsPerInstance: spreadOf(cpu) }),
  };
}

export function ratiosOf(ours: SystemSummary, peer: SystemSummary): Ratios {
  const ratios: Record<string, number> = {};
  for (const [level, mine] of Object.entries(ours.levels)) {
    const theirs = peer.levels[level];
    if (theirs === undefined) continue;
    ratios[level] = rounded(mine.instancesPerSecond.median / theirs.instancesPerSecond.median);
    if (mine.callers === 1) ratios[`${level}_p50`] = rounded(mine.p50Ms.median / theirs.p50Ms.median);
  }
  return ratios;
}

export function compare(
  rounds: number,
  ours: SystemSummary,
  peers: Readonly<Record<string, SystemSummary | Skipped>>,
): Comparison {
  const ratios = Object.entries(peers).flatMap(([name, peer]): [string, Ratios][] =>
    'skipped' in peer ? [] : [[name, ratiosOf(ours, peer)]],
  );
  return { rounds, ours, peers, ratios: Object.fromEntries(ratios) };
}

/** The tables of one comparison in Markdown, which reads well in a terminal too. */
export function tablesOf(comparison: Comparison): string {
  const systems = [['tenon', comparison.ours] as const, ...Object.entries(comparison.peers)];
  const figures = systems.flatMap(([name, system]) =>
    'skipped' in system ? [] : Object.values(system.levels).map((level) => figureCells(name, level)),
  );
  const parts = [
    table(['system', 'callers', 'instances/s', 'p50 ms', 'p99 ms', 'CPU ms an instance', 'instances'], figures),
  ];
  const ratios = Object.entries(comparison.ratios).flatMap(([peer, values]) =>
    Object.keys(comparison.ours.levels).flatMap((level) => {
      const [throughput, p50] = [values[level], values[`${level}_p50`]];
      if (throughput === undefined) return [];
      return [[`tenon / ${peer}`, level.slice(1), throughput.toFixed(2), p50?.toFixed(3) ?? '']];
    }),
  );
  if (ratios.length > 0) parts.push(table(['ratio', 'callers', 'instances/s', 'p50'], ratios));
  for (const [name, system] of systems) {
    parts.push('skipped' in system ? `- ${name}: skipped. ${system.skipped}` : describeSystem(name, system));
  }
  return parts.join('\n\n').replaceAll('\n\n- ', '\n- ').replace('\n- ', '\n\n- ');
}

function describeSystem(name: string, system: SystemSummary): string {
  const versions = Object.entries(system.versions).map(([part, version]) => `${part} ${version}`);
  const repeated =
    system.repeatedRounds === 0 ? '' : ` Rounds measured again after it broke off: ${system.repeatedRounds}.`;
  return `- ${name} (${versions.join(', ')}). Durable: ${system.durability}. A caller: ${system.completion}.${repeated}`;
}

function figureCells(name: string, level: LevelSummary): readonly string[] {
  return [
    name,
    String(level.callers),
    spreadText(level.instancesPerSecond),
    spreadText(level.p50Ms),
    spreadText(level.p99Ms),
    level.cpuMsPerInstance === undefined ? '' : spreadText(level.cpuMsPerInstance),
    String(level.instances),
  ];
}

/** The median with the lowest and the highest round behind it. */
export function spreadText(spread: Spread): string {
  const digits = spread.median >= 100 ? 0 : spread.median >= 10 ? 1 : 2;
  const [middle, low, high] = [spread.median, spread.min, spread.max].map((value) => value.toFixed(digits));
  return spread.rounds.length === 1 ? `${middle}` : `${middle} (${low} to ${high})`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}
