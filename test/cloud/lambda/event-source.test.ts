import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError, type InvocationResult, type QueueMessage, type Queues } from '../contract.ts';
import { type SqsEventSource, startEventSources } from './event-source.ts';
import { ProcessLambdaHost } from './host.ts';
import { CREDENTIALS, ListAuthorizer, StackFixture } from './stack-fixture.ts';

const QUEUE = 'arn:aws:sqs:eu-central-1:111122223333:q';

/** A queue that gives each message once. */
class ListQueues implements Queues {
  readonly waiting: QueueMessage[] = [];
  readonly removed: string[] = [];
  readonly returned: string[] = [];
  readonly asked: { readonly max: number; readonly waitMs: number }[] = [];
  #wake: (() => void) | undefined;
  #onChange: (() => void) | undefined;
  #sent = 0;

  send({ body }: { readonly body: string }): void {
    const id = `m${++this.#sent}`;
    this.waiting.push({ messageId: id, receiptHandle: `r${this.#sent}`, body, attributes: { SentTimestamp: '1' } });
    this.#wake?.();
  }

  async receive({ max, waitMs }: { readonly max: number; readonly waitMs: number }): Promise<readonly QueueMessage[]> {
    this.asked.push({ max, waitMs });
    if (this.waiting.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs).unref();
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.waiting.splice(0, max);
  }

  remove({ receiptHandle }: { readonly receiptHandle: string }): void {
    this.removed.push(receiptHandle);
    this.#onChange?.();
  }

  changeVisibility({ receiptHandle }: { readonly receiptHandle: string }): void {
    this.returned.push(receiptHandle);
    this.#onChange?.();
  }

  /** Resolves when that many are removed or returned. */
  async settled(count: number): Promise<void> {
    while (this.removed.length + this.returned.length < count) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }
}

let fixture: StackFixture;
let queues: ListQueues;
let authorizer: ListAuthorizer;
let sources: readonly SqsEventSource[];
let errors: unknown[];
let events: Event[];

interface Event {
  readonly Records: readonly { readonly body: string; readonly messageId: string }[];
}

beforeEach(() => {
  fixture = new StackFixture();
  queues = new ListQueues();
  authorizer = new ListAuthorizer();
  sources = [];
  errors = [];
  events = [];
});

afterEach(async () => {
  for (const source of sources) await source.close();
  fixture.remove();
});

type Answer = (event: Event) => InvocationResult | Promise<InvocationResult>;

/** Polls for a function whose answers are given here. */
const start = (answer: Answer, properties: object = {}): void => {
  fixture.addFunction('f', '');
  fixture.add('AWS::SQS::Queue', 'q', QUEUE, { VisibilityTimeout: 60 });
  fixture.add('AWS::Lambda::EventSourceMapping', 'mapping', 'mapping', {
    EventSourceArn: QUEUE,
    FunctionName: 'f',
    BatchSize: 10,
    ...properties,
  });
  sources = startEventSources({
    stack: fixture.stack,
    queues,
    authorizer,
    onError: (error) => errors.push(error),
    host: {
      invoke: async ({ payload }) => {
        events.push(payload as Event);
        return answer(payload as Event);
      },
    },
  });
};

const send = (...bodies: string[]): void => {
  for (const body of bodies) queues.send({ body });
};

const REPORTING = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
const done = { payload: null };

