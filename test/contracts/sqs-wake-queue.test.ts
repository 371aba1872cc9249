import { randomBytes } from 'node:crypto';
import { CreateScheduleGroupCommand, GetScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSchedulerClient, makeSqsClient } from '../../lib/adapters/aws/aws-clients.ts';
import { readWake, SqsWakeQueue } from '../../lib/adapters/aws/sqs-wake-queue.ts';
import { jsonOf, queueService, type Service, type StandIn, startStandIn } from './aws-stand-ins.ts';
import { ManualClock } from './contract.ts';
import { otherAws, serviceOr } from './other-aws.ts';

const MINUTE_MS = 60_000;
const clock = new ManualClock();
const key = { tenant: 'acme', workflow: 'Approval', id: 'order-1' };

let queue: StandIn;
let scheduler: StandIn;
let answerOfScheduler: Service;
let errors: unknown[];
let wakes: SqsWakeQueue;
let queueUrl: string;
let scheduleGroup: string;

beforeEach(async () => {
  errors = [];
  answerOfScheduler = serviceOr(() => jsonOf({ ScheduleArn: 'arn' }));
  queue = await startStandIn(serviceOr(queueService));
  scheduler = await startStandIn((call, url) => answerOfScheduler(call, url));
  queueUrl = `${queue.config.endpoint}/1/turns`;
  scheduleGroup = 'timers';
  if (otherAws !== undefined) await makeQueueAndGroup();
  wakes = new SqsWakeQueue({
    queue: makeSqsClient(queue.config),
    queueUrl,
    schedules: {
      client: makeSchedulerClient(scheduler.config),
      queueArn: 'arn:aws:sqs:us-east-1:1:turns',
      group: scheduleGroup,
      role: 'arn:aws:iam::1:role/sender',
    },
    clock,
    onError: (error) => errors.push(error),
  });
});
afterEach(async () => {
  await queue.close();
  await scheduler.close();
});

/** Where another implementation answers, each test has a queue and a group of its own. */
const makeQueueAndGroup = async (): Promise<void> => {
  const name = `turns-${randomBytes(8).toString('hex')}`;
  const made = await makeSqsClient(queue.config).send(new CreateQueueCommand({ QueueName: name }));
  queueUrl = `${queue.config.endpoint}${new URL(made.QueueUrl ?? '').pathname}`;
  scheduleGroup = name;
  await makeSchedulerClient(scheduler.config).send(new CreateScheduleGroupCommand({ Name: name }));
  queue.calls.length = 0;
  scheduler.calls.length = 0;
};

const wake = (after?: number) =>
  wakes.wake({ key, incarnation: 'life-1', ...(after !== undefined && { at: clock.at + after }) });
const sent = (standIn: StandIn) => standIn.calls.map(({ body }) => JSON.parse(body.toString()));
const refusal = (type: string, status: number): Service => {
  return () => jsonOf({ Message: 'no' }, status, { 'x-amzn-errortype': type });
};

