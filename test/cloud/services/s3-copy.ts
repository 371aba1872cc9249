import { type AwsAnswer, AwsError } from '../contract.ts';
import type { BucketCall } from './s3-calls.ts';
import { demandAbsence } from './s3-objects.ts';
import { notImplemented, refuseUnknown } from './s3-requests.ts';
import { xmlAnswer } from './s3-xml.ts';

export const COPY_SOURCE = 'x-amz-copy-source';

/** An object of the same bucket under one more key. Reading the one and writing the other are two permissions. */
export const copyObject = (bucketCall: BucketCall): AwsAnswer => {
  const { call, bucket, bucketArn, bucketName, key } = bucketCall;
  refuseUnknown(call, { headers: [COPY_SOURCE, 'if-none-match'] });
  const source = decodeURIComponent(call.headers[COPY_SOURCE] ?? '').replace(/^\//, '');
  if (!source.startsWith(`${bucketName}/`)) throw notImplemented('copy from another bucket');
  const sourceKey = source.slice(bucketName.length + 1);
  call.demand({ action: 's3:GetObject', resource: `${bucketArn}/${sourceKey}` });
  call.demand({ action: 's3:PutObject', resource: `${bucketArn}/${key}` });
  const found = bucket.get(sourceKey);
  if (found === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  demandAbsence(bucketCall);
  const { body, etag, modifiedAt } = bucket.put({ ...found, key });
  bucketCall.onObjectCreated({ bucket: bucketName, key, size: body.length, etag: etag.slice(1, -1) });
  return xmlAnswer('CopyObjectResult', [
    ['ETag', etag],
    ['LastModified', new Date(modifiedAt).toISOString()],
  ]);
};
