import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SchedulerClient, type SchedulerClientConfig } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { SFNClient, type SFNClientConfig } from '@aws-sdk/client-sfn';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';

/**
 * Tries of one call, the first included. Between them the client waits a random part of a delay that doubles from 0.1 s up
 * to 20 s; after throttling from 0.5 s. Ten tries outlast a table that is splitting a partition.
 */
const RETRIES = { maxAttempts: 10, retryMode: 'standard' } as const;

/**
 * A call that hangs is given up and tried again: a Lambda that was frozen wakes up with sockets that nobody answers any
 * more. Writes bear it, since every writer knows its own rows again.
 */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true } as const;
/** An object may have 10 MB. */
const OBJECT_TIMEOUTS = { ...TIMEOUTS, requestTimeout: 60_000 } as const;

/** Region, endpoint and credentials come from the environment where `config` does not say. */
export const makeDynamoClient = (config: DynamoDBClientConfig = {}): DynamoDBClient =>
  new DynamoDBClient({ ...RETRIES, requestHandler: TIMEOUTS, ...config });

/** Checksums only where S3 demands them: a presigned link would carry the checksum of an empty body otherwise. */
export const makeS3Client = (config: S3ClientConfig = {}): S3Client =>
  new S3Client({ ...RETRIES, requestHandler: OBJECT_TIMEOUTS, requestChecksumCalculation: 'WHEN_REQUIRED', ...config });

export const makeKmsClient = (config: KMSClientConfig = {}): KMSClient =>
  new KMSClient({ ...RETRIES, requestHandler: TIMEOUTS, ...config });

export const makeSqsClient = (config: SQSClientConfig = {}): SQSClient =>
  new SQSClient({ ...RETRIES, requestHandler: TIMEOUTS, ...config });

/** A schedule that was not made costs punctuality only: `wakeAt` and the sweeper deliver. So nobody waits for it long. */
export const makeSchedulerClient = (config: SchedulerClientConfig = {}): SchedulerClient =>
  new SchedulerClient({ ...RETRIES, maxAttempts: 2, requestHandler: TIMEOUTS, ...config });

export const makeStsClient = (config: STSClientConfig = {}): STSClient =>
  new STSClient({ ...RETRIES, requestHandler: TIMEOUTS, ...config });

export const makeSecretsClient = (config: SecretsManagerClientConfig = {}): SecretsManagerClient =>
  new SecretsManagerClient({ ...RETRIES, requestHandler: TIMEOUTS, ...config });

/** For invocations that are answered when they have ended: up to 15 minutes, and one that was refused is asked for later. */
export const makeInvokingClient = (config: LambdaClientConfig = {}): LambdaClient =>
  new LambdaClient({ maxAttempts: 1, requestHandler: { ...TIMEOUTS, requestTimeout: 910_000 }, ...config });

/** For invocations that are answered when they have been accepted. */
export const makeLambdaClient = (config: LambdaClientConfig = {}): LambdaClient =>
  new LambdaClient({ ...RETRIES, requestHandler: TIMEOUTS, ...config });

export const makeStatesClient = (config: SFNClientConfig = {}): SFNClient =>
  new SFNClient({ ...RETRIES, requestHandler: TIMEOUTS, ...config });
