import { once } from 'node:events';
import { connect } from 'node:net';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AwsCall, AwsError, type AwsService, type CallFault, noFaults } from './contract.ts';
import { openGateway } from './gateway.ts';
import { type CloudUnderTest, startCloud } from './gateway-fixture.ts';

/** What the stand-ins of other services were asked, and what they answer. */
let calls: AwsCall[] = [];
let refusal: Error | undefined;
let fault: CallFault | undefined;

const recording = (name: string): AwsService => ({
  name,
  handle: async (call) => {
    calls.push(call);
    if (refusal !== undefined) throw refusal;
    return { headers: { 'content-type': 'application/json' }, body: '{}' };
  },
});

let cloud: CloudUnderTest;

beforeAll(async () => {
  cloud = await startCloud({
    services: ['s3', 'sqs', 'scheduler', 'lambda', 'states'].map(recording),
    faults: { ...noFaults, ofCall: () => fault },
    cors: {
      preflight: ({ path }) => ({ status: 200, headers: { 'access-control-allow-methods': `PUT ${path}` } }),
      headersOf: ({ headers }) => (headers.origin === undefined ? {} : { 'access-control-allow-origin': '*' }),
    },
  });
}, 60_000);
afterAll(() => cloud.close());
afterEach(() => {
  calls = [];
  [refusal, fault] = [undefined, undefined];
  cloud.gateway.counts.take();
});

const options = () => ({ ...cloud.clientOf('DispatcherRole'), forcePathStyle: true });
const Key = { pk: { S: 'T#one#A' }, sk: { S: 'T' } };
const table = () => cloud.stack.find('AWS::DynamoDB::Table').ref;
const getItem = () => new DynamoDBClient(options()).send(new GetItemCommand({ TableName: table(), Key }));
const getObject = () => new S3Client(options()).send(new GetObjectCommand({ Bucket: 'b', Key: 'a b/c' }));
const invoke = () => new LambdaClient(options()).send(new InvokeCommand({ FunctionName: 'f', Payload: '{}' }));
const sendMessage = () =>
  new SQSClient({ ...options(), md5: false }).send(
    new SendMessageCommand({ QueueUrl: cloud.stack.find('AWS::SQS::Queue', 'WorkQueueA').ref, MessageBody: 'm' }),
  );
const createSchedule = () =>
  new SchedulerClient(options()).send(
    new CreateScheduleCommand({
      Name: 's',
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'arn:aws:sqs:us-east-1:1:q', RoleArn: 'arn:aws:iam::123456789012:role/r' },
    }),
  );
const startExecution = () =>
  new SFNClient(options()).send(
    new StartExecutionCommand({ stateMachineArn: 'arn:aws:states:us-east-1:1:stateMachine:m' }),
  );
const assumeRole = () =>
  new STSClient(options()).send(
    new AssumeRoleCommand({
      RoleArn: cloud.roleOf('TenantIsolationTenantRole'),
      RoleSessionName: 'turn',
      Tags: [{ Key: 'tenant', Value: 'one' }],
    }),
  );

