import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { composeDispatcher } from '../lib/aws.ts';

const dispatcher = composeDispatcher();

/** One message wakes one instance; those that failed come again, alone. */
export const handler = async ({ Records: records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const messages = records.map(({ messageId, body }) => ({ id: messageId, body }));
  const failed = await dispatcher.dispatch(messages, context.getRemainingTimeInMillis());
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};
