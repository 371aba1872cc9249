import type { FunctionReading, Reading } from '../../../bench/cost/cloud-meters.ts';
import { type KindName, kinds } from '../../../bench/cost/kinds.ts';
import type { CostResult, KindResult } from '../../../bench/cost/result.ts';
import type { Usage } from '../../../bench/cost/usage.ts';

const reading = (usage: Usage = {}, invocations = 0, billedMs = 0): FunctionReading => ({
  usage,
  invocations,
  billedMs,
  coldStarts: 0,
});

/** Ten instances, by default: what `api` and `dispatcher` used for all of them together, and one read of each. */
export const kindResult = (api: Usage, dispatcher: Usage, dispatched = 10): KindResult => {
  const functions: Reading = {
    api: reading({ ...api, queueRequests: 10 }, 10, 100),
    'long-poll': reading({ readUnits: 50, lambdaRequests: 10, httpRequests: 10 }, 10, 2_000),
    'bundle-uploaded': reading(),
    dispatcher: reading({ ...dispatcher, queueRequests: 2 * dispatched }, dispatched, 500),
    executor: reading(),
    sweeper: reading(),
    'sandbox-finished': reading(),
  };
  return { instances: 10, callers: 1, seconds: 1, functions };
};

export const costResult = (changes: Partial<Record<KindName, KindResult>> = {}): CostResult => {
  const any = kindResult({ tableWriteUnits: 10, indexWriteUnits: 20 }, { tableWriteUnits: 20, indexWriteUnits: 10 });
  const names = Object.keys(kinds) as readonly KindName[];
  return {
    workload: 'W7',
    title: 'costs',
    measuredAt: '2026-11-25T10:00:00.000Z',
    machine: { cpu: 'cpu', cores: 2, memoryGb: 24, system: 'linux', node: 'v24', dataFileSystem: 'ext4' },
    commit: { id: '0123456789abcdef', hasLocalChanges: false },
    versions: { tenon: '0.1.0' },
    loadAverage: { before: 0.5, after: 2 },
    memoryMb: {
      api: 1_024,
      'long-poll': 256,
      'bundle-uploaded': 2_048,
      dispatcher: 3_072,
      executor: 2_048,
      sweeper: 512,
      'sandbox-finished': 256,
    },
    alarmMetrics: 20,
    bundleBytes: 1_000,
    kinds: { ...(Object.fromEntries(names.map((name) => [name, any])) as Record<KindName, KindResult>), ...changes },
    sweep: reading({ readUnits: 20.5, lambdaRequests: 1, lambdaGbSeconds: 0.05 }, 1, 100),
  };
};
