/** The types of `env.QUEUE` and of `default.queue`: named and shaped as in `@cloudflare/workers-types`, as far as they go. */

import type { WorkflowTimeoutDuration } from './step.ts';

/** What `send` takes beside the message. */
export interface QueueSendOptions {
  /** Before the first delivery. @default none */
  delay?: WorkflowTimeoutDuration;
}

/** Messages to this version's own `default.queue`. */
export interface Queue<Body = unknown> {
  /**
   * Hands a message to `default.queue` of this same version, at least once.
   * @returns the message's id: that of the instance of `$queue` that it is
   * @throws Error where it is larger than 1 MiB, or the version exports no `default.queue`
   */
  send(message: Body, options?: QueueSendOptions): Promise<{ id: string }>;
}

/** When a message comes again. */
export interface QueueRetryOptions {
  /** 0 to 86,400. @default twice as long after each delivery, from one second on */
  delaySeconds?: number;
}

/** What `default.queue` is handed. The first of `ack` and `retry` counts; returning is an `ack`, throwing a `retry`. */
export interface Message<Body = unknown> {
  readonly id: string;
  /** When it was sent. */
  readonly timestamp: Date;
  readonly body: Body;
  /** Deliveries so far, with this one: 1 to 6. */
  readonly attempts: number;
  /** It is done, whatever the handler does next. */
  ack(): void;
  /** It comes again, unless this was the last delivery. */
  retry(options?: QueueRetryOptions): void;
}

/** One message a batch. */
export interface MessageBatch<Body = unknown> {
  readonly queue: string;
  readonly messages: readonly Message<Body>[];
  /** `ack` of each message. */
  ackAll(): void;
  /** `retry` of each message. */
  retryAll(options?: QueueRetryOptions): void;
}
