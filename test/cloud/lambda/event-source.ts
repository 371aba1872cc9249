import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Authorizer,
  AwsError,
  type InvocationResult,
  type LambdaHost,
  type LocalStack,
  type QueueMessage,
  type Queues,
  type StackResource,
} from '../contract.ts';
import { functionsOf } from './function-settings.ts';
import { doneMessages, sqsEventOf } from './sqs-event.ts';

/** The longest that SQS lets a receiver wait. */
const WAIT_MS = 20_000;
/** What one receipt may bring. */
const MAX_RECEIVED = 10;
/** First wait after a refusal for want of concurrency; doubled each time. */
const FIRST_BACK_OFF_MS = 50;
const MAX_BACK_OFF_MS = 1_000;

export interface EventSourceOptions {
  readonly stack: LocalStack;
  readonly host: LambdaHost;
  readonly queues: Queues;
  readonly authorizer: Authorizer;
  /** What went wrong beside the function itself: a queue that refuses, a function that is not there. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Starts polling for every event source mapping of the template.
 * @throws AwsError `InvalidParameterValueException`: the function's role may not read the queue, which the deployment of
 *   a mapping finds, too
 */
export const startEventSources = (options: EventSourceOptions): readonly SqsEventSource[] => {
  const mappings = options.stack
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => properties.Enabled !== false)
    .map((mapping) => new SqsEventSource(mapping, options));
  for (const mapping of mappings) mapping.start();
  return mappings;
};

/** Reads a queue in the name of a function's role and calls the function with what it finds. */
export class SqsEventSource {
  readonly #options: EventSourceOptions;
  readonly #queueArn: string;
  readonly #functionArn: string;
  readonly #roleArn: string;
  readonly #batchSize: number;
  readonly #windowMs: number;
  readonly #maxConcurrency: number;
  readonly #hasReports: boolean;
  readonly #visibilityMs: number;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #closed: Promise<undefined>;
  #polling: Promise<void> | undefined;

  constructor({ logicalId, properties }: StackResource, options: EventSourceOptions) {
    const settings = functionsOf(options.stack).find(
      ({ name, arn }) => name === properties.FunctionName || arn === properties.FunctionName,
    );
    if (settings === undefined) throw new Error(`${logicalId} is for a function that the template does not have`);
    this.#options = options;
    this.#queueArn = properties.EventSourceArn;
    this.#functionArn = settings.arn;
    this.#roleArn = settings.roleArn;
    this.#batchSize = properties.BatchSize ?? 10;
    this.#windowMs = (properties.MaximumBatchingWindowInSeconds ?? 0) * 1_000;
    this.#maxConcurrency = properties.ScalingConfig?.MaximumConcurrency ?? 1_000;
    this.#hasReports = (properties.FunctionResponseTypes ?? []).includes('ReportBatchItemFailures');
    const queue = options.stack.ofType('AWS::SQS::Queue').find(({ arn }) => arn === this.#queueArn);
    this.#visibilityMs = (queue?.properties.VisibilityTimeout ?? 30) * 1_000;
    this.#closed = new Promise((resolve) =>
      this.#closing.signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
  }

  /** @throws AwsError `InvalidParameterValueException` */
  start(): void {
    for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
      try {
        this.#demand(`sqs:${action}`);
      } catch (error) {
        throw new AwsError(
          'InvalidParameterValueException',
          `The provided execution role does not have permissions to call ${action} on SQS: ${error}`,
        );
      }
    }
    this.#polling = this.#poll();
  }

  /** Takes no more messages and waits for the invocations that run: those that hang end with their host. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#polling;
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        // Messages wait in the queue and not here: whoever else may come first gets them.
        if (this.#running.size >= this.#maxConcurrency) {
          await Promise.race([this.#closed, ...this.#running]);
          continue;
        }
        const messages = await this.#gather();
        if (messages.length > 0) this.#track(this.#deliver(messages));
      } catch (error) {
        this.#options.onError?.(error);
        await this.#pause(MAX_BACK_OFF_MS);
      }
    }
  }

  /** A batch: what is there, or what comes within the window, unless it is full before. */
  async #gather(): Promise<readonly QueueMessage[]> {
    const messages = [...(await this.#receive(this.#batchSize, WAIT_MS))];
    const until = performance.now() + this.#windowMs;
    while (messages.length > 0 && messages.length < this.#batchSize) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) break;
      messages.push(...(await this.#receive(this.#batchSize - messages.length, leftMs)));
      if (this.#closing.signal.aborted) break;
    }
    return messages;
  }

  async #receive(atMost: number, waitMs: number): Promise<readonly QueueMessage[]> {
    const { queues } = this.#options;
    this.#demand('sqs:ReceiveMessage');
    const receipt = queues.receive({ queueArn: this.#queueArn, max: Math.min(atMost, MAX_RECEIVED), waitMs });
    const messages = await Promise.race([receipt, this.#closed]);
    if (messages !== undefined) return messages;
    // What is received after the end is for others.
    const giveBack = async (): Promise<void> => {
      for (const { receiptHandle } of await receipt) {
        queues.changeVisibility({ queueArn: this.#queueArn, receiptHandle, delayS: 0 });
      }
    };
    giveBack().catch((error) => this.#options.onError?.(error));
    return [];
  }

  async #deliver(messages: readonly QueueMessage[]): Promise<void> {
    const { queues, stack } = this.#options;
    const event = sqsEventOf(messages, { queueArn: this.#queueArn, region: stack.region });
    const result = await this.#invoke(event);
    for (const { receiptHandle } of result ? doneMessages(messages, result, this.#hasReports) : []) {
      this.#demand('sqs:DeleteMessage');
      queues.remove({ queueArn: this.#queueArn, receiptHandle });
    }
  }

  /** Refused for want of concurrency, it tries on until the messages are visible to others again. */
  async #invoke(payload: object): Promise<InvocationResult | undefined> {
    const until = performance.now() + this.#visibilityMs;
    for (let delayMs = FIRST_BACK_OFF_MS; ; delayMs = Math.min(delayMs * 2, MAX_BACK_OFF_MS)) {
      try {
        return await this.#options.host.invoke({ functionArn: this.#functionArn, payload });
      } catch (error) {
        if (!(error instanceof AwsError && error.code === 'TooManyRequestsException')) throw error;
        if (this.#closing.signal.aborted || performance.now() + delayMs > until) return undefined;
        await this.#pause(delayMs);
      }
    }
  }

  #track(delivery: Promise<void>): void {
    const running = delivery
      .catch((error) => this.#options.onError?.(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
  }

  #demand(action: string): void {
    const principal = { kind: 'role', roleArn: this.#roleArn, tags: {} } as const;
    this.#options.authorizer.demand(principal, { action, resource: this.#queueArn });
  }
}
