import { randomUUID } from 'node:crypto';
import {
  type Authorizer,
  AwsError,
  type Credentials,
  type Faults,
  type InvocationResult,
  type LambdaHost,
  type LocalStack,
  noFaults,
} from '../contract.ts';
import { AsyncInvocations, type AsyncOptions, LAMBDA_ASYNC } from './async-invocations.ts';
import { Concurrency } from './concurrency.ts';
import type { Environment, Outcome } from './environment.ts';
import { FunctionFleet } from './function-fleet.ts';
import { asyncSettingsOf, type FunctionSettings, functionsOf } from './function-settings.ts';
import { MAX_ASYNC_BYTES, MAX_SYNC_BYTES, resultOf } from './invocation-outcome.ts';
import { type LogLine, openLogStream } from './log-stream.ts';

/** Lambda's own limit for importing the handler. */
const INIT_LIMIT_MS = 10_000;

export interface HostOptions {
  readonly stack: LocalStack;
  readonly authorizer: Authorizer;
  /** Where functions reach every service of AWS. */
  readonly endpointUrl: string;
  /** Credentials of a role, for an environment to live with. */
  readonly credentialsOf: (roleArn: string) => Credentials;
  /** @default noFaults */
  readonly faults?: Faults;
  /** Invocations at once of all functions without a number of their own. @default 50 */
  readonly unreservedConcurrency?: number;
  /** After so long without an invocation an environment ends. @default 12_000 */
  readonly idleMs?: number;
  /** @default INIT_LIMIT_MS */
  readonly initLimitMs?: number;
  /** @default LAMBDA_ASYNC */
  readonly asynchronous?: AsyncOptions;
  readonly onLog?: (line: LogLine) => void;
  /** An asynchronous invocation failed for the last time. `reason`: the function's error, or why it was not invoked. */
  readonly onGivenUp?: (event: { readonly functionLogicalId: string; readonly reason: unknown }) => void;
}

/** What CloudWatch would count, and the bill. */
export interface FunctionMetrics {
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
  readonly coldStarts: number;
  /** Of starts too, as Lambda bills since August 2025. */
  readonly billedMs: number;
}

const NOTHING: FunctionMetrics = { invocations: 0, errors: 0, throttles: 0, coldStarts: 0, billedMs: 0 };

