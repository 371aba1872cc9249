import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { administratorOf, withAdministrator } from './administrator.ts';
import { type Authorizer, type Credentials, type Faults, type LocalStack, noFaults } from './contract.ts';
import { CredentialBook } from './credential-book.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { makeAuthorizer } from './iam/authorizer.ts';
import { startEventSources } from './lambda/event-source.ts';
import { checkFunctionRoles } from './lambda/function-roles.ts';
import { type HostOptions, ProcessLambdaHost } from './lambda/host.ts';
import { HttpApi } from './lambda/http-api.ts';
import { makeInvokeService } from './lambda/invoke-service.ts';
import { type CodeBuild, makeCodeBuild } from './services/code-build.ts';
import { type DynamoDb, startDynamoDb } from './services/dynamodb/dynamodb.ts';
import { makeEventBridge } from './services/event-bridge.ts';
import { makeKms } from './services/kms.ts';
import { type LocalQueues, makeQueues } from './services/local-queues.ts';
import { makeS3 } from './services/s3.ts';
import { answerPreflight, corsHeadersOf } from './services/s3-cors.ts';
import { makeScheduler, type Scheduler } from './services/scheduler.ts';
import { makeSecretsManager } from './services/secrets-manager.ts';
import { makeSqs } from './services/sqs.ts';
import { makeStepFunctions } from './services/step-functions.ts';
import { makeSts } from './services/sts.ts';
import { loadStack } from './template/load-stack.ts';
import type { Template } from './template/template.ts';

export interface LocalCloudOptions {
  /** As synthesized, or with something taken away. */
  readonly template: Template;
  /** The folder that `cdk synth` wrote: the functions' packages lie there. */
  readonly assemblyFolder: string;
  /** Of the HTTP API; 0: a free one. @default 0 */
  readonly port?: number;
  readonly faults?: Faults;
  /** What a minute of the template's own schedules lasts. @default 60_000 */
  readonly minuteMs?: number;
  readonly onLog?: HostOptions['onLog'];
  /** What went wrong beside any caller: deliveries that were given up, what broke in the cloud itself. */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

export interface LocalCloud {
  /** Of the HTTP API, as the stack's output names it. */
  readonly url: string;
  readonly operatorKey: string;
  readonly stack: LocalStack;
  readonly gateway: Gateway;
  readonly dynamo: DynamoDb;
  readonly queues: LocalQueues;
  readonly functions: ProcessLambdaHost;
  readonly scheduler: Scheduler;
  readonly builds: CodeBuild;
  readonly authorizer: Authorizer;
  /** Of somebody with all rights in the account, who is no part of the template. */
  readonly administrator: Credentials;
  close(): Promise<void>;
}

/**
 * A deployment on this machine: the synthesized template with all its wires, the functions' own packages, and stand-ins for
 * AWS's services behind one gateway that holds every call against the caller's synthesized policies.
 */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  const { template, assemblyFolder, faults = noFaults, onTrouble = () => {} } = options;
  // A template with something taken away may fail at any of these: what was opened before goes again.
  await using opened = new AsyncDisposableStack();
  const gateway = opened.adopt(await openGateway(), (open) => open.close());
  const port = options.port || (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const stack = loadStack({
    template,
    name: 'Tenon',
    assemblyFolder,
    endpoint: gateway.endpoint,
    apiEndpoint: url,
  });
  const credentials = new CredentialBook();
  const authorizer = withAdministrator(stack, makeAuthorizer(stack));
  checkFunctionRoles(stack, authorizer);
  const dynamo = opened.adopt(await startDynamoDb(stack), (open) => open.close());
  const secrets = makeSecretsManager(stack);
  const queues = makeQueues({ stack, faults });
  opened.defer(() => queues.close());
  const functions = new ProcessLambdaHost({
    stack,
    authorizer,
    endpointUrl: gateway.endpoint,
    credentialsOf: (roleArn) => credentials.credentialsFor(roleArn),
    faults,
    // An account as it is made has this many.
    unreservedConcurrency: 1_000,
    ...(options.onLog && { onLog: options.onLog }),
    onGivenUp: ({ functionLogicalId, reason }) => onTrouble(`an asynchronous call of ${functionLogicalId}`, reason),
  });
  const onFailure = (failure: { readonly error: unknown; readonly source?: unknown }): void =>
    onTrouble(`a delivery of ${String(failure.source)}`, failure.error);
  const bridge = makeEventBridge({ stack, authorizer, lambda: functions, onFailure });
  const s3 = makeS3({ stack, onObjectCreated: (created) => bridge.objectCreated(created) });
  const { minuteMs } = options;
  const scheduler = makeScheduler({
    stack,
    authorizer,
    queues,
    lambda: functions,
    faults,
    onFailure,
    ...(minuteMs !== undefined && { minuteMs }),
  });
  const codeBuild = makeCodeBuild({ stack, authorizer });
  const stepFunctions = makeStepFunctions({ stack, authorizer, lambda: functions, codeBuild });
  gateway.serve({
    region: stack.region,
    services: [
      dynamo,
      s3,
      secrets,
      scheduler,
      stepFunctions,
      makeKms(stack),
      makeSts(stack, credentials),
      makeSqs(queues),
      makeInvokeService({ stack, host: functions }),
    ],
    credentials,
    authorizer,
    faults,
    cors: {
      preflight: (request) => answerPreflight({ stack, ...request }),
      headersOf: (request) => corsHeadersOf({ stack, ...request }),
    },
  });
  const sources = startEventSources({
    stack,
    host: functions,
    queues,
    authorizer,
    onError: (error) => onTrouble('an event source', error),
  });
  opened.defer(async () => void (await Promise.all([functions.close(), ...sources.map((source) => source.close())])));
  const httpApi = await HttpApi.start({
    stack,
    host: functions,
    authorizer,
    port,
    onError: (error) => onTrouble('the HTTP API', error),
  });
  opened.defer(() => httpApi.close());
  // What calls functions by itself is the first to stop.
  opened.defer(() => bridge.close());
  opened.defer(() => codeBuild.close());
  opened.defer(() => stepFunctions.close());
  opened.defer(() => scheduler.close());
  scheduler.start();
  const running = opened.move();
  return {
    url,
    operatorKey: secrets.valueOf(stack.find('AWS::SecretsManager::Secret').arn),
    stack,
    gateway,
    dynamo,
    queues,
    functions,
    scheduler,
    builds: codeBuild,
    authorizer,
    administrator: credentials.credentialsFor(administratorOf(stack)),
    close: () => running.disposeAsync(),
  };
};

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
};
