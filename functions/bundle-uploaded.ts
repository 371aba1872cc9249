import type { S3ObjectCreatedNotificationEvent } from 'aws-lambda';
import { composeValidator } from '../lib/aws.ts';

const validator = composeValidator();

type Asked = { readonly tenant: string; readonly bundleId: string };

/** An upload that has arrived in the bucket, or one that somebody has found there. */
export const handler = (event: S3ObjectCreatedNotificationEvent | Asked): Promise<void> =>
  validator.validate('detail' in event ? { objectKey: event.detail.object.key } : event);
