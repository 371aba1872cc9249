import type { AwsCall } from '../contract.ts';
import type { LocalBucket } from './s3-bucket.ts';

export interface ObjectCreated {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
}

/** One call, and the bucket of the stack that it is about. */
export interface BucketCall {
  readonly call: AwsCall;
  readonly bucket: LocalBucket;
  readonly bucketArn: string;
  readonly bucketName: string;
  readonly key: string;
  readonly onObjectCreated: (event: ObjectCreated) => void;
}
