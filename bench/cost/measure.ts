import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { FunctionName } from '../../lib/infra/tenon-props.ts';
import { FUNCTION_DEFAULTS } from '../../lib/infra/tenon-props.ts';
import { synthesizeAssembly } from '../../test/cloud/assembly.ts';
import { type LocalCloud, startLocalCloud } from '../../test/cloud/local-cloud.ts';
import { driveClosedLoop } from '../closed-loop.ts';
import { field, openHttpClient } from '../http-client.ts';
import { describeCommit, describeMachine, repositoryFolder } from '../machine.ts';
import { rounded } from '../statistics.ts';
import { createTenant, deployBundle } from '../tenants.ts';
import { between, CloudMeters, type FunctionReading, type Reading } from './cloud-meters.ts';
import { type Kind, type KindName, kinds, type Place } from './kinds.ts';
import type { CostResult, KindResult } from './result.ts';
import { times } from './usage.ts';

export const title = 'What AWS would bill, counted at the local cloud';

/** The template's own schedule does not ring meanwhile: what it costs is measured apart. */
const neverMs = 2 ** 31 - 1;
const betweenReadingsMs = 500;
const sweeps = 5;

export type CostOptions = Readonly<{ instances: number; callers: number }>;

/**
 * Starts the stack in the local cloud, warms it up, and runs instances kind by kind, each alone, reading the meters when nothing
 * moves any more. Throws when an instance fails or answers wrongly, or when a delivery was given up.
 */
export async function measureCost(options: CostOptions, progress: (line: string) => void): Promise<CostResult> {
  const [before = 0] = loadavg();
  const commit = describeCommit();
  progress('synthesizing the stack');
  const assembly = synthesizeAssembly({ allowPrivateEgress: true, maxDispatchers: 20 });
  const meters = new CloudMeters();
  const troubles: string[] = [];
  const cloud = await startLocalCloud({
    template: assembly.template,
    assemblyFolder: assembly.folder,
    minuteMs: neverMs,
    onLog: meters.log,
    onTrouble: (what, error) => troubles.push(`${what}: ${error}`),
  });
  const outside = await startOutside();
  const client = openHttpClient(cloud.url, Math.max(options.callers, 10));
  try {
    const place = await settle(cloud, client, outside.url);
    const measured: [KindName, KindResult][] = [];
    for (const [name, kind] of Object.entries(kinds) as [KindName, Kind][]) {
      measured.push([name, await measureKind(kind, { cloud, meters, place, options })]);
      progress(`${kind.title}: ${measured.at(-1)?.[1].instances} in ${measured.at(-1)?.[1].seconds} s`);
    }
    const sweep = await measureSweep(cloud, meters);
    if (troubles.length > 0) throw new Error(`the local cloud had trouble with ${troubles.join('; ')}`);
    return {
      workload: 'W7',
      title,
      measuredAt: new Date().toISOString(),
      machine: describeMachine(),
      commit,
      versions: { tenon: String(field(JSON.parse(readFileSync(inRepository('package.json'), 'utf8')), 'version')) },
      loadAverage: { before: rounded(before), after: rounded(loadavg()[0] ?? 0) },
      memoryMb: memoryOfFunctions(),
      alarmMetrics: alarmMetricsOf(cloud),
      bundleBytes: place.bundle.length,
      kinds: Object.fromEntries(measured) as Record<KindName, KindResult>,
      sweep,
    };
  } finally {
    await client.close();
    await outside.close();
    await cloud.close();
    assembly.remove();
  }
}

type Measuring = Readonly<{ cloud: LocalCloud; meters: CloudMeters; place: Place; options: CostOptions }>;

async function measureKind(kind: Kind, { cloud, meters, place, options }: Measuring): Promise<KindResult> {
  const callers = kind.callers ?? options.callers;
  const loop = { callers, minimumMs: 0, complete: (sequence: number) => kind.complete(place, sequence) };
  const minimumInstances = Math.max(2, Math.ceil(options.instances * kind.share));
  // Environments start, compilers and caches come to rest.
  await driveClosedLoop({ ...loop, minimumInstances: Math.max(callers, Math.ceil(minimumInstances / 5)) });
  const before = await atRest(cloud, meters);
  const { instances, seconds } = await driveClosedLoop({ ...loop, minimumInstances });
  return { instances, callers, seconds, functions: between(before, await atRest(cloud, meters)) };
}

/** Two tenants, one a level, with one bundle. */
async function settle(cloud: LocalCloud, client: Place['client'], effectUrl: string): Promise<Place> {
  const { operatorKey } = cloud;
  const bundle = readFileSync(inRepository('bench/bundles/kinds.js'));
  const egress = { allow: [new URL(effectUrl).host] };
  const tenants = {
    isolate: await createTenant(client, operatorKey, 'isolated', { egress, isolation: 'isolate' }),
    microvm: await createTenant(client, operatorKey, 'apart', { egress, isolation: 'microvm' }),
  };
  for (const tenant of Object.values(tenants)) await deployBundle(client, tenant, bundle);
  return { client, operatorKey, bundle, tenants, effectUrl };
}

/** Sweeps that have nothing to do: what an idle stack does each minute. */
async function measureSweep(cloud: LocalCloud, meters: CloudMeters): Promise<FunctionReading> {
  const functionArn = cloud.stack.find('AWS::Lambda::Function', 'Sweeper').arn;
  await cloud.functions.invoke({ functionArn, payload: {} });
  const before = await atRest(cloud, meters);
  for (let count = 0; count < sweeps; count++) await cloud.functions.invoke({ functionArn, payload: {} });
  const { usage, invocations, billedMs, coldStarts } = between(before, await atRest(cloud, meters)).sweeper;
  return {
    usage: times(usage, 1 / sweeps),
    invocations: invocations / sweeps,
    billedMs: billedMs / sweeps,
    coldStarts: coldStarts / sweeps,
  };
}

/** The meters once no message is on its way and no invocation under way. */
async function atRest(cloud: LocalCloud, meters: CloudMeters): Promise<Reading> {
  const queues = cloud.stack.ofType('AWS::SQS::Queue').map(({ arn }) => cloud.queues.ofArn(arn).queue);
  for (let last: Reading | undefined; ; ) {
    const counts = queues.flatMap((queue) => Object.values(queue.counts()));
    const reading = meters.read(cloud);
    if (counts.every((count) => count === 0) && isDeepStrictEqual(reading, last)) return reading;
    last = reading;
    await delay(betweenReadingsMs);
  }
}

/** Each metric of an alarm's expression counts as an alarm. */
function alarmMetricsOf(cloud: LocalCloud): number {
  const counts = cloud.stack
    .ofType('AWS::CloudWatch::Alarm')
    .map(({ properties }): number =>
      properties.Metrics === undefined
        ? 1
        : properties.Metrics.filter(({ MetricStat }: { readonly MetricStat?: object }) => MetricStat !== undefined)
            .length,
    );
  return counts.reduce((sum, count) => sum + count, 0);
}

function memoryOfFunctions(): Record<FunctionName, number> {
  const memories = Object.entries(FUNCTION_DEFAULTS).map(([name, { memoryMb }]) => [name, memoryMb]);
  return Object.fromEntries(memories) as Record<FunctionName, number>;
}

/** What effectful steps call. */
async function startOutside() {
  const server = createServer((_, response) => response.end('done'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function inRepository(file: string): string {
  return path.join(repositoryFolder, file);
}
