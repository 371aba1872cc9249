import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  type StartExecutionCommandInput,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { App, Stack } from 'aws-cdk-lib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeS3Client } from '../../../lib/adapters/aws/aws-clients.ts';
import { Sandbox } from '../../../lib/infra/sandbox.ts';
import type { Template } from '../../infra/synthesize.ts';
import type { Authorizer, LambdaHost, LocalStack, StackResource } from '../contract.ts';
import { type CodeBuild, makeCodeBuild } from './code-build.ts';
import { makeS3 } from './s3.ts';
import {
  ACCOUNT,
  REGION,
  RecordingAuthorizer,
  RecordingHost,
  type ServiceServer,
  serve,
  stackOf,
} from './services-fixture.ts';
import { makeStepFunctions, type StepFunctions } from './step-functions.ts';

let stack: LocalStack;
let authorizer: RecordingAuthorizer;
let lambda: RecordingHost;
let codeBuild: CodeBuild;
let stepFunctions: StepFunctions;
let server: ServiceServer;
let client: SFNClient;
let machineArn: string;

beforeAll(() => {
  stack = sandboxOf(synthesizeSandbox());
  machineArn = stack.find('AWS::StepFunctions::StateMachine').arn;
  // Checking the definition takes long: it is done once, and each test has an authorizer and functions of its own.
  const parts = {
    stack,
    authorizer: { demand: (...params: Parameters<Authorizer['demand']>) => authorizer.demand(...params) },
    lambda: { invoke: (params: Parameters<LambdaHost['invoke']>[0]) => lambda.invoke(params) },
  };
  codeBuild = makeCodeBuild(parts);
  stepFunctions = makeStepFunctions({ ...parts, codeBuild, retryMs: 1 });
});
afterAll(async () => {
  stepFunctions.close();
  await codeBuild.close();
});
beforeEach(async () => {
  authorizer = new RecordingAuthorizer();
  lambda = new RecordingHost();
  server = await serve(stepFunctions);
  client = new SFNClient(server.config);
});
afterEach(async () => {
  client.destroy();
  await server.close();
});

const arnOf = (logicalId: string, type: string): string => {
  const [, service = '', kind = ''] = type.toLowerCase().split('::');
  const name = kind === 'statemachine' ? `stateMachine:${logicalId}` : `${kind}/${logicalId}`;
  return type === 'AWS::Lambda::Function'
    ? `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${logicalId}`
    : `arn:aws:${service === 'stepfunctions' ? 'states' : service}:${REGION}:${ACCOUNT}:${name}`;
};

/** The parts of heavy steps alone, which is much quicker than the whole stack. */
const synthesizeSandbox = (): Template => {
  const outdir = mkdtempSync(join(tmpdir(), 'tenon-cdk-'));
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  new Sandbox(new Stack(app, 'Tenon'), 'Sandbox', {
    functionsFolder: fileURLToPath(new URL('../../infra/entries', import.meta.url)),
  });
  const { template } = app.synth().getStackByName('Tenon');
  rmSync(outdir, { recursive: true });
  return template;
};

/** References become names and ARNs, which is all that these parts hold. */
const sandboxOf = ({ Resources }: Template): LocalStack => {
  const resolve = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(resolve);
    const { Ref, 'Fn::GetAtt': attribute } = value as { readonly Ref?: string; readonly 'Fn::GetAtt'?: [string] };
    if (Ref !== undefined) return Ref;
    if (attribute !== undefined) return arnOf(attribute[0], Resources[attribute[0]]?.Type ?? '');
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  };
  const kept = Object.entries(Resources).filter(([id]) => id.startsWith('Sandbox'));
  return stackOf(
    kept.map(
      ([logicalId, { Type: type, Properties }]): StackResource => ({
        logicalId,
        type,
        ref: logicalId,
        arn: arnOf(logicalId, type),
        properties: resolve(Properties),
      }),
    ),
  );
};

const start = async (input: object, params: Partial<StartExecutionCommandInput> = {}) => {
  const { executionArn = '' } = await client.send(
    new StartExecutionCommand({ stateMachineArn: machineArn, input: JSON.stringify(input), ...params }),
  );
  return executionArn;
};
/** Links that nobody serves: the build cannot do its part. */
const NOWHERE = 'http://127.0.0.1:1/';
const lost = { job: 'j-1', commandUrl: NOWHERE, workspaceUrl: NOWHERE, resultUrl: NOWHERE };
const told = () => lambda.invocations.map(({ payload }) => payload);