/** Runs the functions of a stack, each from its own package, in processes with its own environment and credentials. */
export class ProcessLambdaHost implements LambdaHost {
  readonly #options: HostOptions;
  readonly #functions: readonly FunctionSettings[];
  readonly #fleets: ReadonlyMap<string, FunctionFleet>;
  readonly #concurrency: Concurrency;
  readonly #asynchronous: AsyncInvocations;
  readonly #metrics = new Map<string, FunctionMetrics>();
  readonly #idleMs: number;
  readonly #reaper: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: HostOptions) {
    const { stack, unreservedConcurrency = 50, idleMs = 12_000, asynchronous = LAMBDA_ASYNC } = options;
    this.#options = options;
    this.#functions = functionsOf(stack);
    this.#fleets = new Map(this.#functions.map((settings) => [settings.logicalId, this.#fleetOf(settings)]));
    this.#concurrency = new Concurrency(unreservedConcurrency);
    this.#asynchronous = new AsyncInvocations(asynchronous);
    this.#idleMs = idleMs;
    this.#reaper = setInterval(() => this.#reap(), Math.max(idleMs / 2, 10)).unref();
  }

  async invoke(params: Parameters<LambdaHost['invoke']>[0]): Promise<InvocationResult> {
    const { tenantId, isAsync = false } = params;
    const settings = this.#find(params.functionArn);
    checkTenant(settings, tenantId);
    const event = JSON.stringify(params.payload) ?? 'null';
    checkSize(event, isAsync ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES);
    if (!isAsync) return this.#run(settings, event, tenantId);
    this.#asynchronous.add(
      asyncSettingsOf(this.#options.stack, settings),
      () => this.#run(settings, event, tenantId),
      (reason) => this.#options.onGivenUp?.({ functionLogicalId: settings.logicalId, reason }),
    );
    return { payload: null };
  }

  /** By the function's logical id. */
  get metrics(): ReadonlyMap<string, FunctionMetrics> {
    return this.#metrics;
  }

  /** Those that live, busy or frozen. */
  environmentsOf(functionLogicalId: string): readonly Environment[] {
    return this.#fleets.get(functionLogicalId)?.environments ?? [];
  }

  /** As if the machines of all environments, or of one function's, went away together. */
  async killAll(functionLogicalId?: string): Promise<void> {
    const fleets = [...this.#fleets].filter(([id]) => functionLogicalId === undefined || id === functionLogicalId);
    await Promise.all(fleets.map(([, fleet]) => fleet.kill()));
  }

  /** What runs fails; what waits to be tried again is forgotten. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#reaper);
    this.#asynchronous.close();
    await Promise.all([...this.#fleets.values()].map((fleet) => fleet.close()));
  }

  /** By ARN, with or without a qualifier, or by name. */
  #find(nameOrArn: string): FunctionSettings {
    const name = nameOrArn.replace(/:\$LATEST$/, '');
    const settings = this.#functions.find((each) => each.arn === name || each.name === name);
    if (settings) return settings;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
  }

  async #run(settings: FunctionSettings, event: string, tenantId: string | undefined): Promise<InvocationResult> {
    const fleet = this.#fleets.get(settings.logicalId);
    if (fleet === undefined || this.#isClosed) throw new AwsError('ServiceException', 'the host is closed', 500);
    using _ = this.#takeConcurrency(settings);
    const fault = (this.#options.faults ?? noFaults).ofInvocation(settings.logicalId);
    const limitMs = fault?.kind === 'time_out' ? fault.afterMs : settings.timeoutMs;
    const call = { requestId: randomUUID(), functionArn: settings.arn, event, ...(tenantId && { tenantId }) };

    const startedAt = performance.now();
    const idle = fleet.takeIdle(tenantId);
    let environment = idle ?? fleet.add(tenantId);
    const killer = fault?.kind === 'kill' ? setTimeout(() => environment.kill(), fault.afterMs) : undefined;
    let outcome: Outcome = idle
      ? { kind: 'ready' }
      : await environment.start(this.#options.initLimitMs ?? INIT_LIMIT_MS);
    let leftMs = limitMs;
    if (outcome.kind === 'timed_out') {
      // Lambda starts it once more, and now at the cost of the function's own time.
      await fleet.drop(environment);
      const againAt = performance.now();
      environment = fleet.add(tenantId);
      outcome = await environment.start(limitMs);
      leftMs -= performance.now() - againAt;
    }
    if (outcome.kind === 'ready') outcome = await environment.invoke(call, Math.max(leftMs, 0));
    clearTimeout(killer);
    if (outcome.kind === 'died' || outcome.kind === 'timed_out') await fleet.drop(environment);
    else fleet.release(environment);

    const result = resultOf(outcome, { requestId: call.requestId, limitMs });
    this.#count(settings, {
      invocations: 1,
      errors: result.functionError ? 1 : 0,
      coldStarts: idle ? 0 : 1,
      billedMs: Math.ceil(performance.now() - startedAt),
    });
    return result;
  }

  #takeConcurrency(settings: FunctionSettings): Disposable {
    try {
      return this.#concurrency.take(settings);
    } catch (error) {
      this.#count(settings, { throttles: 1 });
      throw error;
    }
  }

  #count({ logicalId }: FunctionSettings, more: Partial<FunctionMetrics>): void {
    const before = this.#metrics.get(logicalId) ?? NOTHING;
    this.#metrics.set(logicalId, {
      invocations: before.invocations + (more.invocations ?? 0),
      errors: before.errors + (more.errors ?? 0),
      throttles: before.throttles + (more.throttles ?? 0),
      coldStarts: before.coldStarts + (more.coldStarts ?? 0),
      billedMs: before.billedMs + (more.billedMs ?? 0),
    });
  }

  #reap(): void {
    for (const fleet of this.#fleets.values()) fleet.reap(Date.now() - this.#idleMs);
  }

  #fleetOf(settings: FunctionSettings): FunctionFleet {
    const { stack, authorizer, endpointUrl, credentialsOf, onLog = () => {} } = this.#options;
    return new FunctionFleet({
      settings,
      region: stack.region,
      endpointUrl,
      credentials: () => credentialsOf(settings.roleArn),
      openLog: (logStream) => openLogStream({ stack, authorizer, settings, logStream, onLog }),
    });
  }
}

const TENANT_ID = /^[a-zA-Z0-9._:/=+\-@ ]{1,256}$/;

const checkTenant = ({ isPerTenant }: FunctionSettings, tenantId: string | undefined): void => {
  const refuse = (message: string): never => {
    throw new AwsError('InvalidParameterValueException', message, 400);
  };
  if (isPerTenant && tenantId === undefined) {
    refuse('The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request.');
  }
  if (!isPerTenant && tenantId !== undefined) {
    refuse('The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request.');
  }
  if (tenantId !== undefined && !TENANT_ID.test(tenantId)) refuse('The tenant ID is invalid.');
};

const checkSize = (event: string, maxBytes: number): void => {
  if (Buffer.byteLength(event) <= maxBytes) return;
  throw new AwsError('RequestTooLargeException', `Request must be smaller than ${maxBytes} bytes`, 413);
};
