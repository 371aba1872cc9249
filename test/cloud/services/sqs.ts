import { createHash } from 'node:crypto';
import { type AwsAnswer, type AwsCall, AwsError, type AwsService, type QueueMessage } from '../contract.ts';
import { type LocalQueues, MAX_DELAY_S, MAX_VISIBILITY_S, type StackQueue } from './local-queues.ts';
import { type Input, readJsonInput } from './strict-input.ts';

const MAX_MESSAGES = 10;
const MAX_WAIT_S = 20;

interface Operation {
  readonly parameters: readonly string[];
  run(input: Input, queue: StackQueue, queues: LocalQueues): object | Promise<object>;
}

/** The JSON protocol of SQS before the stack's queues. The permission is named like the operation. */
export const makeSqs = (queues: LocalQueues): AwsService => ({
  name: 'sqs',
  handle: async (call: AwsCall): Promise<AwsAnswer> => {
    const operation = OPERATIONS[call.action];
    if (operation === undefined) throw new AwsError('UnknownOperationException', `No operation ${call.action}.`);
    const input = readJsonInput(call.body, ['QueueUrl', ...operation.parameters], 'InvalidParameterValue');
    const queue = queues.ofUrl(input.text('QueueUrl'));
    call.demand({ action: `sqs:${call.action}`, resource: queue.arn });
    const output = await operation.run(input, queue, queues);
    return { headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(output) };
  },
});

const sendMessage: Operation = {
  parameters: ['MessageBody', 'DelaySeconds', 'MessageGroupId'],
  run: (input, queue, queues) => {
    const body = input.text('MessageBody');
    const groupId = input.optionalText('MessageGroupId');
    const { messageId } = queues.send({
      queueArn: queue.arn,
      body,
      ...(groupId !== undefined && { groupId }),
      ...(input.has('DelaySeconds') && { delayS: input.integer('DelaySeconds', { min: 0, max: MAX_DELAY_S }) }),
    });
    return { MessageId: messageId, MD5OfMessageBody: md5(body) };
  },
};

const receiveMessage: Operation = {
  parameters: [
    'MaxNumberOfMessages',
    'WaitTimeSeconds',
    'VisibilityTimeout',
    'MessageSystemAttributeNames',
    'AttributeNames',
  ],
  run: async (input, { queue, waitS, visibilityTimeoutS }) => {
    const messages = await queue.receive({
      max: input.integer('MaxNumberOfMessages', { min: 1, max: MAX_MESSAGES, otherwise: 1 }),
      waitMs: input.integer('WaitTimeSeconds', { min: 0, max: MAX_WAIT_S, otherwise: waitS }) * 1_000,
      visibilityTimeoutMs:
        input.integer('VisibilityTimeout', { min: 0, max: MAX_VISIBILITY_S, otherwise: visibilityTimeoutS }) * 1_000,
    });
    const wanted = [...input.texts('MessageSystemAttributeNames'), ...input.texts('AttributeNames')];
    return messages.length === 0 ? {} : { Messages: messages.map((message) => messageOutput(message, wanted)) };
  },
};

const deleteMessage: Operation = {
  parameters: ['ReceiptHandle'],
  run: (input, { queue }) => {
    queue.remove(input.text('ReceiptHandle'));
    return {};
  },
};

const changeMessageVisibility: Operation = {
  parameters: ['ReceiptHandle', 'VisibilityTimeout'],
  run: (input, { queue }) => {
    const delayS = input.integer('VisibilityTimeout', { min: 0, max: MAX_VISIBILITY_S });
    queue.changeVisibility(input.text('ReceiptHandle'), delayS * 1_000);
    return {};
  },
};

const getQueueAttributes: Operation = {
  parameters: ['AttributeNames'],
  run: (input, queue) => {
    const attributes = attributesOf(queue);
    const wanted = input.texts('AttributeNames');
    const unknown = wanted.find((name) => name !== 'All' && attributes[name] === undefined);
    if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
    return { Attributes: pick(attributes, wanted) };
  },
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  SendMessage: sendMessage,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  ChangeMessageVisibility: changeMessageVisibility,
  GetQueueAttributes: getQueueAttributes,
};

const messageOutput = (message: QueueMessage, wanted: readonly string[]): object => {
  const attributes = pick(message.attributes, wanted);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
  };
};

const attributesOf = (queue: StackQueue): Readonly<Record<string, string>> => {
  const { visible, inFlight, delayed } = queue.queue.counts();
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    DelaySeconds: String(queue.delayS),
    MaximumMessageSize: String(queue.maxMessageBytes),
    MessageRetentionPeriod: String(queue.retentionS),
    QueueArn: queue.arn,
    ReceiveMessageWaitTimeSeconds: String(queue.waitS),
    VisibilityTimeout: String(queue.visibilityTimeoutS),
    ...(queue.redrivePolicy && { RedrivePolicy: JSON.stringify(queue.redrivePolicy) }),
  };
};

const pick = (attributes: Readonly<Record<string, string>>, wanted: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted.includes('All') || wanted.includes(name)));

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