describe('a call', () => {
  it('reaches the service that its signature names, with caller, operation, path and body', async () => {
    await sendMessage();
    expect(calls).toMatchObject([
      { action: 'SendMessage', method: 'POST', principal: { kind: 'role', roleArn: cloud.roleOf('DispatcherRole') } },
    ]);
    expect(JSON.parse(calls[0]?.body.toString() ?? '')).toMatchObject({ MessageBody: 'm' });
    await getObject();
    expect(calls[1]).toMatchObject({ action: '', method: 'GET', path: '/b/a%20b/c', isPresigned: false });
    expect(calls[1]?.query.get('x-id')).toBe('GetObject');
  });

  it('asks for permissions in the name of its caller', async () => {
    await createSchedule();
    const [call] = calls;
    const { arn } = cloud.stack.find('AWS::SQS::Queue', 'WorkQueueA');
    call?.demand({ action: 'sqs:SendMessage', resource: arn });
    expect(() => call?.demand({ action: 'sqs:PurgeQueue', resource: arn })).toThrow(
      expect.objectContaining({ code: 'AccessDenied', status: 403 }),
    );
  });

  it('is refused with a key that nobody gave out', async () => {
    const stranger = { accessKeyId: 'ASIAX', secretAccessKey: 'x', sessionToken: 'x' };
    const send = new DynamoDBClient(cloud.clientOf(stranger)).send(new GetItemCommand({ TableName: table(), Key }));
    await expect(send).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(
      new S3Client({ ...cloud.clientOf(stranger), forcePathStyle: true }).send(
        new GetObjectCommand({ Bucket: 'b', Key: 'k' }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    expect(calls).toEqual([]);
  });

  it('is refused without a signature', async () => {
    const response = await fetch(`${cloud.gateway.endpoint}/bucket/key`);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Error><Code>AccessDenied</Code>');
  });

  it('of a browser is heard before it is signed, and told that its page may read the answer, a refusal too', async () => {
    const headers = { origin: 'https://example.org' };
    const asked = await fetch(`${cloud.gateway.endpoint}/b/k`, { method: 'OPTIONS', headers });
    expect(asked.headers.get('access-control-allow-methods')).toBe('PUT /b/k');
    const refused = await fetch(`${cloud.gateway.endpoint}/b/k`, { method: 'PUT', headers });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(calls).toEqual([]);
  });

  it('is counted by service, operation and caller', async () => {
    await getItem();
    await getItem();
    await invoke();
    refusal = new AwsError('Refused', 'no');
    await invoke().catch(() => {});
    const principal = expect.stringMatching(/^Tenon-DispatcherRole/);
    expect(cloud.gateway.counts.take()).toEqual([
      { service: 'dynamodb', action: 'GetItem', principal, calls: 2, errors: 0 },
      { service: 'lambda', action: 'Invoke', principal, calls: 2, errors: 1 },
    ]);
    expect(cloud.gateway.counts.all()).toEqual([]);
  });

  it('that a stand-in cannot take without breaking is found among the crashes', async () => {
    const broken = new TypeError('not thought of');
    refusal = broken;
    await expect(startExecution()).rejects.toThrow('The stand-in broke: not thought of');
    expect(cloud.gateway.crashes).toEqual([broken]);
  });
});

describe('an error', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['S3', getObject],
    ['SQS', sendMessage],
    ['Scheduler', createSchedule],
    ['Lambda', invoke],
    ['Step Functions', startExecution],
  ])('of %s has the form in which its client reads it', async (_, call) => {
    refusal = new AwsError('SomethingElse', 'as <told> & heard', 409);
    await expect(call()).rejects.toMatchObject({
      name: expect.stringContaining('SomethingElse'),
      message: 'as <told> & heard',
      $metadata: { httpStatusCode: 409 },
    });
  });
});

