import { existsSync, readFileSync } from 'node:fs';
import { commitText, machineText } from '../machine.ts';
import { type Marks, markedText, rewritePage, withMarked } from '../marked-page.ts';
import { resultFile } from '../results-page.ts';
import { priceLists } from './price-lists.ts';
import type { CostResult } from './result.ts';
import {
  comparisonTable,
  monthTable,
  priceTable,
  readingTable,
  serviceTable,
  stepTable,
  timeTable,
  unitTable,
  waitingTable,
} from './tables.ts';

const marks: Marks = {
  page: 'docs/cost.md',
  begin: '<!-- cost: written by npm run bench -- report -->',
  end: '<!-- end of cost -->',
};

/** All that the document shows of one measurement, in Markdown. */
export function costSections(result: CostResult): string {
  const { measuredAt, commit, machine, loadAverage } = result;
  const lists = priceLists.map(({ name, unit, usdPerMillion: { low, high }, counts }) => {
    const price = low === high ? `$${low}` : `$${high} to ${low}`;
    return `- **${name}**: ${price} a million; one ${unit} for ${counts}.`;
  });
  return [
    `Measured ${measuredAt.slice(0, 10)}, ${commitText(commit)}; ${machineText(machine)}. Load average ${loadAverage.before.toFixed(1)} before and ${loadAverage.after.toFixed(1)} after.`,
    '### Steps',
    stepTable(result),
    '### Beside price lists',
    comparisonTable(result),
    lists.join('\n'),
    '### Where the dollars go',
    serviceTable(result),
    '### Units',
    unitTable(result),
    '### Time in Lambda',
    timeTable(result),
    '### Reading, and new tenants',
    readingTable(result),
    '### A month of nothing',
    monthTable(result),
    '### Waiting',
    waitingTable(result),
    '### Prices',
    priceTable(),
  ].join('\n\n');
}

/** What is recorded; `undefined`: nothing yet. */
export function recordedCost(): CostResult | undefined {
  const file = resultFile('W7');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** What the document shows between its marks. Throws where it has lost them. */
export function shownCost(text?: string): string {
  return markedText(marks, text);
}

/** Puts what is recorded into the document; `false`: nothing is. */
export function writeCostPage(): boolean {
  const result = recordedCost();
  if (result === undefined) return false;
  rewritePage(marks.page, (text) => withMarked(marks, text, costSections(result)));
  return true;
}
