import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryFolder } from './machine.ts';
import { type Result, tablesOf } from './report.ts';

const begin = '<!-- results: written by npm run bench -- report -->';
const end = '<!-- end of results -->';

export function resultFile(workload: string): string {
  return path.join(repositoryFolder, 'bench/results', `${workload.toLowerCase()}.json`);
}

/** Puts the tables of all recorded results between the two marks of docs/performance.md. Returns how many there were. */
export function writeResultsPage(): number {
  const folder = path.join(repositoryFolder, 'bench/results');
  const results = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name): Result => JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
  const page = path.join(repositoryFolder, 'docs/performance.md');
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), results));
  return results.length;
}

/** Throws when the page has lost its marks. */
export function withResults(page: string, results: readonly Result[]): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md needs the lines ${begin} and ${end}`);
  const sections = results.length === 0 ? 'No results are recorded yet.' : results.map(sectionOf).join('\n\n');
  return `${page.slice(0, from)}${begin}\n\n${sections}\n\n${page.slice(to)}`;
}

function sectionOf(result: Result): string {
  const { machine, commit } = result;
  const place = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, data on ${machine.dataFileSystem}`;
  const state = commit.hasLocalChanges ? ' with local changes' : '';
  return [
    `### ${result.workload}: ${result.title}`,
    `${result.measuredAt.slice(0, 10)}, commit ${commit.id.slice(0, 12)}${state}, ${result.rounds} rounds; ${place}; Node ${machine.node}.`,
    tablesOf(result),
  ].join('\n\n');
}
