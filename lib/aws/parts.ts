import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  makeDynamoClient,
  makeInvokingClient,
  makeKmsClient,
  makeS3Client,
  makeSchedulerClient,
  makeSqsClient,
  makeStatesClient,
  makeStsClient,
} from '../adapters/aws/aws-clients.ts';
import { DynamoAuditLog } from '../adapters/aws/dynamodb-audit-log.ts';
import { DynamoBundleStore } from '../adapters/aws/dynamodb-bundle-store.ts';
import { DynamoCheckStore } from '../adapters/aws/dynamodb-check-store.ts';
import { DynamoCreationAllowance } from '../adapters/aws/dynamodb-creation-allowance.ts';
import { DynamoInstanceStore } from '../adapters/aws/dynamodb-instance-store.ts';
import { objectsPk } from '../adapters/aws/dynamodb-keys.ts';
import { DynamoPolicyStore } from '../adapters/aws/dynamodb-policy-store.ts';
import { DynamoRequestLog } from '../adapters/aws/dynamodb-request-log.ts';
import { DynamoScheduleStore } from '../adapters/aws/dynamodb-schedule-store.ts';
import { DynamoSlotStore } from '../adapters/aws/dynamodb-slot-store.ts';
import { DynamoTable } from '../adapters/aws/dynamodb-table.ts';
import { DynamoTenantCache } from '../adapters/aws/dynamodb-tenant-cache.ts';
import { DynamoTenantStorage } from '../adapters/aws/dynamodb-tenant-storage.ts';
import { DynamoTenantStore } from '../adapters/aws/dynamodb-tenant-store.ts';
import { DynamoUsageStore } from '../adapters/aws/dynamodb-usage-store.ts';
import { FolderCachedBlobs } from '../adapters/aws/folder-cached-blobs.ts';
import { KmsVault } from '../adapters/aws/kms-vault.ts';
import { LambdaMicroVms } from '../adapters/aws/lambda-micro-vms.ts';
import { PollingChangeWatch } from '../adapters/aws/polling-change-watch.ts';
import { S3BlobStore } from '../adapters/aws/s3-blob-store.ts';
import { S3DownloadSigner } from '../adapters/aws/s3-download-signer.ts';
import { SqsWakeQueue } from '../adapters/aws/sqs-wake-queue.ts';
import { StatesSandbox } from '../adapters/aws/states-sandbox.ts';
import { TenantSessions } from '../adapters/aws/tenant-sessions.ts';
import { clock, randomness, timer } from '../adapters/node/system.ts';
import { FILES, TENANT_TAG } from '../aws-environment.ts';
import { Bindings } from '../bindings/binding-host.ts';
import { bucketBinding } from '../bindings/bucket.ts';
import { cacheBinding } from '../bindings/cache.ts';
import type { BindingDefinition } from '../bindings/define-binding.ts';
import { fetchBinding } from '../bindings/fetch/fetch-binding.ts';
import { queueBinding } from '../bindings/queue.ts';
import { sandboxBinding } from '../bindings/sandbox.ts';
import { storageBinding } from '../bindings/storage.ts';
import { TenantObjects } from '../bindings/tenant-objects.ts';
import { workflowsBinding } from '../bindings/workflows.ts';
import { Supervisor, type SupervisorOptions } from '../executor/supervisor.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Compiler } from '../ports/compiler.ts';
import type { DownloadSigner } from '../ports/downloads.ts';
import type { Executor } from '../ports/executor.ts';
import type { MicroVms } from '../ports/micro-vms.ts';
import type { Sandbox, SandboxListener } from '../ports/sandbox.ts';
import type { WakeQueue } from '../ports/wake-queue.ts';
import { isVersionFile } from '../service/bundle-files.ts';
import type { Dependencies } from '../service/dependencies.ts';
import { handOnFirstTurns } from '../service/handed-on-turns.ts';
import type { LoadTurn } from '../service/load-turn.ts';
import { recordStrike } from '../service/strikes.ts';
import { GatheredUsage } from '../service/usage-meter.ts';
import { createWorkflowControl } from '../service/workflow-control.ts';
import { countUnits, logError } from './told.ts';
import { CALLBACK_MS, LOOK_EVERY_MS, MAX_CACHED_BYTES, MAX_TURNS, WRITE_USAGE_EVERY_MS } from './turn-limits.ts';
import { hasVariable, isPrivateEgressAllowed, suspendAfterStrikes, variable } from './variables.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Read once, then taken out of the environment: neither a child process nor a stray dump finds them there. */
export const takeCredentials = (): Credentials => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name];
  return {
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: AWS_SESSION_TOKEN ?? '',
  };
};

