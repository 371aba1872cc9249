import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DeliveryFault, noFaults, type StackResource } from '../contract.ts';
import { type LocalQueues, makeQueues } from './local-queues.ts';
import { type ServiceServer, serve, stackOf } from './services-fixture.ts';
import { makeSqs } from './sqs.ts';

const MINUTE_MS = 60_000;
const WORK = 'arn:aws:sqs:eu-central-1:123456789012:work';
const DEAD = 'arn:aws:sqs:eu-central-1:123456789012:dead';
const URL = 'https://sqs.eu-central-1.amazonaws.com/123456789012/work';

const queueOf = (logicalId: string, arn: string, ref: string, properties: object): StackResource => ({
  logicalId,
  type: 'AWS::SQS::Queue',
  ref,
  arn,
  properties,
});
const stack = stackOf([
  queueOf('Work', WORK, URL, {
    VisibilityTimeout: 60,
    RedrivePolicy: { deadLetterTargetArn: DEAD, maxReceiveCount: 2 },
  }),
  queueOf('Dead', DEAD, 'dead', {}),
]);

let faults: (DeliveryFault | undefined)[];
let queues: LocalQueues;

beforeEach(() => {
  faults = [];
  queues = makeQueues({ stack, faults: { ...noFaults, ofDelivery: () => faults.shift() } });
});
afterEach(() => queues.close());

const send = (body: string, groupId?: string, delayS?: number) =>
  queues.send({
    queueArn: WORK,
    body,
    ...(groupId !== undefined && { groupId }),
    ...(delayS !== undefined && { delayS }),
  });
const receive = (max = 10, waitMs = 0, queueArn = WORK) => queues.receive({ queueArn, max, waitMs });
const bodies = async (max?: number) => (await receive(max)).map(({ body }) => body);

describe('a queue, as time goes by', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    queues.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('shows a message again when its visibility is over, with what it tells of itself', async () => {
    const sentAt = Date.now();
    send('a', 'acme');
    const [first] = await receive();
    expect(first?.attributes).toMatchObject({
      ApproximateReceiveCount: '1',
      SentTimestamp: String(sentAt),
      MessageGroupId: 'acme',
    });
    expect(await receive()).toEqual([]);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    const [second] = await receive();
    expect(second).toMatchObject({ messageId: first?.messageId, attributes: { ApproximateReceiveCount: '2' } });
    expect(second?.receiptHandle).not.toBe(first?.receiptHandle);
  });

  it('forgets what is removed, but not by an old receipt', async () => {
    send('a');
    const [old] = await receive();
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    const [now] = await receive();
    queues.remove({ queueArn: WORK, receiptHandle: old?.receiptHandle ?? '' });
    expect(queues.ofArn(WORK).queue.counts().inFlight).toBe(1);
    queues.remove({ queueArn: WORK, receiptHandle: now?.receiptHandle ?? '' });
    queues.remove({ queueArn: WORK, receiptHandle: now?.receiptHandle ?? '' });
    expect(queues.ofArn(WORK).queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(() => queues.remove({ queueArn: WORK, receiptHandle: 'made up' })).toThrow('receipt handle');
  });

  it('keeps a delayed message back', async () => {
    send('later', undefined, 5);
    send('now');
    expect(await bodies()).toEqual(['now']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await bodies()).toEqual(['later']);
  });

  it('wakes who waits, as soon as there is something and not before', async () => {
    const waiting = receive(1, 20_000);
    const second = receive(1, 20_000);
    send('delayed', undefined, 3);
    await vi.advanceTimersByTimeAsync(2_999);
    send('at once');
    expect((await waiting).map(({ body }) => body)).toEqual(['at once']);
    await vi.advanceTimersByTimeAsync(1);
    expect((await second).map(({ body }) => body)).toEqual(['delayed']);
  });

  it('lets who waits in vain go when the time is up, or the queue is closed', async () => {
    const brief = receive(1, 1_000);
    const long = receive(1, 20_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await brief).toEqual([]);
    queues.close();
    expect(await long).toEqual([]);
    await expect(receive(1, 20_000)).rejects.toThrow('closed');
  });

  it('shows a message sooner or later on demand, while it is in flight', async () => {
    send('a');
    const [message] = await receive();
    const change = (delayS: number) =>
      queues.changeVisibility({ queueArn: WORK, receiptHandle: message?.receiptHandle ?? '', delayS });
    change(120);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(await receive()).toEqual([]);
    change(0);
    expect(await bodies()).toEqual(['a']);
    expect(() => change(0)).toThrow('not in flight');
  });

  it('puts aside what was received too often', async () => {
    send('poison', 'acme');
    for (let time = 0; time < 2; time += 1) {
      expect(await bodies()).toEqual(['poison']);
      await vi.advanceTimersByTimeAsync(MINUTE_MS);
    }
    expect(await bodies()).toEqual([]);
    const [dead] = await receive(1, 0, DEAD);
    expect(dead).toMatchObject({ body: 'poison', attributes: { MessageGroupId: 'acme' } });
  });

  it('lets groups take turns, those with the fewest messages in flight first', async () => {
    for (const body of ['a1', 'a2', 'a3', 'a4']) send(body, 'a');
    for (const body of ['b1', 'b2']) send(body, 'b');
    expect(await bodies(3)).toEqual(['a1', 'b1', 'a2']);
    send('c1', 'c');
    expect(await bodies(2)).toEqual(['c1', 'b2']);
    expect(await bodies()).toEqual(['a3', 'a4']);
  });

  it('loses, doubles and reorders messages when it is told to', async () => {
    faults = [{ kind: 'lose' }, { kind: 'duplicate' }, { kind: 'delay', ms: 1_500 }];
    for (const body of ['lost', 'twice', 'late', 'last']) send(body);
    const first = await receive();
    expect(first.map(({ body }) => body).toSorted()).toEqual(['last', 'twice', 'twice']);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await bodies()).toEqual(['late']);
  });

  it('forgets what is older than it keeps messages', async () => {
    send('a');
    await vi.advanceTimersByTimeAsync(4 * 24 * 60 * MINUTE_MS);
    expect(await receive()).toEqual([]);
    expect(queues.ofArn(WORK).queue.counts().visible).toBe(0);
  });
});

