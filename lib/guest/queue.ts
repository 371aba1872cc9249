import { MAX_DELIVERIES, redeliveryDelayMs } from '../core/replay/queue-rules.ts';

/** `default.queue`, with its `env` and context at hand. */
type QueueHandler = (batch: object) => unknown;

interface Step {
  do(name: string, config: object, callback: () => Promise<Verdict>): Promise<Verdict>;
  sleep(name: string, duration: unknown): Promise<void>;
}

interface QueueEvent {
  readonly payload: { readonly body?: unknown; readonly delay?: unknown };
  readonly timestamp: Date;
  readonly instanceId: string;
}

/** What a handler has said of a message, as it is recorded. `delayMs` absent: as the rules say. */
type Verdict = { readonly kind: 'done' } | { readonly kind: 'again'; readonly delayMs?: number };

/** Retries are this run's own: a handler may say when. */
const ONCE = { retries: { limit: 0, delay: 0 } };
const MAX_DELAY_S = 86_400;

/**
 * What an instance of the queue's workflow runs: one message, handed to the handler until it is done with it, or has been handed
 * over too often.
 */
export const queueRun =
  (handler: QueueHandler) =>
  async (event: object, step: object): Promise<void> => {
    const { payload, timestamp, instanceId: id } = event as QueueEvent;
    const steps = step as Step;
    if (payload.delay !== undefined) await steps.sleep('delay', payload.delay);
    for (let attempts = 1; ; attempts++) {
      let delayMs = redeliveryDelayMs(attempts);
      let failure: unknown = new Error('The handler asked for another delivery each time');
      try {
        const message = { id, timestamp, body: payload.body, attempts };
        const verdict = await steps.do('deliver', ONCE, () => deliver(handler, message));
        if (verdict.kind === 'done') return;
        delayMs = verdict.delayMs ?? delayMs;
      } catch (error) {
        if ((error as { readonly name?: unknown } | null)?.name === 'NonRetryableError') throw error;
        failure = error;
      }
      if (attempts === MAX_DELIVERIES) throw failure;
      await steps.sleep('wait', delayMs);
    }
  };

/** A handler that says nothing is done with the message, one that throws is not; the first word counts. */
const deliver = async (handler: QueueHandler, message: object): Promise<Verdict> => {
  let verdict: Verdict | undefined;
  const ack = (): void => {
    verdict ??= { kind: 'done' };
  };
  const retry = (options?: { readonly delaySeconds?: unknown }): void => {
    const delay = delayOf(options);
    verdict ??= { kind: 'again', ...delay };
  };
  const messages = Object.freeze([Object.freeze({ ...message, ack, retry })]);
  try {
    await handler(Object.freeze({ queue: 'default', messages, ackAll: ack, retryAll: retry }));
  } catch (error) {
    if (verdict === undefined) throw error;
  }
  return verdict ?? { kind: 'done' };
};

const delayOf = (options: { readonly delaySeconds?: unknown } | undefined): { readonly delayMs?: number } => {
  const seconds = options?.delaySeconds;
  if (seconds === undefined) return {};
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= MAX_DELAY_S)) {
    throw new TypeError(`retry: delaySeconds is a number of seconds from 0 to ${MAX_DELAY_S}`);
  }
  return { delayMs: 1_000 * seconds };
};