/** A part that no event of this function reaches: to say so beats failing somewhere in its depths. */
export const absent = <T extends object>(what: string): T =>
  new Proxy({} as T, {
    get: () => {
      throw new Error(`This function has no ${what}`);
    },
  });

export const composeBase = () => {
  const credentials = takeCredentials();
  const storage = composeStorage(credentials);
  const watch = makeWatch(storage.instances, logError);
  const usage = new GatheredUsage(clock);
  /** With the end of an invocation: a frozen process writes nothing. */
  const writeUsage = (): Promise<void> => usage.flush(storage.usageStore, WRITE_USAGE_EVERY_MS).catch(logError);
  return { credentials, storage, usage, writeUsage, deps: { clock, timer, randomness, ...storage, watch, usage } };
};

export const composeStorage = (credentials: Credentials) => {
  const table = new DynamoTable({
    client: makeDynamoClient({ credentials }),
    name: variable('table'),
    meter: { consumed: countUnits },
  });
  const blobs = new FolderCachedBlobs({
    blobs: new S3BlobStore({ client: makeS3Client({ credentials }), bucket: variable('bucket') }),
    folder: join(tmpdir(), 'tenon-versions'),
    isFixed: isVersionFile,
    maxBytes: MAX_CACHED_BYTES,
  });
  return {
    blobs,
    instances: new DynamoInstanceStore({ table, blobs, clock }),
    tenants: new DynamoTenantStore(table),
    creationAllowance: new DynamoCreationAllowance(table),
    bundles: new DynamoBundleStore(table),
    checks: new DynamoCheckStore(table),
    schedules: new DynamoScheduleStore(table),
    audit: new DynamoAuditLog(table),
    requestLog: new DynamoRequestLog(table),
    policies: new DynamoPolicyStore(table, { clock, timer }),
    slots: new DynamoSlotStore(table),
    usageStore: new DynamoUsageStore(table),
    tenantStorage: new DynamoTenantStorage(table),
    objectRows: new DynamoTenantStorage(table, objectsPk),
    tenantCache: new DynamoTenantCache(table),
  };
};

export interface GuestOptions {
  /** What tenants get in `env` beside what the platform brings: the same in each function that runs their code. */
  readonly bindings?: readonly BindingDefinition[];
  /** Which version a turn runs, in what context, and who hears of it. @default the version that the instance is pinned to */
  readonly loadRunner?: LoadTurn;
  /** For loaders that compile; the stack's prop `hasTurnCompiler` packages it. */
  readonly compiler?: Compiler;
}

/** What of it is for turns. */
export const turnParts = ({ loadRunner, compiler }: GuestOptions) => ({
  deps: compiler === undefined ? {} : { compiler },
  options: loadRunner === undefined ? {} : { loadRunner },
});

/** What tenants keep by key, and what the operator adds. */
export const composeBindings = (
  credentials: Credentials,
  {
    tenantStorage: storage,
    objectRows: rows,
    tenantCache: cache,
    blobs,
  }: Omit<ReturnType<typeof composeStorage>, 'policies'>,
  { bindings = [] }: GuestOptions,
): readonly BindingDefinition[] => [
  storageBinding({ storage, clock, randomness }),
  cacheBinding({ cache, clock }),
  bucketBinding({
    objects: new TenantObjects({ rows, blobs, clock, randomness }),
    downloads: composeDownloads(credentials),
    clock,
    // They lead to the bucket itself.
    origin: () => '',
  }),
  ...bindings,
];

export const composeDownloads = (credentials: Credentials): DownloadSigner =>
  new S3DownloadSigner({ client: makeS3Client({ credentials }), bucket: variable('bucket'), clock });

export const composeQueue = (credentials: Credentials): WakeQueue =>
  new SqsWakeQueue({
    queue: makeSqsClient({ credentials }),
    queueUrl: variable('queueUrl'),
    clock,
    onError: logError,
    // Only what runs turns has to wake somebody a long time later.
    ...(hasVariable('scheduleGroup') && {
      schedules: {
        client: makeSchedulerClient({ credentials }),
        queueArn: variable('queueArn'),
        group: variable('scheduleGroup'),
        role: variable('scheduleRole'),
      },
    }),
  });

