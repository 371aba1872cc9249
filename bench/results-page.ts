import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CostResult } from './cost/result.ts';
import { commitText, machineText, repositoryFolder } from './machine.ts';
import { type Marks, rewritePage, withMarked } from './marked-page.ts';
import { type Result, tablesOf } from './report.ts';
import { type QuietResult, tablesOfW6 } from './workloads/w6.ts';

const marks: Marks = {
  page: 'docs/performance.md',
  begin: '<!-- results: written by npm run bench -- report -->',
  end: '<!-- end of results -->',
};

export function resultFile(workload: string): string {
  return path.join(repositoryFolder, 'bench/results', `${workload.toLowerCase()}.json`);
}

/** Puts the tables of all recorded comparisons between the marks of docs/performance.md. Returns how many there were. */
export function writeResultsPage(): number {
  const folder = path.join(repositoryFolder, 'bench/results');
  const results = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name): Result | QuietResult | CostResult => JSON.parse(readFileSync(path.join(folder, name), 'utf8')))
    .filter((result): result is Result | QuietResult => 'rounds' in result);
  rewritePage(marks.page, (text) => withResults(text, results));
  return results.length;
}

/** Throws when the page has lost its marks. */
export function withResults(page: string, results: readonly (Result | QuietResult)[]): string {
  const sections = results.length === 0 ? 'No results are recorded yet.' : results.map(sectionOf).join('\n\n');
  return withMarked(marks, page, sections);
}

function sectionOf(result: Result | QuietResult): string {
  const { machine, commit } = result;
  return [
    `### ${result.workload}: ${result.title}`,
    `${result.measuredAt.slice(0, 10)}, ${commitText(commit)}, ${result.rounds} rounds; ${machineText(machine)}.`,
    'beside' in result ? tablesOfW6(result) : tablesOf(result),
  ].join('\n\n');
}
