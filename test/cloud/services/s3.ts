import { randomUUID } from 'node:crypto';
import { type AwsAnswer, type AwsCall, AwsError, type AwsService, type LocalStack, type Need } from '../contract.ts';
import { bucketAndKeyOf } from './s3-addresses.ts';
import { LocalBucket } from './s3-bucket.ts';
import type { BucketCall, ObjectCreated } from './s3-calls.ts';
import { COPY_SOURCE, copyObject } from './s3-copy.ts';
import { corsHeadersOf } from './s3-cors.ts';
import { listObjects } from './s3-list.ts';
import { abortMultipartUpload, completeMultipartUpload, createMultipartUpload, uploadPart } from './s3-multipart.ts';
import { deleteObject, deleteObjects, getObject, headObject, putObject } from './s3-objects.ts';
import { notImplemented } from './s3-requests.ts';

/** Objects of the stack's buckets, by path-style addresses; in memory, so that nothing is left when the cloud is closed. */
export const makeS3 = (params: {
  readonly stack: LocalStack;
  readonly onObjectCreated: (event: ObjectCreated) => void;
}): AwsService => {
  const { stack, onObjectCreated } = params;
  const buckets = new Map(
    stack.ofType('AWS::S3::Bucket').map(({ ref, arn }) => [ref, { arn, bucket: new LocalBucket() }] as const),
  );
  return {
    name: 's3',
    handle: async (call) => {
      const { bucket: bucketName, key } = bucketAndKeyOf(call.path);
      const found = buckets.get(bucketName);
      if (found === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist.', 404);
      const run = operationOf(call, key);
      const answer = run({
        call: { ...call, demand: (need) => demandAsS3(call, need) },
        bucket: found.bucket,
        bucketArn: found.arn,
        bucketName,
        key,
        onObjectCreated,
      });
      const { path, headers, method } = call;
      return {
        ...answer,
        headers: {
          'x-amz-request-id': randomUUID(),
          ...corsHeadersOf({ stack, path, headers, method }),
          ...answer.headers,
        },
      };
    },
  };
};

/** S3 has a name of its own for what is denied. */
const demandAsS3 = (call: AwsCall, need: Need): void => {
  try {
    call.demand(need);
  } catch (error) {
    if (error instanceof AwsError) throw new AwsError('AccessDenied', error.message, 403);
    throw error;
  }
};

const operationOf = (call: AwsCall, key: string): ((bucketCall: BucketCall) => AwsAnswer) => {
  if (key === '') {
    if (call.method === 'GET' && call.query.get('list-type') === '2') return listObjects;
    if (call.method === 'POST' && call.query.has('delete')) return deleteObjects;
    throw notImplemented(`${call.method} of a bucket`);
  }
  const isOfUpload = call.query.has('uploadId');
  switch (call.method) {
    case 'PUT':
      if (isOfUpload) return uploadPart;
      return call.headers[COPY_SOURCE] === undefined ? putObject : copyObject;
    case 'GET':
      return getObject;
    case 'HEAD':
      return headObject;
    case 'DELETE':
      return isOfUpload ? abortMultipartUpload : deleteObject;
    case 'POST':
      if (isOfUpload) return completeMultipartUpload;
      if (call.query.has('uploads')) return createMultipartUpload;
      throw notImplemented('POST of an object');
    default:
      throw notImplemented(`${call.method} of an object`);
  }
};
