import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryFolder } from '../machine.ts';
import { table } from '../report.ts';
import { asGiven, type Limit, raisedFor } from './limits.ts';
import { type Outcome, type Scenario, simulate } from './simulate.ts';

const begin = '<!-- scale: written by npm run scale -->';
const end = '<!-- end of scale -->';
const page = path.join(repositoryFolder, 'docs/scale.md');

const rates = [300, 3000, 30_000];
const spreads = ['even', 'zipf', 'one hot'] as const;

/** Where nothing binds there is nothing to raise. */
const accountsAt = (rate: number) => (rate < 1000 ? [asGiven] : [asGiven, raisedFor(rate)]);

const scenarios: readonly Scenario[] = rates.flatMap((rate) =>
  accountsAt(rate).flatMap((account) => spreads.map((spread) => ({ rate, spread, account }))),
);

/** The table of all scenarios, in Markdown. The same each time. */
export function scaleTable(): string {
  const head = ['instances/s', 'account', 'tenants', 'created', 'queue p99', 'binds first', 'and then'];
  return table(
    head,
    scenarios.map((scenario) => cellsOf(scenario, simulate(scenario))),
  );
}

function cellsOf({ rate, account, spread }: Scenario, { created, queueAgeP99, pressures }: Outcome): readonly string[] {
  const tooLittle = pressures.filter(([, pressure]) => pressure > 1).map(nameOf);
  const [nearest] = pressures;
  return [
    rate.toLocaleString('en'),
    account.name,
    spread,
    `${(created * 100).toFixed(created > 0.9995 ? 0 : 1)} %`,
    `${queueAgeP99} s`,
    tooLittle[0] ?? `nothing (nearest: ${nearest === undefined ? '' : nameOf(nearest)})`,
    tooLittle.slice(1, 4).join(', '),
  ];
}

const nameOf = ([limit, pressure]: readonly [Limit, number]): string => `${limit} x ${pressure.toFixed(2)}`;

/** What the document shows between its marks. Throws where it has lost them. */
export function shownTable(text = readFileSync(page, 'utf8')): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/scale.md needs the lines ${begin} and ${end}`);
  return text.slice(from + begin.length, to).trim();
}

export function writeScalePage(shown: string): void {
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.replace(`${begin}\n\n${shownTable(text)}`.trimEnd(), `${begin}\n\n${shown}`));
}
