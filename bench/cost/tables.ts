import { table } from '../report.ts';
import { dollarsByService, dollarsOf, services } from './bill.ts';
import { batchSizeOf, marginalStep, millionOf, usageOf, usageOfReading } from './instance-costs.ts';
import { type Kind, type KindName, kinds } from './kinds.ts';
import { idleStack, idleTenant, keptInstances, type Line, waitingHour } from './month.ts';
import { listedDollars, priceLists } from './price-lists.ts';
import { meterPrices, monthlyPrices, type Seen } from './prices.ts';
import type { CostResult, KindResult } from './result.ts';
import { times, type Usage, writeUnitsOf } from './usage.ts';

const million = 1_000_000;
const allKinds = Object.entries(kinds) as readonly (readonly [KindName, Kind])[];
/** Time that functions spend in each other's way belongs to this machine: no dollars are made of it. */
const pricedKinds = allKinds.filter(([name]) => name !== 'crowd');
const comparedKinds = ['pure', 'microvm', 'effectful', 'approval', 'sleeper', 'long'] as const;

/** Two digits that mean something, and no more than cents of what is large. */
const usd = (value: number): string => {
  const size = Math.abs(value);
  return `${value < 0 ? '-' : ''}$${size >= 0.1 || size === 0 ? size.toFixed(2) : size.toPrecision(2)}`;
};
const amount = (value = 0): string => String(Number(value.toFixed(2)));

/** Steps: all in, what of that is counted and what depends on the machine, one more, and the marks for write units. */
export function stepTable(result: CostResult): string {
  const rows = [
    { name: 'pure', more: marginalStep(result, 'long', kinds.long.work.steps), mark: '0.5' },
    { name: 'effectful', more: marginalStep(result, 'effectful', kinds.effectful.work.steps), mark: '1.1' },
  ] as const;
  return table(
    [
      'a million steps',
      'all in, ten an instance',
      'of that counted',
      'of that Lambda time',
      'one more in an instance',
      'write units of one more',
      'at most',
    ],
    rows.map(({ name, more, mark }) => {
      const { steps } = kinds[name].work;
      const all = millionOf(result.kinds[name]) / steps;
      const time = (million * dollarsByService(usageOf(result.kinds[name]))['Lambda time']) / steps;
      return [name, usd(all), usd(all - time), usd(time), usd(more.usdPerMillion), more.writeUnits.toFixed(3), mark];
    }),
  );
}

/** Dollars of a million instances of each kind, beside what others ask for the same work. */
export function comparisonTable(result: CostResult): string {
  return table(
    ['a million instances of', 'Tenon, all in', ...priceLists.map(({ name }) => name)],
    comparedKinds.map((name) => [
      kinds[name].title,
      usd(millionOf(result.kinds[name])),
      ...priceLists.map((list) => {
        const { low, high } = listedDollars(list, kinds[name].work);
        return low === high
          ? `$${low.toLocaleString('en')}`
          : `$${low.toLocaleString('en')} to ${high.toLocaleString('en')}`;
      }),
    ]),
  );
}

export function serviceTable(result: CostResult): string {
  return table(
    ['dollars of a million instances', ...Object.keys(services), 'all in'],
    pricedKinds.map(([name, { title }]) => {
      const lines = dollarsByService(times(usageOf(result.kinds[name]), million));
      return [title, ...[...Object.values(lines), millionOf(result.kinds[name])].map((value) => value.toFixed(2))];
    }),
  );
}

export function unitTable(result: CostResult): string {
  const columns: readonly (readonly [string, (usage: Usage) => string])[] = [
    ['write units', (usage) => amount(writeUnitsOf(usage))],
    ['table', (usage) => amount(usage.tableWriteUnits)],
    ['indexes', (usage) => amount(usage.indexWriteUnits)],
    ['read units', (usage) => amount(usage.readUnits)],
    ['Lambda requests', (usage) => amount(usage.lambdaRequests)],
    ['GB-s', (usage) => (usage.lambdaGbSeconds ?? 0).toFixed(3)],
    ['SQS', (usage) => amount(usage.queueRequests)],
    ['HTTP', (usage) => amount(usage.httpRequests)],
    ['S3 PUT, GET', (usage) => `${amount(usage.objectWrites)}, ${amount(usage.objectReads)}`],
    ['schedules', (usage) => amount(usage.schedules)],
    ['KMS', (usage) => amount(usage.keyRequests)],
    ['log bytes', (usage) => ((usage.logGb ?? 0) * 1024 ** 3).toFixed(0)],
  ];
  return table(
    ['an instance of', ...columns.map(([head]) => head)],
    allKinds.map(([name, { title }]) => {
      const usage = usageOf(result.kinds[name]);
      return [title, ...columns.map(([, cell]) => cell(usage))];
    }),
  );
}

