import type { FunctionName } from '../../lib/infra/tenon-props.ts';
import type { CallCount } from '../../test/cloud/call-counts.ts';
import type { LocalStack } from '../../test/cloud/contract.ts';
import { functionsOf } from '../../test/cloud/lambda/function-settings.ts';
import type { FunctionMetrics } from '../../test/cloud/lambda/host.ts';
import type { LogLine } from '../../test/cloud/lambda/log-stream.ts';
import type { DynamoUsage } from '../../test/cloud/services/dynamodb/dynamodb.ts';
import { type Meter, minus, type Usage } from './usage.ts';

const gb = 1024 ** 3;

/** What CloudWatch adds to each line that it takes in. */
const bytesOfLogEvent = 26;
/** Lambda's own lines of an invocation (`platform.start`, `platform.report`), and the front door's line of a request: not written here. */
const assumedLogBytes = { invocation: 550, request: 260 } as const;

/** What the logical ids of functions, and the names of their roles, have in them. */
const constructs: readonly (readonly [string, FunctionName])[] = [
  ['FrontDoorApi', 'api'],
  ['FrontDoorLongPoll', 'long-poll'],
  ['BundleIntakeValidator', 'bundle-uploaded'],
  ['Dispatcher', 'dispatcher'],
  // Works in the name of the tenant role's sessions.
  ['TenantIsolation', 'executor'],
  ['Sweeper', 'sweeper'],
  ['SandboxFinished', 'sandbox-finished'],
];

export type FunctionReading = Readonly<{ usage: Usage; invocations: number; billedMs: number; coldStarts: number }>;
/** Since the cloud was started, by the function that used it; whoever calls the API is not among them. */
export type Reading = Readonly<Record<FunctionName, FunctionReading>>;

/** The parts of a local cloud that count. */
export type Metered = Readonly<{
  stack: LocalStack;
  dynamo: Readonly<{ usage(): readonly DynamoUsage[] }>;
  gateway: Readonly<{ counts: Readonly<{ all(): readonly CallCount[] }> }>;
  functions: Readonly<{ metrics: ReadonlyMap<string, FunctionMetrics> }>;
}>;

/** Reads the meters of a local cloud. `log` belongs into its options. */
export class CloudMeters {
  readonly #logBytes = new Map<FunctionName, number>();

  readonly log = ({ functionLogicalId, line }: LogLine): void => {
    const name = functionNamed(functionLogicalId);
    if (name === undefined) return;
    this.#logBytes.set(name, (this.#logBytes.get(name) ?? 0) + Buffer.byteLength(line) + bytesOfLogEvent);
  };

  read(cloud: Metered): Reading {
    const readings = functionsOf(cloud.stack).map((settings) => {
      const name = functionNamed(settings.logicalId);
      if (name === undefined) throw new Error(`no function of ours: ${settings.logicalId}`);
      const metrics = cloud.functions.metrics.get(settings.logicalId) ?? nothing;
      const { invocations, billedMs, coldStarts } = metrics;
      const isFrontDoor = name === 'api' || name === 'long-poll';
      const usage: Usage = {
        ...tableUsage(cloud, name),
        ...callUsage(cloud.gateway.counts.all(), name),
        lambdaRequests: invocations,
        lambdaGbSeconds: (billedMs / 1000) * (settings.memoryMb / 1024),
        ...(settings.isPerTenant && { tenantEnvironmentsGb: coldStarts * (settings.memoryMb / 1024) }),
        ...(isFrontDoor && { httpRequests: invocations }),
        logGb: this.#logBytesOf(name, { invocations, isFrontDoor, isSilent: settings.logGroup === undefined }) / gb,
      };
      // Lambda reads the queue for the dispatcher, and bills its requests: one receipt and one deletion for each batch.
      const polls = name === 'dispatcher' ? 2 * invocations : 0;
      return [
        name,
        { usage: { ...usage, queueRequests: (usage.queueRequests ?? 0) + polls }, invocations, billedMs, coldStarts },
      ];
    });
    return Object.fromEntries(readings);
  }

  #logBytesOf(
    name: FunctionName,
    { invocations, isFrontDoor, isSilent }: { invocations: number; isFrontDoor: boolean; isSilent: boolean },
  ): number {
    const ofLambda = isSilent ? 0 : invocations * assumedLogBytes.invocation;
    const ofFrontDoor = isFrontDoor ? invocations * assumedLogBytes.request : 0;
    return (this.#logBytes.get(name) ?? 0) + ofLambda + ofFrontDoor;
  }
}

/** What was used between two readings. */
export function between(before: Reading, after: Reading): Reading {
  const names = Object.keys(after) as readonly FunctionName[];
  const differences = names.map((name): [FunctionName, FunctionReading] => {
    const [from, to] = [before[name], after[name]];
    return [
      name,
      {
        usage: minus(to.usage, from.usage),
        invocations: to.invocations - from.invocations,
        billedMs: to.billedMs - from.billedMs,
        coldStarts: to.coldStarts - from.coldStarts,
      },
    ];
  });
  return Object.fromEntries(differences) as Reading;
}

const nothing: Pick<FunctionMetrics, 'invocations' | 'billedMs' | 'coldStarts'> = {
  invocations: 0,
  billedMs: 0,
  coldStarts: 0,
};

function functionNamed(construct: string): FunctionName | undefined {
  return constructs.find(([beginning]) => construct.includes(beginning))?.[1];
}

function tableUsage({ dynamo }: Metered, name: FunctionName): Usage {
  const own = dynamo.usage().filter(({ principal }) => functionNamed(principal) === name);
  const sum = (amountOf: (one: (typeof own)[number]) => number): number =>
    own.reduce((total, one) => total + amountOf(one), 0);
  return {
    tableWriteUnits: sum(({ writeUnits, indexWriteUnits }) => writeUnits - indexWriteUnits),
    indexWriteUnits: sum(({ indexWriteUnits }) => indexWriteUnits),
    readUnits: sum(({ readUnits }) => readUnits),
  };
}

function callUsage(counts: readonly CallCount[], name: FunctionName): Usage {
  const usage: Partial<Record<Meter, number>> = {};
  for (const count of counts.filter(({ principal }) => functionNamed(principal) === name)) {
    const meter = meterOf(count);
    if (meter !== undefined) usage[meter] = (usage[meter] ?? 0) + count.calls;
  }
  return usage;
}

/** `undefined`: free (STS, deletions of objects), or counted elsewhere (rows, invocations). */
function meterOf({ service, action }: CallCount): Meter | undefined {
  switch (service) {
    case 's3':
      if (action.startsWith('Delete')) return undefined;
      return action.startsWith('Put') || action.startsWith('List') ? 'objectWrites' : 'objectReads';
    case 'sqs':
      return 'queueRequests';
    case 'scheduler':
      return action === 'CreateSchedule' ? 'schedules' : undefined;
    case 'kms':
      return 'keyRequests';
    case 'secretsmanager':
      return 'secretRequests';
    case 'states':
      return 'executions';
    default:
      return undefined;
  }
}
