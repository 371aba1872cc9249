import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { VARIABLES } from '../aws-environment.ts';
import type { TenonFunction } from './tenon-function.ts';

/** A Lambda may not read from a queue that shows a message again before the Lambda's own time is up. */
export const DISPATCHER_TIMEOUT = Duration.minutes(15);

/**
 * One message wakes one instance. A standard queue whose messages carry their tenant as `MessageGroupId` is fair: a tenant
 * with a backlog waits behind itself. A lost message delays until the sweeper's next round and loses nothing.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const shape = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // It holds wake-ups only: the truth stands in the table.
      removalPolicy: RemovalPolicy.DESTROY,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', shape);
    this.queue = new Queue(this, 'Queue', {
      ...shape,
      visibilityTimeout: DISPATCHER_TIMEOUT.plus(Duration.minutes(1)),
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 10 },
    });
  }

  /**
   * Batches of ten, of which single messages can fail. Lambda reads in the name of the function's role, by the three calls
   * that it asks for; the CDK's own event source would allow two more.
   */
  feed(reader: TenonFunction, { maxConcurrency }: { readonly maxConcurrency: number }): void {
    reader.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [this.queue.queueArn]);
    reader.lambda.addEventSourceMapping('Queue', {
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency,
    });
  }

  letSend(user: TenonFunction): void {
    user.tell({ [VARIABLES.queueUrl]: this.queue.queueUrl });
    user.allow(['sqs:SendMessage'], [this.queue.queueArn]);
  }
}