describe('a heavy step', () => {
  let bucket: ServiceServer;
  let s3: S3Client;
  let folder: string;
  beforeAll(async () => {
    const objects = {
      logicalId: 'B',
      type: 'AWS::S3::Bucket',
      ref: 'objects',
      arn: 'arn:aws:s3:::objects',
      properties: {},
    };
    bucket = await serve(makeS3({ stack: stackOf([objects]), onObjectCreated: () => {} }));
    s3 = makeS3Client({ ...bucket.config, forcePathStyle: true });
    folder = mkdtempSync(join(tmpdir(), 'heavy-step-'));
    mkdirSync(join(folder, 'workspace'));
    writeFileSync(join(folder, 'workspace', 'input'), 'from the workspace');
    execFileSync('tar', ['-czf', join(folder, 'workspace.tgz'), '-C', folder, 'workspace']);
    const Body = readFileSync(join(folder, 'workspace.tgz'));
    await s3.send(new PutObjectCommand({ Bucket: 'objects', Key: 'workspace', Body }));
    await s3.send(new PutObjectCommand({ Bucket: 'objects', Key: 'command', Body: 'cat input; exit 3' }));
  });
  afterAll(async () => {
    s3.destroy();
    await bucket.close();
    rmSync(folder, { recursive: true });
  });

  it('goes through the synthesized state machine and build: workspace in, result out, completion told', async () => {
    const executionArn = await start({
      job: 'j-1',
      commandUrl: await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'objects', Key: 'command' })),
      workspaceUrl: await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'objects', Key: 'workspace' })),
      resultUrl: await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'objects', Key: 'result' })),
    });
    expect(await stepFunctions.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(codeBuild.results.map(({ log }) => log)).toEqual(['']);
    expect(told()).toEqual([{ job: 'j-1', outcome: 'built' }]);

    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'objects', Key: 'result' }));
    writeFileSync(join(folder, 'result.tgz'), (await Body?.transformToByteArray()) ?? '');
    execFileSync('tar', ['-xzf', join(folder, 'result.tgz'), '-C', folder]);
    expect(readFileSync(join(folder, 'output.log'), 'utf8')).toBe('from the workspace');
    expect(readFileSync(join(folder, 'exit-code'), 'utf8')).toMatch(/^3 \d+\n$/);
  });

  it('does each thing in the name of the state machine’s role', async () => {
    await stepFunctions.ended(await start(lost));
    const role = stack.find('AWS::StepFunctions::StateMachine').properties.RoleArn;
    const actions = authorizer.demands.flatMap(({ principal, need }) =>
      principal.kind === 'role' && principal.roleArn === role ? [`${need.action} ${need.resource}`] : [],
    );
    const project = stack.find('AWS::CodeBuild::Project').arn;
    const rule = `arn:aws:events:${REGION}:${ACCOUNT}:rule/StepFunctionsGetEventForCodeBuildStartBuildRule`;
    expect(actions).toEqual([
      ...['events:PutRule', 'events:PutTargets', 'events:DescribeRule'].map((action) => `${action} ${rule}`),
      `codebuild:StartBuild ${project}`,
      `codebuild:BatchGetBuilds ${project}`,
      `lambda:InvokeFunction ${stack.find('AWS::Lambda::Function', 'SandboxFinished').arn}`,
    ]);
    expect(server.authorizer.asked()).toEqual([`states:StartExecution ${machineArn}`]);
  });

  it('whose build fails tells so, with what the build service says', async () => {
    const ended = await stepFunctions.ended(await start(lost));
    expect(ended.status).toBe('SUCCEEDED');
    const [{ job, outcome, cause }] = told() as [{ job: string; outcome: string; cause: string }];
    expect({ job, outcome }).toEqual({ job: 'j-1', outcome: 'failed' });
    expect(JSON.parse(cause)).toMatchObject({ BuildStatus: 'FAILED' });
  });

  it.each([
    ['codebuild:StartBuild', 'CodeBuild.AccessDeniedException'],
    ['events:PutRule', 'CodeBuild.AccessDeniedException'],
    ['logs:PutLogEvents', 'States.TaskFailed'],
  ])('without %s tells that it failed', async (action) => {
    authorizer.deny(action);
    await stepFunctions.ended(await start(lost));
    expect(told()).toMatchObject([{ outcome: 'failed' }]);
  });

  it('whose command is longer than a variable of a build may be tells that it failed', async () => {
    await stepFunctions.ended(await start({ ...lost, commandUrl: ':'.repeat(4_097) }));
    expect(told()).toMatchObject([{ outcome: 'failed', cause: expect.stringContaining('4096 characters') }]);
  });

  it('that cannot be told about is told again, and fails in the end', async () => {
    const crash = () => ({ payload: { errorType: 'Error', errorMessage: 'no' }, functionError: 'Unhandled' as const });
    lambda.answers.push(crash);
    await stepFunctions.ended(await start(lost));
    expect(lambda.invocations).toHaveLength(2);

    lambda.answers.push(...Array.from({ length: 7 }, () => crash));
    const executionArn = await start(lost);
    expect(await stepFunctions.ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'Error' });
    expect(lambda.invocations).toHaveLength(9);
    const description = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(description).toMatchObject({ status: 'FAILED', error: 'Error', cause: expect.stringContaining('no') });
  });
});

