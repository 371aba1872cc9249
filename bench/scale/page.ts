import { type Marks, markedText, rewritePage, withMarked } from '../marked-page.ts';
import { table } from '../report.ts';
import { asGiven, type Limit, raisedFor } from './limits.ts';
import { type Outcome, type Scenario, simulate } from './simulate.ts';

const marks: Marks = {
  page: 'docs/scale.md',
  begin: '<!-- scale: written by npm run scale -->',
  end: '<!-- end of scale -->',
};

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
export function shownTable(text?: string): string {
  return markedText(marks, text);
}

export function writeScalePage(shown: string): void {
  rewritePage(marks.page, (text) => withMarked(marks, text, shown));
}
