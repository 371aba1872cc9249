import type { FunctionName } from '../../lib/infra/tenon-props.ts';
import type { Commit, Machine } from '../machine.ts';
import type { FunctionReading, Reading } from './cloud-meters.ts';
import type { KindName } from './kinds.ts';

/** Everything that was used by all instances of a kind together. */
export type KindResult = Readonly<{
  instances: number;
  callers: number;
  seconds: number;
  functions: Reading;
}>;

export type CostResult = Readonly<{
  workload: 'W7';
  title: string;
  measuredAt: string;
  machine: Machine;
  commit: Commit;
  versions: Readonly<Record<string, string>>;
  /** Of the last minute, before the first instance and after the last one. More than there are cores: times are too long. */
  loadAverage: Readonly<{ before: number; after: number }>;
  memoryMb: Readonly<Record<FunctionName, number>>;
  /** Metrics that alarms watch, each of which is billed as an alarm. */
  alarmMetrics: number;
  bundleBytes: number;
  kinds: Readonly<Record<KindName, KindResult>>;
  /** Of one sweep that finds nothing. */
  sweep: FunctionReading;
}>;