describe('executions', () => {
  /** Takes requests and answers none: a build that waits for its workspace. */
  const silent = createServer(() => {});
  let held: object;
  beforeAll(async () => {
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    held = { ...lost, commandUrl: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/` };
  });
  afterAll(async () => {
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });
  const stop = (executionArn: string) => client.send(new StopExecutionCommand({ executionArn }));

  it('of one name and input are one while it runs; of another input, or later, they are refused', async () => {
    const first = await start(held, { name: 'step-1' });
    expect(first).toBe(`${machineArn.replace('stateMachine', 'execution')}:step-1`);
    expect(await start(held, { name: 'step-1' })).toBe(first);
    await expect(start(lost, { name: 'step-1' })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await stop(first);
    await expect(start(held, { name: 'step-1' })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it('are stopped on demand, with the build, in the name of the role', async () => {
    const executionArn = await start(held);
    await stop(executionArn);
    const description = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(description).toMatchObject({ status: 'ABORTED' });
    expect(description.stopDate).toBeInstanceOf(Date);
    expect(authorizer.asked()).toContain(`codebuild:StopBuild ${stack.find('AWS::CodeBuild::Project').arn}`);
    expect(told()).toEqual([]);
  });

  it('end a build that takes longer than its state may', async () => {
    const machine = stack.find('AWS::StepFunctions::StateMachine');
    const { States, ...rest } = machine.properties.Definition;
    const Definition = { ...rest, States: { ...States, Build: { ...States.Build, TimeoutSeconds: 1 } } };
    const brief = { ...machine, properties: { ...machine.properties, Definition } };
    const builds = makeCodeBuild({ stack, authorizer });
    const limited = makeStepFunctions({ stack: stackOf([brief]), authorizer, lambda, codeBuild: builds, retryMs: 1 });
    const other = await serve(limited);
    const itsClient = new SFNClient(other.config);
    const command = new StartExecutionCommand({ stateMachineArn: machineArn, input: JSON.stringify(held) });
    const { executionArn = '' } = await itsClient.send(command);
    await limited.ended(executionArn);
    expect(told()).toMatchObject([{ outcome: 'failed', cause: 'States.Timeout' }]);
    expect(authorizer.asked()).toContain(`codebuild:StopBuild ${stack.find('AWS::CodeBuild::Project').arn}`);
    await builds.close();
    expect(builds.results).toMatchObject([{ status: 'STOPPED' }]);
    itsClient.destroy();
    await other.close();
  });

  it.each([
    ['a name of more than 80 characters', { name: 'x'.repeat(81) }, 'InvalidName'],
    ['a name with a space', { name: 'a b' }, 'InvalidName'],
    ['an input that is not JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['an input that is too large', { input: JSON.stringify('x'.repeat(262_143)) }, 'ValidationException'],
    ['what is not known', { traceHeader: 'x' }, 'ValidationException'],
    ['a state machine that is not there', { stateMachineArn: 'arn:aws:states:x' }, 'StateMachineDoesNotExist'],
  ])('with %s are refused', async (_what, params, name) => {
    await expect(start(lost, params)).rejects.toMatchObject({ name });
  });

  it('are neither started without permission nor listed at all', async () => {
    server.authorizer.deny('states:StartExecution');
    await expect(start(lost)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const list = client.send(new ListExecutionsCommand({ stateMachineArn: machineArn }));
    await expect(list).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });
});

describe('a definition that says what the local cloud does not know stops it at the start', () => {
  const make = (state: object, more: object = {}) => {
    const machine = stack.find('AWS::StepFunctions::StateMachine');
    const Definition = { StartAt: 'A', States: { A: { End: true, ...state } }, ...more };
    const properties = { ...machine.properties, Definition };
    return () => makeStepFunctions({ stack: stackOf([{ ...machine, properties }]), authorizer, lambda, codeBuild });
  };
  const invoke = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };

  it.each([
    ['another task', { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage' }],
    ['another parameter', { ...invoke, Parameters: { FunctionName: 'f', 'Qualifier.$': '$.q' } }],
    ['states within a state', { Type: 'Parallel', Branches: [] }],
  ])('%s', (_what, state) => {
    expect(make(state)).toThrow('SandboxStates');
  });

  it('another language', () => {
    expect(make({ Type: 'Pass' }, { QueryLanguage: 'JSONata' })).toThrow('JSONPath');
    expect(make({ Type: 'Pass' })).not.toThrow();
  });
});
