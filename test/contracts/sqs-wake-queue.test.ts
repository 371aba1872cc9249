import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSchedulerClient, makeSqsClient } from '../../lib/adapters/aws/aws-clients.ts';
import { readWake, SqsWakeQueue } from '../../lib/adapters/aws/sqs-wake-queue.ts';
import { jsonOf, queueService, type Service, type StandIn, startStandIn } from './aws-stand-ins.ts';
import { ManualClock } from './contract.ts';

const MINUTE_MS = 60_000;
const clock = new ManualClock();
const key = { tenant: 'acme', workflow: 'Approval', id: 'order-1' };

let queue: StandIn;
let scheduler: StandIn;
let answerOfScheduler: Service;
let errors: unknown[];
let wakes: SqsWakeQueue;

beforeEach(async () => {
  errors = [];
  answerOfScheduler = () => jsonOf({ ScheduleArn: 'arn' });
  queue = await startStandIn(queueService);
  scheduler = await startStandIn((call, url) => answerOfScheduler(call, url));
  wakes = new SqsWakeQueue({
    queue: makeSqsClient(queue.config),
    queueUrl: `${queue.config.endpoint}/1/turns`,
    schedules: {
      client: makeSchedulerClient(scheduler.config),
      queueArn: 'arn:aws:sqs:us-east-1:1:turns',
      group: 'timers',
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
      GroupName: 'timers',
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
    for (const body of ['', 'null', '[]', '{', '{"tenant":"acme"}', '{"tenant":1,"workflow":"A","id":"i"}']) {
      expect(readWake(body)).toBeUndefined();
    }
  });
});