describe('a fault on demand', () => {
  it.each<[string, () => Promise<unknown>, Record<Exclude<CallFault, 'lost_answer'>, [string, number]>]>([
    [
      'DynamoDB',
      getItem,
      {
        throttle: ['ThrottlingException', 400],
        unavailable: ['ServiceUnavailable', 503],
        conflict: ['TransactionConflictException', 400],
      },
    ],
    [
      'S3',
      getObject,
      {
        throttle: ['SlowDown', 503],
        unavailable: ['ServiceUnavailable', 503],
        conflict: ['ConditionalRequestConflict', 409],
      },
    ],
    [
      'Lambda',
      invoke,
      {
        throttle: ['TooManyRequestsException', 429],
        unavailable: ['ServiceException', 503],
        conflict: ['ResourceConflictException', 409],
      },
    ],
    [
      'Scheduler',
      createSchedule,
      {
        throttle: ['ThrottlingException', 429],
        unavailable: ['InternalServerException', 503],
        conflict: ['ConflictException', 409],
      },
    ],
  ])('of %s is told in its own words, and nothing is done', async (_, call, told) => {
    for (const [kind, [name, httpStatusCode]] of Object.entries(told)) {
      fault = kind as CallFault;
      await expect(call()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    }
    expect(calls).toEqual([]);
  });

  it('of STS too', async () => {
    fault = 'throttle';
    await expect(assumeRole()).rejects.toMatchObject({ name: expect.stringContaining('Throttling') });
  });

  it('that loses the answer has done the work', async () => {
    const client = new DynamoDBClient(options());
    fault = 'lost_answer';
    const put = client.send(new PutItemCommand({ TableName: table(), Item: { ...Key, note: { S: 'done' } } }));
    await expect(put).rejects.toMatchObject({ code: 'ECONNRESET' });
    fault = undefined;
    expect((await getItem()).Item).toMatchObject({ note: { S: 'done' } });
  });
});

describe('before the cloud is up', () => {
  it('calls are told to come again', async () => {
    const gateway = await openGateway();
    const response = await fetch(gateway.endpoint);
    expect(response.status).toBe(503);
    await gateway.close();
  });
});

describe('a bucket and a queue', () => {
  it('are closed to whoever comes without TLS, whatever else is allowed', () => {
    const bucket = cloud.stack.find('AWS::S3::Bucket').arn;
    const queue = cloud.stack.find('AWS::SQS::Queue', 'WorkQueueA').arn;
    const demand = (action: string, resource: string, context = {}) =>
      cloud.authorizer.demand(
        { kind: 'role', roleArn: cloud.roleOf('DispatcherRole'), tags: {} },
        { action, resource, context },
      );
    for (const [action, resource] of [
      ['s3:ListBucket', bucket],
      ['s3:GetObject', `${bucket}/a`],
      ['sqs:SendMessage', queue],
    ] as const) {
      expect(() => demand(action, resource)).not.toThrow();
      expect(() => demand(action, resource, { 'aws:SecureTransport': 'false' })).toThrow('explicit deny');
    }
  });
});

describe('services of AWS', () => {
  const lambdaOf = (prefix: string) => cloud.stack.find('AWS::Lambda::Function', prefix).arn;
  const asService = (service: string, sourceArn: string) => ({ kind: 'service', service, sourceArn }) as const;

  it('invoke a function where a permission of it names them and what they act for', () => {
    const rule = cloud.stack.find('AWS::Events::Rule').arn;
    const need = (prefix: string) => ({ action: 'lambda:InvokeFunction', resource: lambdaOf(prefix) });
    const { demand } = cloud.authorizer;
    expect(() => demand(asService('events', rule), need('BundleIntakeValidator'))).not.toThrow();
    expect(() => demand(asService('events', `${rule}x`), need('BundleIntakeValidator'))).toThrow('not authorized');
    expect(() => demand(asService('events', rule), need('Dispatcher'))).toThrow('not authorized');
    expect(() => demand(asService('s3', rule), need('BundleIntakeValidator'))).toThrow('not authorized');
    const api = `arn:aws:execute-api:us-east-1:123456789012:${cloud.stack.find('AWS::ApiGatewayV2::Api').ref}`;
    const long = asService('apigateway.amazonaws.com', `${api}/$default/GET/v1/tenants/{tenant}/bundles/{id}`);
    expect(() => demand(long, need('FrontDoorLongPoll'))).not.toThrow();
    expect(() => demand(long, need('FrontDoorApi'))).not.toThrow();
    expect(() => demand(asService('apigateway', `${api}/$default/$default`), need('FrontDoorLongPoll'))).toThrow();
  });

  it('assume the roles that trust them, for this account', () => {
    const assume = (service: string, role: string, account = '123456789012') =>
      cloud.authorizer.demand(
        asService(service, `arn:aws:scheduler:us-east-1:${account}:schedule-group/Tenon-Timers-Group-B1757282`),
        { action: 'sts:AssumeRole', resource: cloud.roleOf(role) },
      );
    expect(() => assume('scheduler', 'TimersSenderRole')).not.toThrow();
    expect(() => assume('scheduler', 'TimersSenderRole', '999999999999')).toThrow('not authorized');
    expect(() => assume('lambda', 'TimersSenderRole')).toThrow('not authorized');
    expect(() => assume('lambda', 'SweeperRole')).not.toThrow();
    expect(() => assume('codebuild', 'SandboxBuildRole')).not.toThrow();
    expect(() => assume('states', 'SandboxStatesRole')).not.toThrow();
  });

  it('take a role that a caller may pass on to them', () => {
    const pass = (by: string, role: string, service: string) =>
      cloud.authorizer.demand(
        { kind: 'role', roleArn: cloud.roleOf(by), tags: {} },
        {
          action: 'iam:PassRole',
          resource: cloud.roleOf(role),
          context: { 'iam:PassedToService': service },
        },
      );
    expect(() => pass('DispatcherRole', 'TimersSenderRole', 'scheduler.amazonaws.com')).not.toThrow();
    expect(() => pass('DispatcherRole', 'TimersSenderRole', 'lambda.amazonaws.com')).toThrow('not authorized');
    expect(() => pass('DispatcherRole', 'TimersSweepRole', 'scheduler.amazonaws.com')).toThrow('not authorized');
    expect(() => pass('SweeperRole', 'TimersSenderRole', 'scheduler.amazonaws.com')).toThrow('not authorized');
  });
});

it('is not broken by a caller that dies in the middle of its call', async () => {
  const gateway = await openGateway();
  const socket = connect(Number(new URL(gateway.endpoint).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nbegun');
  // An answer to another call tells that the first has been read so far.
  await fetch(gateway.endpoint);
  socket.destroy();
  await fetch(gateway.endpoint);
  expect(gateway.crashes).toEqual([]);
  await gateway.close();
});
