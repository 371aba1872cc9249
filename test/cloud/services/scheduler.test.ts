import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeSchedulerClient, makeSqsClient } from '../../../lib/adapters/aws/aws-clients.ts';
import { SqsWakeQueue } from '../../../lib/adapters/aws/sqs-wake-queue.ts';
import { AwsError, type DeliveryFault, noFaults } from '../contract.ts';
import type { DeliveryFailure } from './delivery.ts';
import { type LocalQueues, makeQueues } from './local-queues.ts';
import { makeScheduler, type Scheduler } from './scheduler.ts';
import { RecordingAuthorizer, RecordingHost, type ServiceServer, serve, stackOf } from './services-fixture.ts';

const MINUTE_MS = 60_000;
const QUEUE = 'arn:aws:sqs:eu-central-1:123456789012:work';
const SWEEPER = 'arn:aws:lambda:eu-central-1:123456789012:function:sweeper';
const ROLE = 'arn:aws:iam::123456789012:role/Sender';
const SWEEP_ROLE = 'arn:aws:iam::123456789012:role/Sweep';
const SCHEDULES = 'arn:aws:scheduler:eu-central-1:123456789012:schedule';

const sweep = {
  logicalId: 'Sweep',
  type: 'AWS::Scheduler::Schedule',
  ref: 'Sweep',
  arn: `${SCHEDULES}/default/Sweep`,
  properties: {
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: SWEEPER, RoleArn: SWEEP_ROLE, RetryPolicy: { MaximumRetryAttempts: 0 } },
  },
};
const stack = stackOf([
  { logicalId: 'Work', type: 'AWS::SQS::Queue', ref: 'https://sqs/1/work', arn: QUEUE, properties: {} },
  { logicalId: 'Group', type: 'AWS::Scheduler::ScheduleGroup', ref: 'timers', arn: 'group', properties: {} },
  sweep,
]);

let authorizer: RecordingAuthorizer;
let lambda: RecordingHost;
let queues: LocalQueues;
let faults: DeliveryFault[];
let failures: DeliveryFailure[];
let scheduler: Scheduler;
let server: ServiceServer;
let client: SchedulerClient;

beforeEach(async () => {
  // Sockets go on as they are.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  authorizer = new RecordingAuthorizer();
  lambda = new RecordingHost();
  faults = [];
  failures = [];
  queues = makeQueues({ stack, faults: noFaults });
  scheduler = makeScheduler({
    stack,
    authorizer,
    queues,
    lambda,
    faults: { ...noFaults, ofDelivery: () => faults.shift() },
    onFailure: (failure) => failures.push(failure),
    precisionMs: 1_000,
  });
  server = await serve(scheduler);
  client = new SchedulerClient(server.config);
});
afterEach(async () => {
  client.destroy();
  await server.close();
  scheduler.close();
  queues.close();
  vi.useRealTimers();
});

const timeIn = (ms: number) => `at(${new Date(Date.now() + ms).toISOString().slice(0, 19)})`;
const create = (params: Partial<CreateScheduleCommandInput> = {}) =>
  client.send(
    new CreateScheduleCommand({
      Name: 'wake',
      GroupName: 'timers',
      ScheduleExpression: timeIn(60 * MINUTE_MS),
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: { Arn: QUEUE, RoleArn: ROLE, Input: 'wake up' },
      ...params,
    }),
  );
const queued = () => queues.ofArn(QUEUE).queue.counts().visible;