describe('the protocol of the queue service', () => {
  let server: ServiceServer;
  let client: SQSClient;
  beforeEach(async () => {
    server = await serve(makeSqs(queues));
    client = new SQSClient(server.config);
  });
  afterEach(async () => {
    client.destroy();
    await server.close();
  });

  it('sends, receives, hides and deletes, each with its permission', async () => {
    const sent = await client.send(new SendMessageCommand({ QueueUrl: URL, MessageBody: 'a', MessageGroupId: 'acme' }));
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: URL, MessageSystemAttributeNames: ['MessageGroupId'] }),
    );
    expect(Messages).toMatchObject([{ MessageId: sent.MessageId, Body: 'a', Attributes: { MessageGroupId: 'acme' } }]);
    const ReceiptHandle = Messages[0]?.ReceiptHandle;
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: URL, ReceiptHandle, VisibilityTimeout: 9 }));
    await client.send(new DeleteMessageCommand({ QueueUrl: URL, ReceiptHandle }));
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: URL, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ QueueArn: WORK, ApproximateNumberOfMessages: '0', VisibilityTimeout: '60' });
    const actions = ['SendMessage', 'ReceiveMessage', 'ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes'];
    expect(server.authorizer.asked()).toEqual(actions.map((action) => `sqs:${action} ${WORK}`));
  });

  it.each([
    ['a delay of more than 15 minutes', { DelaySeconds: 901 }, 'InvalidParameterValue'],
    ['a group of no name', { MessageGroupId: '' }, 'InvalidParameterValue'],
    ['an empty message', { MessageBody: '' }, 'MissingParameter'],
    ['a message that is too large', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    ['a queue that is not of the stack', { QueueUrl: 'https://sqs/1/other' }, 'QueueDoesNotExist'],
    ['a parameter that it does not know', { MessageDeduplicationId: 'x' }, 'InvalidParameterValue'],
  ])('refuses %s', async (_what, params, name) => {
    const command = new SendMessageCommand({ QueueUrl: URL, MessageBody: 'a', ...params });
    await expect(client.send(command)).rejects.toMatchObject({ name });
    expect(queues.ofArn(WORK).queue.counts().visible).toBe(0);
  });

  it('refuses operations that it does not know, and calls without permission', async () => {
    await expect(client.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'UnknownOperationException' });
    server.authorizer.deny('sqs:SendMessage');
    const command = new SendMessageCommand({ QueueUrl: URL, MessageBody: 'a' });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(queues.ofArn(WORK).queue.counts().visible).toBe(0);
  });
});

it('a queue of a kind that the local cloud does not have stops it at the start', () => {
  const fifo = stackOf([queueOf('Fifo', WORK, URL, { FifoQueue: true })]);
  expect(() => makeQueues({ stack: fifo, faults: noFaults })).toThrow('FifoQueue');
});
