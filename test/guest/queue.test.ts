import { describe, expect, it } from 'vitest';
import { queueRun } from '../../lib/guest/queue.ts';

interface Message {
  readonly attempts: number;
  ack(): void;
  retry(options?: unknown): void;
}
type Handler = (message: Message, batch: { ackAll(): void; retryAll(options?: unknown): void }) => unknown;

/** The waits of one message and how it ended, where steps do at once what they are told. */
const run = async (handler: Handler, payload: object = { body: 'b' }) => {
  const waits: unknown[] = [];
  let deliveries = 0;
  const step = {
    do: async (_name: string, _config: object, callback: () => Promise<unknown>) => {
      deliveries += 1;
      return structuredClone(await callback());
    },
    sleep: async (name: string, duration: unknown) => void waits.push([name, duration]),
  };
  const event = { payload, timestamp: new Date(0), instanceId: 'm' };
  const take = queueRun((batch) => {
    const { messages } = batch as { readonly messages: readonly [Message] };
    return handler(messages[0], batch as Parameters<Handler>[1]);
  });
  const error = await take(event, step).then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : thrown),
  );
  return { deliveries, waits, error };
};

describe('a message of the queue', () => {
  it('is done when its handler returns', async () => {
    expect(await run(() => {})).toEqual({ deliveries: 1, waits: [], error: undefined });
  });

  it('waits first as long as it was sent to', async () => {
    expect((await run(() => {}, { body: 'b', delay: 5 })).waits).toEqual([['delay', 5]]);
  });

  it('comes again twice as late each time where its handler throws, and is dead with its last error', async () => {
    const { deliveries, waits, error } = await run(({ attempts }) => {
      throw new Error(`no ${attempts}`);
    });
    expect(deliveries).toBe(6);
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000].map((ms) => ['wait', ms]));
    expect(error).toBe('no 6');
  });

  it('comes again when its handler says, and by the first word that it says', async () => {
    const { deliveries, waits } = await run((message, batch) => {
      if (message.attempts === 3) batch.ackAll();
      else if (message.attempts === 2) message.retry();
      else batch.retryAll({ delaySeconds: 60 });
      message.retry({ delaySeconds: 1 });
      message.ack();
    });
    expect(deliveries).toBe(3);
    expect(waits).toEqual([60_000, 2_000].map((ms) => ['wait', ms]));
  });

  it('is as its handler has said, whatever that throws afterwards', async () => {
    const acked = await run((message) => {
      message.ack();
      throw new Error('too late');
    });
    expect(acked).toEqual({ deliveries: 1, waits: [], error: undefined });
  });

  it('is dead at once where its handler throws a NonRetryableError, also one of its own making', async () => {
    const { deliveries, error } = await run(() => {
      throw Object.assign(new Error('no use'), { name: 'NonRetryableError' });
    });
    expect([deliveries, error]).toEqual([1, 'no use']);
    expect((await run(() => Promise.reject(null))).deliveries).toBe(6);
  });

  it.each([-1, 86_401, Number.NaN, '5', null])('is not put off by %s seconds', async (delaySeconds) => {
    const { error } = await run((message) => message.retry({ delaySeconds }));
    expect(error).toBe('retry: delaySeconds is a number of seconds from 0 to 86400');
  });
});