describe('a schedule that rings once', () => {
  it('is made with its own permission and that to pass the role, if the role trusts the service', async () => {
    await expect(create()).resolves.toMatchObject({ ScheduleArn: `${SCHEDULES}/timers/wake` });
    expect(server.authorizer.demands.map(({ need }) => need)).toEqual([
      { action: 'scheduler:CreateSchedule', resource: `${SCHEDULES}/timers/wake` },
      { action: 'iam:PassRole', resource: ROLE, context: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    ]);
    expect(authorizer.demands).toEqual([
      {
        principal: { kind: 'service', service: 'scheduler.amazonaws.com', sourceArn: `${SCHEDULES}/timers/wake` },
        need: {
          action: 'sts:AssumeRole',
          resource: ROLE,
          context: { 'aws:SourceAccount': '123456789012', 'aws:SourceArn': `${SCHEDULES}/timers/wake` },
        },
      },
    ]);
  });

  it('sends its message in the name of the role, at its time and within the precision, and is gone', async () => {
    await create({ ScheduleExpression: timeIn(40 * 24 * 60 * MINUTE_MS) });
    await vi.advanceTimersByTimeAsync(40 * 24 * 60 * MINUTE_MS - 1_000);
    expect(queued()).toBe(0);
    await vi.advanceTimersByTimeAsync(2_000);
    const [message] = await queues.receive({ queueArn: QUEUE, max: 1, waitMs: 0 });
    expect(message?.body).toBe('wake up');
    expect(authorizer.demands.at(-1)).toMatchObject({
      principal: { kind: 'role', roleArn: ROLE },
      need: { action: 'sqs:SendMessage', resource: QUEUE },
    });
    expect(scheduler.namesIn('timers')).toEqual([]);
  });

  it('stays when it is not said to go, and its name is taken', async () => {
    await create({ ActionAfterCompletion: 'NONE' });
    await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
    expect(queued()).toBe(1);
    await expect(create()).rejects.toMatchObject({ name: 'ConflictException' });
  });

  it('is one for a client that asks again because it did not hear the answer', async () => {
    await create({ ClientToken: 'same' });
    await create({ ClientToken: 'same' });
    await expect(create({ ClientToken: 'other' })).rejects.toMatchObject({ name: 'ConflictException' });
    await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
    expect(queued()).toBe(1);
  });

  it('can be looked at and removed before it rings', async () => {
    await create();
    const key = { Name: 'wake', GroupName: 'timers' };
    expect(await client.send(new GetScheduleCommand(key))).toMatchObject({ ...key, Target: { Arn: QUEUE } });
    await client.send(new DeleteScheduleCommand(key));
    await expect(client.send(new GetScheduleCommand(key))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
    expect(queued()).toBe(0);
    expect(server.authorizer.asked().slice(2)).toEqual(
      ['GetSchedule', 'DeleteSchedule', 'GetSchedule'].map((action) => `scheduler:${action} ${SCHEDULES}/timers/wake`),
    );
  });

  it('comes late, twice or never when it is told to', async () => {
    faults = [{ kind: 'delay', ms: 5 * MINUTE_MS }, { kind: 'duplicate' }, { kind: 'lose' }];
    for (const [index, Name] of ['late', 'twice', 'lost'].entries()) {
      await create({ Name, ScheduleExpression: timeIn((index + 1) * MINUTE_MS) });
    }
    await vi.advanceTimersByTimeAsync(4 * MINUTE_MS);
    expect(queued()).toBe(2);
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    expect(queued()).toBe(3);
  });

  it.each([
    ['lies in the past', () => ({ ScheduleExpression: timeIn(-1_000) }), 'ValidationException'],
    ['has a time with a fraction', () => ({ ScheduleExpression: 'at(2099-01-01T00:00:00.5)' }), 'ValidationException'],
    ['has a long name', () => ({ Name: 'x'.repeat(65) }), 'ValidationException'],
    ['is in a group that is not there', () => ({ GroupName: 'other' }), 'ResourceNotFoundException'],
    ['is punctual within hours', () => ({ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }), 'ValidationException'],
    ['says what is not known', () => ({ KmsKeyArn: 'arn:aws:kms:eu:1:key/1' }), 'ValidationException'],
    ['is in another time zone', () => ({ ScheduleExpressionTimezone: 'Europe/Berlin' }), 'ValidationException'],
  ])('is refused when it %s', async (_what, params, name) => {
    await expect(create(params() as Partial<CreateScheduleCommandInput>)).rejects.toMatchObject({ name });
    expect(scheduler.namesIn('timers')).toEqual([]);
  });

  it('is refused when its role does not trust the service, and without the permission to pass it', async () => {
    authorizer.deny('sts:AssumeRole');
    await expect(create()).rejects.toMatchObject({ name: 'ValidationException' });
    server.authorizer.deny('iam:PassRole');
    await expect(create()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('whose role may not send fails, and says so', async () => {
    await create();
    authorizer.deny('sqs:SendMessage');
    await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
    expect(queued()).toBe(0);
    expect(failures).toMatchObject([{ source: `${SCHEDULES}/timers/wake`, error: { code: 'AccessDeniedException' } }]);
  });

  it('is what the wake queue makes of a long sleep', async () => {
    const errors: unknown[] = [];
    const wakes = new SqsWakeQueue({
      queue: makeSqsClient(server.config),
      queueUrl: 'https://sqs/1/work',
      schedules: { client: makeSchedulerClient(server.config), queueArn: QUEUE, group: 'timers', role: ROLE },
      clock: { now: () => Date.now() },
      onError: (error) => errors.push(error),
    });
    const key = { tenant: 'acme', workflow: 'Approval', id: '1' };
    const message = { key, incarnation: 'life', at: Date.now() + 60 * MINUTE_MS };
    for (let time = 0; time < 2; time += 1) await wakes.wake(message);
    expect(errors).toEqual([]);
    expect(scheduler.namesIn('timers')).toHaveLength(1);
  });
});

describe('a schedule of the template', () => {
  it('invokes its function each minute, in the name of its role', async () => {
    scheduler.start();
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    expect(lambda.invocations).toHaveLength(3);
    expect(lambda.invocations[0]).toMatchObject({
      functionArn: SWEEPER,
      isAsync: true,
      payload: { source: 'aws.scheduler', resources: [`${SCHEDULES}/default/Sweep`] },
    });
    expect(authorizer.demands.at(-1)).toMatchObject({
      principal: { kind: 'role', roleArn: SWEEP_ROLE },
      need: { action: 'lambda:InvokeFunction', resource: SWEEPER },
    });
  });

  it('is tried again as often as it says', async () => {
    const retried = {
      ...sweep.properties,
      Target: { ...sweep.properties.Target, RetryPolicy: { MaximumRetryAttempts: 1 } },
    };
    const busy = () => {
      throw new AwsError('TooManyRequestsException', 'busy', 429);
    };
    lambda.answers.push(busy, busy);
    const other = makeScheduler({
      stack: stackOf([{ ...sweep, properties: retried }]),
      authorizer,
      queues,
      lambda,
      faults: noFaults,
      onFailure: (failure) => failures.push(failure),
      minuteMs: 5_000,
    });
    other.start();
    await vi.advanceTimersByTimeAsync(7_000);
    expect(lambda.invocations).toHaveLength(2);
    expect(failures).toHaveLength(1);
    other.close();
  });

  it.each([
    ['cron', { ...sweep.properties, ScheduleExpression: 'cron(0 12 * * ? *)' }],
    ['a property that is not known', { ...sweep.properties, KmsKeyArn: 'arn' }],
    ['one minute in plural', { ...sweep.properties, ScheduleExpression: 'rate(1 minutes)' }],
  ])('with %s stops the cloud at the start', (_what, properties) => {
    const other = makeScheduler({
      stack: stackOf([{ ...sweep, properties }]),
      authorizer,
      queues,
      lambda,
      faults: noFaults,
      onFailure: () => {},
    });
    expect(() => other.start()).toThrow('Sweep');
  });
});

it('operations that the local cloud does not know are refused', async () => {
  await expect(client.send(new ListSchedulesCommand({}))).rejects.toMatchObject({ name: 'UnknownOperationException' });
});
