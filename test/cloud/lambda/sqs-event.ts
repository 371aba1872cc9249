import { createHash } from 'node:crypto';
import type { InvocationResult, QueueMessage } from '../contract.ts';

export interface SqsSource {
  readonly queueArn: string;
  readonly region: string;
}

/** What a function gets that is called for messages. */
export const sqsEventOf = (messages: readonly QueueMessage[], { queueArn, region }: SqsSource): object => ({
  Records: messages.map(({ messageId, receiptHandle, body, attributes }) => ({
    messageId,
    receiptHandle,
    body,
    attributes,
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  })),
});

/**
 * Which messages are done. Without reports that is all or none. With them a function names those that are not; an answer
 * that names none is a success, and one that cannot be understood, or names a message that was not there, a failure of all.
 */
export const doneMessages = (
  messages: readonly QueueMessage[],
  { payload, functionError }: InvocationResult,
  hasReports: boolean,
): readonly QueueMessage[] => {
  if (functionError !== undefined) return [];
  if (!hasReports) return messages;
  const failed = failedIds(payload);
  const known = new Set(messages.map(({ messageId }) => messageId));
  if (failed === undefined || !failed.every((id) => known.has(id))) return [];
  return messages.filter(({ messageId }) => !failed.includes(messageId));
};

const failedIds = (answer: unknown): readonly string[] | undefined => {
  if (answer === null) return [];
  if (typeof answer !== 'object') return undefined;
  const failures = 'batchItemFailures' in answer ? answer.batchItemFailures : null;
  if (failures === null) return [];
  if (!Array.isArray(failures)) return undefined;
  const ids = failures.map((failure: { readonly itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
};
