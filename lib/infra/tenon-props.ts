import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** The functions of the stack, each named by its file in `functions/`. */
export type FunctionName =
  | 'api'
  | 'long-poll'
  | 'bundle-uploaded'
  | 'dispatcher'
  | 'executor'
  | 'sweeper'
  | 'sandbox-finished';

export interface FunctionSettings {
  /** MiB; CPU grows with it, one whole core at 1,769. @default see `FUNCTION_DEFAULTS` */
  readonly memoryMb?: number;
  /**
   * Environments that this function has for itself and never exceeds; 0 takes the limit away. An account must keep 100
   * unreserved, and a new account has fewer than that in all: raise its quota or set 0. @default see `FUNCTION_DEFAULTS`
   */
  readonly reservedConcurrency?: number;
}

/** `isolate`: many tenants share one function's environment. `microvm`: each tenant has environments of its own. */
export type IsolationLevel = 'isolate' | 'microvm';

export interface TenonProps {
  /** Folder that holds one entry file for each function, `<name>.ts`. @default `functions` in the project's root */
  readonly functionsFolder?: string;

  /** What becomes of table, bucket, key and operator key when the stack is removed. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;

  /** How far back table and bucket can be restored, 1 to 35 days. @default Duration.days(35) */
  readonly backupRetention?: Duration;

  /** How long the logs of functions, front door and builds are kept. @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;

  /** Where alarms go and recover. @default - none: alarms show in the console and on the dashboard only */
  readonly alarmTopic?: ITopic;

  /** A name of one's own for the API; its DNS record is the caller's to make. @default - the name that AWS gives */
  readonly domain?: { readonly name: string; readonly certificate: ICertificate };

  /** Requests a second that the front door lets through, and the burst above. @default - the account's own limit */
  readonly throttle?: { readonly ratePerSecond: number; readonly burst: number };

  /** Levels that tenants may have, first the one that a tenant gets without asking. @default ['isolate', 'microvm'] */
  readonly isolationLevels?: readonly [IsolationLevel, ...IsolationLevel[]];

  /** Dispatchers that the queue may start at once, 2 to 1,000. @default 100 */
  readonly maxDispatchers?: number;

  /**
   * Whether tenants' allow-lists may name loopback and private addresses, for trials beside services of one's own.
   * @default false
   */
  readonly allowPrivateEgress?: boolean;

  /** Whether the functions that run turns carry the compiler, for a `loadRunner` that compiles. @default false */
  readonly hasTurnCompiler?: boolean;

  /** Whether heavy steps have state machine and build project. @default true */
  readonly sandbox?: boolean;

  /** Executor processes that a tenant's code may cost within a day before the tenant is suspended, from 1. @default 5 */
  readonly suspendAfterStrikes?: number;

  /**
   * What tenants are asked for a million of each unit that they use, in a currency by its ISO 4217 code.
   * @default about what AWS bills for it, in USD (`lib/core/usage.ts`)
   */
  readonly prices?: {
    readonly currency: string;
    readonly perMillion: Readonly<Record<'instances' | 'steps' | 'cpuMs' | 'bytes' | 'requests', number>>;
  };

  /**
   * Where spans are sent by OTLP over HTTP: a collector that the functions reach without a key. The end of each invocation
   * waits for it, a second at most. @default - none are made
   */
  readonly otlp?: { readonly endpoint: string };

  /** Memory and reserved concurrency, where they differ. @default see `FUNCTION_DEFAULTS` */
  readonly functions?: Partial<Readonly<Record<FunctionName, FunctionSettings>>>;
}

/** What a function has unless the props say otherwise; 0 reserves nothing. */
export const FUNCTION_DEFAULTS: Readonly<Record<FunctionName, Required<FunctionSettings>>> = {
  api: { memoryMb: 1_024, reservedConcurrency: 0 },
  // Waiting costs an environment each: bounded, so that waiting callers never take those of working ones.
  'long-poll': { memoryMb: 256, reservedConcurrency: 100 },
  // Compiling hostile source takes memory; few at a time are enough, the rest waits at Lambda.
  'bundle-uploaded': { memoryMb: 2_048, reservedConcurrency: 10 },
  // A whole core and more: isolates, their supervisor and the storage side work beside each other.
  dispatcher: { memoryMb: 3_008, reservedConcurrency: 0 },
  executor: { memoryMb: 1_769, reservedConcurrency: 0 },
  // Two sweeps at once would find the same rows.
  sweeper: { memoryMb: 512, reservedConcurrency: 1 },
  'sandbox-finished': { memoryMb: 256, reservedConcurrency: 0 },
};
