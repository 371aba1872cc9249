import { randomUUID } from 'node:crypto';
import { AwsError, type Faults, type LocalStack, type Queues, type StackResource } from '../contract.ts';
import { LocalQueue, type StoredMessage } from './local-queue.ts';
import { readProperties } from './strict-input.ts';

export const MAX_DELAY_S = 900;
export const MAX_VISIBILITY_S = 43_200;
const MAX_MESSAGE_BYTES = 1_048_576;
const GROUP_ID = /^[!-~]{1,128}$/;

const PROPERTIES = [
  'QueueName',
  'DelaySeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'Tags',
  'VisibilityTimeout',
];

/** A queue of the template with what the template says of it, seconds. */
export interface StackQueue {
  readonly url: string;
  readonly arn: string;
  readonly queue: LocalQueue;
  readonly delayS: number;
  readonly waitS: number;
  readonly visibilityTimeoutS: number;
  readonly retentionS: number;
  readonly maxMessageBytes: number;
  readonly redrivePolicy?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

export interface SentMessage {
  readonly messageId: string;
}

export interface LocalQueues extends Queues {
  /** As `Queues.send`. @throws AwsError `InvalidParameterValue`, `QueueDoesNotExist` */
  send(params: Parameters<Queues['send']>[0]): SentMessage;
  ofUrl(url: string): StackQueue;
  ofArn(arn: string): StackQueue;
  close(): void;
}

/** The stack's queues. `faults` are asked once for each message that is sent. */
export const makeQueues = ({ stack, faults }: { readonly stack: LocalStack; readonly faults: Faults }): LocalQueues => {
  const queues: readonly StackQueue[] = stack.ofType('AWS::SQS::Queue').map((resource) =>
    readQueue(resource, (arn, message) => {
      ofArn(arn).queue.add({ ...message, visibleAt: Date.now(), receiveCount: 0 });
    }),
  );
  const existing = (found: StackQueue | undefined): StackQueue => {
    if (found === undefined) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return found;
  };
  const ofArn = (wanted: string): StackQueue => existing(queues.find(({ arn }) => arn === wanted));
  for (const { redrivePolicy } of queues) if (redrivePolicy) ofArn(redrivePolicy.deadLetterTargetArn);

  return {
    ofArn,
    ofUrl: (wanted) => existing(queues.find(({ url }) => url === wanted)),
    send: (params) => send(ofArn(params.queueArn), params, faults),
    receive: ({ queueArn, max, waitMs }) => ofArn(queueArn).queue.receive({ max, waitMs }),
    remove: ({ queueArn, receiptHandle }) => ofArn(queueArn).queue.remove(receiptHandle),
    changeVisibility: ({ queueArn, receiptHandle, delayS }) =>
      ofArn(queueArn).queue.changeVisibility(
        receiptHandle,
        within('VisibilityTimeout', delayS, MAX_VISIBILITY_S) * 1_000,
      ),
    close: () => {
      for (const { queue } of queues) queue.close();
    },
  };
};

const send = (target: StackQueue, params: Parameters<Queues['send']>[0], faults: Faults): SentMessage => {
  const { body, groupId } = params;
  const delayS = within('DelaySeconds', params.delayS ?? target.delayS, MAX_DELAY_S);
  if (groupId !== undefined && !GROUP_ID.test(groupId)) throw invalid('MessageGroupId', groupId);
  if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(body) > target.maxMessageBytes) {
    const message = `One or more parameters are invalid. Reason: Message must be shorter than ${target.maxMessageBytes} bytes.`;
    throw new AwsError('InvalidParameterValue', message);
  }
  const messageId = randomUUID();
  const sentAt = Date.now();
  const store = (extraMs: number): void =>
    target.queue.add({
      id: messageId,
      body,
      ...(groupId !== undefined && { groupId }),
      sentAt,
      visibleAt: sentAt + delayS * 1_000 + extraMs,
      receiveCount: 0,
    });
  const fault = faults.ofDelivery('message');
  switch (fault?.kind) {
    case 'lose':
      break;
    case 'duplicate':
      store(0);
      store(0);
      break;
    default:
      store(fault?.ms ?? 0);
  }
  return { messageId };
};

const readQueue = (
  resource: StackResource,
  moveTo: (deadLetterArn: string, message: StoredMessage) => void,
): StackQueue => {
  const properties = readProperties(resource, PROPERTIES);
  const seconds = (key: string, otherwise: number, max: number): number =>
    properties.integer(key, { min: 0, max, otherwise });
  const redrive = properties.has('RedrivePolicy')
    ? properties.object('RedrivePolicy', ['deadLetterTargetArn', 'maxReceiveCount'])
    : undefined;
  const redrivePolicy = redrive && {
    deadLetterTargetArn: redrive.text('deadLetterTargetArn'),
    maxReceiveCount: redrive.integer('maxReceiveCount', { min: 1, max: 1_000 }),
  };
  const visibilityTimeoutS = seconds('VisibilityTimeout', 30, MAX_VISIBILITY_S);
  const retentionS = seconds('MessageRetentionPeriod', 345_600, 1_209_600);
  return {
    url: resource.ref,
    arn: resource.arn,
    queue: new LocalQueue({
      visibilityTimeoutMs: visibilityTimeoutS * 1_000,
      retentionMs: retentionS * 1_000,
      maxReceiveCount: redrivePolicy?.maxReceiveCount ?? Number.POSITIVE_INFINITY,
      ...(redrivePolicy && {
        moveToDeadLetters: (message: StoredMessage) => moveTo(redrivePolicy.deadLetterTargetArn, message),
      }),
    }),
    delayS: seconds('DelaySeconds', 0, MAX_DELAY_S),
    waitS: seconds('ReceiveMessageWaitTimeSeconds', 0, 20),
    visibilityTimeoutS,
    retentionS,
    maxMessageBytes: seconds('MaximumMessageSize', MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES),
    ...(redrivePolicy && { redrivePolicy }),
  };
};

const within = (name: string, value: number, max: number): number => {
  if (!Number.isInteger(value) || value < 0 || value > max) throw invalid(name, value);
  return value;
};

const invalid = (name: string, value: unknown): AwsError =>
  new AwsError('InvalidParameterValue', `Value ${value} for parameter ${name} is invalid.`);