export const composeVault = (credentials: Credentials): KmsVault =>
  new KmsVault({ client: makeKmsClient({ credentials }), keyId: variable('vaultKey'), clock });

export const composeMicroVms = (
  credentials: Credentials,
  { blobs, policies }: Pick<ReturnType<typeof composeStorage>, 'blobs' | 'policies'>,
): MicroVms | undefined =>
  hasVariable('executorFunction')
    ? new LambdaMicroVms({
        client: makeInvokingClient({ credentials }),
        functionName: variable('executorFunction'),
        sessions: new TenantSessions({
          client: makeStsClient({ credentials }),
          roleArn: variable('tenantRole'),
          tag: TENANT_TAG,
          clock,
        }),
        blobs,
        policies,
        hasSandbox: hasVariable('sandbox'),
      })
    : undefined;

export const composeSandbox = (
  credentials: Credentials,
  { blobs, onEnd }: { readonly blobs: BlobStore; readonly onEnd: SandboxListener },
): Sandbox | undefined =>
  hasVariable('sandbox')
    ? new StatesSandbox({
        states: makeStatesClient({ credentials }),
        stateMachine: variable('sandbox'),
        s3: makeS3Client({ credentials }),
        bucket: variable('bucket'),
        blobs,
        onEnd,
      })
    : undefined;

/** What runs tenants' code here, and what it reaches. */
export const composeGuests = (
  needs: Omit<Dependencies, 'uploads' | 'downloads' | 'compiler' | 'executor' | 'bindings' | 'checkRuns'>,
  { more, sandbox }: { readonly more: readonly BindingDefinition[]; readonly sandbox?: Sandbox | undefined },
): Pick<Dependencies, 'executor' | 'bindings'> => {
  const executor = lazily(() =>
    makeSupervisor({ onStrike: (strike) => void recordStrike(needs, strike, suspendAfterStrikes()).catch(logError) }),
  );
  const bindings = new Bindings([fetchBinding({ allowPrivateEgress: isPrivateEgressAllowed() }), ...more], {
    onError: (error, call) => logError(error, { ...call }),
  });
  const control = createWorkflowControl({
    ...needs,
    executor,
    bindings,
    firstTurns: handOnFirstTurns(needs),
  });
  bindings.add(workflowsBinding(control));
  bindings.add(queueBinding(control));
  bindings.add(sandboxBinding({ randomness, ...(sandbox !== undefined && { sandbox }) }));
  return { executor, bindings };
};

/** An environment that only answers reads needs no executor: it is started when the first guest is. */
export const lazily = (make: () => Executor): Executor => {
  let made: Executor | undefined;
  const get = (): Executor => {
    made ??= make();
    return made;
  };
  return {
    start: (...params) => get().start(...params),
    inspect: (...params) => get().inspect(...params),
    close: async () => made?.close(),
  };
};

export const makeSupervisor = (
  more: Pick<SupervisorOptions, 'isWarm' | 'hasOneTenant' | 'onStrike'> = {},
): Supervisor => {
  const memoryMb = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? 1_024);
  return new Supervisor({
    prelude: readFileSync(new URL(FILES.prelude, import.meta.url), 'utf8'),
    // The rest is for this process, which holds journals and bodies, and for a second one that those who use much move to.
    maxRssBytes: memoryMb * 1_000_000 * 0.6,
    ...more,
  });
};

export const makeWatch = (instances: DynamoInstanceStore, onError: (error: unknown) => void): PollingChangeWatch =>
  new PollingChangeWatch({ look: (key) => instances.look(key), clock, onError });

export const runnerOptions = (onError: (error: unknown) => void) => ({
  owner: randomness.id(),
  maxTurns: MAX_TURNS,
  lookEveryMs: LOOK_EVERY_MS,
  maxCallbackMs: CALLBACK_MS,
  onError,
});

/** An environment stood still since its last event: what became of its executor meanwhile is heard of before it is asked for anything. */
export const hearOfThePast = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const startDeadline = (
  afterMs: number,
  act: () => Promise<void>,
): { readonly deadline: Promise<'time_is_up'>; readonly cancel: () => void } => {
  const { promise, resolve } = Promise.withResolvers<'time_is_up'>();
  const cancel = timer.after(afterMs, () => {
    resolve('time_is_up');
    void act();
  });
  return { deadline: promise, cancel };
};