/** Milliseconds of each function, on the machine that measured. */
export function timeTable({ kinds: results }: CostResult): string {
  const names = ['api', 'dispatcher', 'executor', 'bundle-uploaded'] as const;
  return table(
    ['billed ms an instance', ...names, 'messages a batch', 'cold starts', 'instances', 'callers'],
    allKinds.map(([name, { title }]) => {
      const { functions, instances, callers } = results[name];
      const coldStarts = Object.values(functions).reduce((sum, one) => sum + one.coldStarts, 0);
      return [
        title,
        ...names.map((one) => (functions[one].billedMs / instances).toFixed(0)),
        functions.dispatcher.invocations === 0 ? '' : batchSizeOf(results[name]).toFixed(2),
        String(coldStarts),
        String(instances),
        String(callers),
      ];
    }),
  );
}

/** What callers choose, a million times. */
export function readingTable(result: CostResult): string {
  const { pure, waited, tenant } = result.kinds;
  const creation = (kind: KindResult): number => dollarsOf(times(kind.functions.api.usage, 1 / kind.instances));
  const environment = { tenantEnvironmentsGb: result.memoryMb.executor / 1024 };
  return table(
    ['a million times', 'dollars'],
    [
      ['`GET …?wait=20` until ten pure steps are done', usd(million * dollarsOf(usageOfReading(pure)))],
      ['`?wait=20` with the creation, instead', usd(million * (creation(waited) - creation(pure)))],
      ['a new tenant with its bundle', usd(millionOf(tenant))],
      ['an environment for a tenant at level `microvm` (assumed)', usd(million * dollarsOf(environment))],
    ],
  );
}

export function monthTable(result: CostResult): string {
  const stack = idleStack(result);
  const tenant = idleTenant(result, 1000);
  return table(
    ['a month', 'dollars'],
    [
      ...stack.map(rowOf),
      ['**a stack that nobody uses**', `**${usd(totalOf(stack))}**`],
      ...tenant.map(({ what, usd: value }) => [`1,000 idle tenants: ${what}`, usd(value)]),
      ['**1,000 idle tenants**', `**${usd(totalOf(tenant))}**`],
      ['a million instances that sleep or are kept, rows', usd(keptInstances(result))],
    ],
  );
}

export function waitingTable(result: CostResult): string {
  return table(
    ['an hour of waiting', 'dollars'],
    [
      ['in `step.sleep` or `step.waitForEvent`', '$0'],
      ["in a step's callback, level `isolate`", usd(waitingHour(result, ['dispatcher']))],
      ["in a step's callback, level `microvm`", usd(waitingHour(result, ['dispatcher', 'executor']))],
      ['of a caller in a creation with `?wait=`', usd(waitingHour(result, ['api']))],
      ['of a caller in a read with `?wait=`', usd(waitingHour(result, ['long-poll']))],
    ],
  );
}

export function priceTable(): string {
  const prices = [...Object.values(meterPrices), ...Object.values(monthlyPrices)];
  return table(
    ['what', 'dollars', 'source', 'seen'],
    prices.map(({ what, usd: value, unit, source, seen }) => [
      what,
      `${Number(value.toPrecision(6))} a ${unit}`,
      source,
      seenText[seen],
    ]),
  );
}

const seenText: Readonly<Record<Seen, string>> = { maker: "AWS's page", others: 'quoted by others', nowhere: 'no' };

const rowOf = ({ what, usd: value }: Line): readonly string[] => [what, usd(value)];
const totalOf = (lines: readonly Line[]): number => lines.reduce((sum, line) => sum + line.usd, 0);
