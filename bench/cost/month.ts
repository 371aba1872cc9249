import { DUE_SHARDS, REMOVAL_SHARDS } from '../../lib/adapters/aws/dynamodb-keys.ts';
import type { FunctionName } from '../../lib/infra/tenon-props.ts';
import { dollarsAMonth, dollarsOf } from './bill.ts';
import { usageOf } from './instance-costs.ts';
import type { CostResult } from './result.ts';
import { sumOf, times, type Usage } from './usage.ts';

const minutesAMonth = 30 * 24 * 60;
/** Lambda's pollers of a mapping with a maximum of concurrency never fall below five, and wait 20 s for a message. */
const pollers = { count: 5, receiptsAMinute: 3 } as const;
/** `SweeperFinds`, `ReadUnits` and `WriteUnits` of the stack: the sweeper writes all three each minute. */
const customMetrics = 3;

export type Line = Readonly<{ what: string; usd: number }>;

/** A stack that nobody uses, for thirty days. */
export function idleStack({ alarmMetrics, sweep }: CostResult): readonly Line[] {
  const sweeps = times(sumOf([sweep.usage, { schedules: 1 }]), minutesAMonth);
  const polls: Usage = { queueRequests: pollers.count * pollers.receiptsAMinute * minutesAMonth };
  const shards = DUE_SHARDS + REMOVAL_SHARDS;
  return [
    { what: 'the dashboard', usd: dollarsAMonth('dashboard', 1) },
    { what: `the alarms, which watch ${alarmMetrics} metrics`, usd: dollarsAMonth('alarmMetric', alarmMetrics) },
    { what: 'the KMS key', usd: dollarsAMonth('key', 1) },
    { what: `${customMetrics} metrics of its own`, usd: dollarsAMonth('customMetric', customMetrics) },
    { what: "the operator's secret", usd: dollarsAMonth('secret', 1) },
    {
      what: `${pollers.count} pollers that ask the queue every ${60 / pollers.receiptsAMinute} s`,
      usd: dollarsOf(polls),
    },
    {
      what: `${minutesAMonth.toLocaleString('en')} sweeps over ${shards} shards, ${sweep.usage.readUnits} read units each`,
      usd: dollarsOf(sweeps),
    },
  ];
}

const kilobyte = 1 / 1024 ** 2;
const rowBytes = 100;
/** As uploaded, as compiled, and its source map. */
const copiesOfBundle = 3;
const bundleKilobytes = 50;

/** What lies there for a month, GB: rows are at most a kilobyte for each write unit that they took. */
export function idleTenant(result: CostResult, tenants: number): readonly Line[] {
  const { tableWriteUnits = 0, indexWriteUnits = 0 } = usageOf(result.kinds.tenant);
  const rows = tenants * (tableWriteUnits * kilobyte + (indexWriteUnits * rowBytes) / 1024 ** 3);
  const objects = tenants * copiesOfBundle * bundleKilobytes * kilobyte;
  return [
    { what: 'rows', usd: storedRows(rows) },
    {
      what: `a bundle of ${bundleKilobytes} KB, kept ${copiesOfBundle} times over`,
      usd: dollarsAMonth('objectGb', objects),
    },
  ];
}

/** A million instances that sleep, or that ended and are kept. */
export function keptInstances({ kinds }: CostResult): number {
  const { tableWriteUnits = 0 } = usageOf(kinds.pure);
  return storedRows(1_000_000 * tableWriteUnits * kilobyte);
}

function storedRows(gb: number): number {
  return dollarsAMonth('tableGb', gb) + dollarsAMonth('backupGb', gb);
}

/** An hour in which a function waits for something, dollars. */
export function waitingHour({ memoryMb }: CostResult, functions: readonly FunctionName[]): number {
  const gb = functions.reduce((sum, name) => sum + memoryMb[name] / 1024, 0);
  return dollarsOf({ lambdaGbSeconds: gb * 3600 });
}