describe('an event source', () => {
  it('hands over messages in the form of SQS, and removes them when the function has ended', async () => {
    start(() => done);
    send('{"n":1}');
    await queues.settled(1);
    expect(events).toEqual([
      {
        Records: [
          {
            messageId: 'm1',
            receiptHandle: 'r1',
            body: '{"n":1}',
            attributes: { SentTimestamp: '1' },
            messageAttributes: {},
            md5OfBody: createHash('md5').update('{"n":1}').digest('hex'),
            eventSource: 'aws:sqs',
            eventSourceARN: QUEUE,
            awsRegion: 'eu-central-1',
          },
        ],
      },
    ]);
    expect(queues.removed).toEqual(['r1']);
  });

  it('reads in the name of the function’s role', async () => {
    start(() => done);
    send('one');
    await queues.settled(1);
    for (const { principal, need } of authorizer.asked) {
      expect(principal).toMatchObject({ kind: 'role', roleArn: 'arn:aws:iam::111122223333:role/fRole' });
      expect(need.resource).toBe(QUEUE);
    }
    expect(new Set(authorizer.asked.map(({ need }) => need.action))).toEqual(
      new Set(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']),
    );
  });

  it('cannot be set up without permission', () => {
    authorizer.denied.add('sqs:DeleteMessage');
    expect(() => start(() => done)).toThrow(AwsError);
    expect(events).toEqual([]);
  });

  it('takes as many at once as the template says', async () => {
    send('a', 'b', 'c');
    start(() => done, { BatchSize: 2 });
    await queues.settled(3);
    expect(events.map(({ Records }) => Records.map(({ body }) => body))).toEqual([['a', 'b'], ['c']]);
  });

  it('gathers within its window, and no longer than until the batch is full', async () => {
    start(() => done, { BatchSize: 3, MaximumBatchingWindowInSeconds: 300 });
    for (const body of ['a', 'b', 'c']) {
      send(body);
      await expect.poll(() => queues.waiting).toEqual([]);
    }
    await queues.settled(3);
    expect(events).toHaveLength(1);
  });

  it('runs no more invocations at once than the template says, and leaves the rest in the queue', async () => {
    const ends: (() => void)[] = [];
    start(
      async () => {
        await new Promise<void>((resolve) => ends.push(resolve));
        return done;
      },
      { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
    );
    send('a', 'b', 'c');
    await expect.poll(() => ends.length).toBe(2);
    expect(queues.waiting).toHaveLength(1);
    ends[0]?.();
    await expect.poll(() => ends.length).toBe(3);
    for (const end of ends) end();
    await queues.settled(3);
  });

  it('tries on when the function has no concurrency left', async () => {
    let refusals = 2;
    start(() => {
      if (refusals-- > 0) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
      return done;
    });
    send('a');
    await queues.settled(1);
    expect(events).toHaveLength(3);
    expect(errors).toEqual([]);
  });

  it('gives back what it receives after its end', async () => {
    start(() => done);
    await expect.poll(() => queues.asked).toEqual([{ max: 10, waitMs: 20_000 }]);
    for (const source of sources) await source.close();
    send('late');
    await queues.settled(1);
    expect(queues.returned).toEqual(['r1']);
    expect(events).toEqual([]);
  });
});

describe('of a batch', () => {
  /** What is removed of two messages when the function answers so. */
  const removedAfter = async (result: InvocationResult, properties: object): Promise<readonly string[]> => {
    send('a', 'b');
    start(() => result, properties);
    await expect.poll(() => events.length).toBe(1);
    for (const source of sources) await source.close();
    return queues.removed;
  };
  const report = (...ids: unknown[]): InvocationResult => ({
    payload: { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) },
  });

  it('all stay when the function fails', async () => {
    expect(await removedAfter({ payload: {}, functionError: 'Unhandled' }, REPORTING)).toEqual([]);
  });

  it('only those stay that the function reports', async () => {
    expect(await removedAfter(report('m1'), REPORTING)).toEqual(['r2']);
  });

  it.each([
    ['nothing', null],
    ['an empty object', {}],
    ['an empty list', { batchItemFailures: [] }],
    ['no list', { batchItemFailures: null }],
  ])('none stay when it reports %s', async (_, payload) => {
    expect(await removedAfter({ payload }, REPORTING)).toEqual(['r1', 'r2']);
  });

  it.each([
    ['a text', 'fine'],
    ['what is no list', { batchItemFailures: 'm1' }],
    ['a message without id', { batchItemFailures: [{}] }],
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a message of another batch', { batchItemFailures: [{ itemIdentifier: 'm7' }] }],
  ])('all stay when it reports %s', async (_, payload) => {
    expect(await removedAfter({ payload }, REPORTING)).toEqual([]);
  });

  it('reports mean nothing where the template does not ask for them', async () => {
    expect(await removedAfter(report('m1'), {})).toEqual(['r1', 'r2']);
  });
});

describe('with a real function', () => {
  it('a message gets there and back within a moment', async () => {
    fixture.addFunction(
      'f',
      `export const handler = async ({ Records }) => ({
         batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId })),
       });`,
    );
    fixture.add('AWS::Lambda::EventSourceMapping', 'mapping', 'mapping', {
      EventSourceArn: QUEUE,
      FunctionName: 'f',
      ...REPORTING,
    });
    const { stack } = fixture;
    const host = new ProcessLambdaHost({ stack, authorizer, endpointUrl: '', credentialsOf: () => CREDENTIALS });
    try {
      sources = startEventSources({ stack, queues, authorizer, host });
      send('good');
      await queues.settled(1);
      const startedAt = performance.now();
      send('bad', 'good');
      await queues.settled(2);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      expect(queues.removed).toEqual(['r1', 'r3']);
    } finally {
      for (const source of sources) await source.close();
      await host.close();
    }
  });
});