describe('wake-ups on SQS', () => {
  it('go out at once, in the tenant’s own group', async () => {
    await wake();
    const [message] = sent(queue);
    expect(message).toMatchObject({ MessageGroupId: 'acme', DelaySeconds: 0 });
    expect(readWake(message.MessageBody)).toEqual({ key, incarnation: 'life-1' });
  });

  it('say of an instance whose turn in line it is that it is claimed before it is due', async () => {
    await wakes.wake({ key, isForced: true });
    expect(readWake(sent(queue)[0].MessageBody)).toEqual({ key, isForced: true });
  });

  it('wait in the queue up to 15 minutes, never too short', async () => {
    for (const after of [-5_000, 1_200, 90_000, 15 * MINUTE_MS]) await wake(after);
    expect(sent(queue).map(({ DelaySeconds }) => DelaySeconds)).toEqual([0, 2, 90, 900]);
    expect(readWake(sent(queue)[2].MessageBody)?.at).toBe(clock.at + 90_000);
    expect(scheduler.calls).toEqual([]);
  });

  it('beyond that are a schedule that comes 90 s early, tells the true time and goes when it has rung', async () => {
    await wake(60 * MINUTE_MS);
    expect(queue.calls).toEqual([]);
    const [call] = scheduler.calls;
    expect(call?.operation).toMatch(/^POST \/schedules\/[0-9a-f]{40}$/);
    const [schedule] = sent(scheduler);
    const early = new Date(clock.at + 60 * MINUTE_MS - 90_000).toISOString().slice(0, 19);
    expect(schedule).toMatchObject({
      GroupName: scheduleGroup,
      ScheduleExpression: `at(${early})`,
      ActionAfterCompletion: 'DELETE',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'arn:aws:sqs:us-east-1:1:turns', RoleArn: 'arn:aws:iam::1:role/sender' },
    });
    const message = { key, incarnation: 'life-1', at: clock.at + 60 * MINUTE_MS };
    expect(readWake(schedule.Target.Input)).toEqual(message);
  });

  it('asked for twice are one schedule, and of another life, time or instance another', async () => {
    const at = clock.at + 60 * MINUTE_MS;
    await wakes.wake({ key, incarnation: 'life-1', at });
    await wakes.wake({ key, incarnation: 'life-1', at });
    await wakes.wake({ key, incarnation: 'life-2', at });
    await wakes.wake({ key, incarnation: 'life-1', at: at + 1_000 });
    await wakes.wake({ key: { ...key, tenant: 'globex' }, incarnation: 'life-1', at });
    const names = scheduler.calls.map(({ operation }) => operation);
    expect(names[1]).toBe(names[0]);
    expect(new Set(names).size).toBe(4);
  });

  it('that are scheduled already are no error', async () => {
    answerOfScheduler = refusal('ConflictException', 409);
    await wake(60 * MINUTE_MS);
    expect(errors).toEqual([]);
  });

  it('come out as they went in, where a service keeps them', async (context) => {
    if (otherAws === undefined) return context.skip('the stand-ins keep no message and no schedule');
    await wake();
    const received = await makeSqsClient(queue.config).send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MessageSystemAttributeNames: ['MessageGroupId'] }),
    );
    const [message] = received.Messages ?? [];
    expect(readWake(message?.Body ?? '')).toEqual({ key, incarnation: 'life-1' });
    expect(message?.Attributes).toEqual({ MessageGroupId: 'acme' });

    const at = clock.at + 60 * MINUTE_MS;
    for (let count = 0; count < 2; count += 1) await wakes.wake({ key, incarnation: 'life-1', at });
    expect(errors).toEqual([]);
    const client = makeSchedulerClient(scheduler.config);
    const { Schedules: kept = [] } = await client.send(new ListSchedulesCommand({ GroupName: scheduleGroup }));
    expect(kept).toHaveLength(1);
    const schedule = await client.send(new GetScheduleCommand({ GroupName: scheduleGroup, Name: kept[0]?.Name }));
    expect(schedule).toMatchObject({ ActionAfterCompletion: 'DELETE', ScheduleExpressionTimezone: 'UTC' });
    expect(readWake(schedule.Target?.Input ?? '')).toEqual({ key, incarnation: 'life-1', at });
  });

  it('are left to the sweeper when schedules are throttled, which is told once', async () => {
    answerOfScheduler = refusal('ThrottlingException', 429);
    for (let count = 0; count < 3; count += 1) await wake(60 * MINUTE_MS);
    expect(errors).toHaveLength(1);
  });

  it('that fail fail nobody, and are told each time', async () => {
    answerOfScheduler = refusal('AccessDeniedException', 403);
    for (let count = 0; count < 2; count += 1) await wake(60 * MINUTE_MS);
    expect(errors).toHaveLength(2);
  });

  it('are told from anything else that may lie in the queue', () => {
    const forced = '{"tenant":"acme","workflow":"A","id":"i","isForced":"yes"}';
    for (const body of ['', 'null', '[]', '{', '{"tenant":"acme"}', '{"tenant":1,"workflow":"A","id":"i"}', forced]) {
      expect(readWake(body)).toBeUndefined();
    }
  });
});
