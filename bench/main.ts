import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BenchArguments, parseArguments, UsageError, usage } from './arguments.ts';
import { measureCost } from './cost/measure.ts';
import { costSections, writeCostPage } from './cost/page.ts';
import { describeCommit, describeMachine, withoutPlaces } from './machine.ts';
import { makeDataFolder, type ThreadCpu } from './processes.ts';
import { breakDown, readProfiles } from './profile.ts';
import { type Comparison, type Result, table, tablesOf } from './report.ts';
import { resultFile, writeResultsPage } from './results-page.ts';
import { measureW1, title } from './workloads/w1.ts';
import { measureW6, type QuietResult, tablesOfW6, title as w6Title } from './workloads/w6.ts';

type WorkloadArguments = Extract<BenchArguments, { kind: 'workload' }>;

/** Two rounds cannot show a spread. */
const roundsToSave = 3;

async function main(words: readonly string[]): Promise<void> {
  const options = parseArguments(words);
  switch (options.kind) {
    case 'report':
      console.log(`docs/performance.md shows ${writeResultsPage()} results`);
      if (writeCostPage()) console.log('docs/cost.md shows those of W7');
      return;
    case 'cost':
      return measureCosts(options);
    case 'workload':
      if (options.workload.toUpperCase() === 'W6') return measureNoise(options);
      if (options.workload.toUpperCase() !== 'W1') throw new UsageError(`there is no workload "${options.workload}"`);
      return options.isProfile ? profile(options) : measure(options);
  }
}

async function measure(options: WorkloadArguments): Promise<void> {
  const machine = describeMachine();
  if (machine.dataFileSystem === 'tmpfs') progress('the data folders lie in memory (tmpfs): nothing here is durable');
  const commit = describeCommit();
  const comparison = await measureW1(options, {}, { progress });
  const result: Result = {
    workload: 'W1',
    title,
    measuredAt: new Date().toISOString(),
    machine,
    commit,
    ...comparison,
  };
  console.log(`\n${tablesOf(comparison)}\n`);
  if (options.isSaved && options.rounds >= roundsToSave) save(result);
  else progress('bench/results is unchanged');
  if (options.isJson) console.log(JSON.stringify(lastLineOf(comparison)));
}

async function measureNoise(options: WorkloadArguments): Promise<void> {
  const about = { machine: describeMachine(), commit: describeCommit() };
  const comparison = await measureW6(options, progress);
  console.log(`\n${tablesOfW6(comparison)}\n`);
  const measuredAt = new Date().toISOString();
  const result: QuietResult = { workload: 'W6', title: w6Title, measuredAt, ...about, ...comparison };
  if (options.isSaved && options.rounds >= roundsToSave) save(result);
  else progress('bench/results is unchanged');
  if (options.isJson) console.log(JSON.stringify(comparison));
}

async function measureCosts(options: Extract<BenchArguments, { kind: 'cost' }>): Promise<void> {
  const result = await measureCost(options, progress);
  console.log(`\n${costSections(result)}\n`);
  if (options.isSaved) save(result);
  else progress('bench/results is unchanged');
  if (options.isJson) console.log(JSON.stringify(result));
}

async function profile(options: WorkloadArguments): Promise<void> {
  const profiles = makeDataFolder('profile');
  const cpu: string[][] = [];
  const noteCpu = (callers: number, instances: number, threads: readonly ThreadCpu[]) => {
    for (const one of threads.filter(({ cpuMs }) => cpuMs > 0)) {
      const process = one.isFirst ? 'server' : `process ${one.processId} below it`;
      const perInstance = (one.cpuMs / instances).toFixed(3);
      cpu.push([String(callers), process, one.threads, one.cpuMs.toFixed(0), perInstance]);
    }
  };
  try {
    const comparison = await measureW1(options, { profileFolder: profiles.folder }, { progress, cpu: noteCpu });
    console.log(`\n${tablesOf(comparison)}\n`);
    const head = ['callers', 'process', 'threads', 'CPU ms', 'ms an instance'];
    console.log(`CPU by threads, without start and warm-up:\n\n${table(head, cpu)}\n`);
    const all = readProfiles(profiles.folder);
    if (all.length === 0) throw new Error('the server left no CPU profile: it did not end by itself on SIGTERM');
    for (const one of all) {
      const rows = breakDown(one).map(({ area, ms, share }) => [area, ms.toFixed(0), `${(share * 100).toFixed(1)} %`]);
      console.log(`Self time of one process, from its start to its end:\n\n${table(['area', 'ms', 'share'], rows)}\n`);
    }
    if (options.isJson) console.log(JSON.stringify(lastLineOf(comparison)));
  } finally {
    profiles.remove();
  }
}

function save(result: Readonly<{ workload: string }>): void {
  const file = resultFile(result.workload);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  progress(`written to ${withoutPlaces(file)}`);
}

function lastLineOf({ rounds, ours, peers, ratios }: Comparison): Comparison {
  return { rounds, ours, peers, ratios };
}

function progress(line: string): void {
  console.error(line);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error);
  process.exit(1);
}
