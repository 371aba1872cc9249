import { createHash } from 'node:crypto';
import {
  ConflictException,
  CreateScheduleCommand,
  type SchedulerClient,
  ServiceQuotaExceededException,
  ThrottlingException,
} from '@aws-sdk/client-scheduler';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { MINUTE_MS, SECOND_MS } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstanceKey } from '../../ports/instance-store.ts';
import type { WakeQueue } from '../../ports/wake-queue.ts';

/** The longest delay that a message may have. */
const MAX_DELAY_MS = 15 * MINUTE_MS;
/** A schedule is punctual to a minute: it comes this much early, and the queue's delay does the rest. */
const EARLY_MS = 90 * SECOND_MS;
const NAME_LENGTH = 40;

/** What a message says. `at`: not before then, epoch ms; whoever gets it earlier asks for it again. */
export interface WakeMessage {
  readonly key: InstanceKey;
  readonly incarnation: string;
  readonly at?: number;
}

/**
 * Wake-ups as messages of a standard queue, grouped by tenant so that a tenant with a backlog waits behind itself; those
 * that lie more than 15 minutes ahead as schedules that put the message on the queue.
 *
 * Nothing here is needed for an instance to go on (`wakeAt` and the sweeper see to that), so nothing here fails a caller
 * that has already done its work: what went wrong is told to `onError`, throttled schedules once.
 */
export class SqsWakeQueue implements WakeQueue {
  readonly #params: {
    readonly queue: SQSClient;
    readonly queueUrl: string;
    readonly queueArn: string;
    readonly scheduler: SchedulerClient;
    /** The group that schedules belong to, and the role that lets them send. */
    readonly scheduleGroup: string;
    readonly scheduleRole: string;
    readonly clock: Clock;
    readonly onError: (error: unknown) => void;
  };
  #hasToldThrottling = false;

  constructor(params: {
    readonly queue: SQSClient;
    readonly queueUrl: string;
    readonly queueArn: string;
    readonly scheduler: SchedulerClient;
    readonly scheduleGroup: string;
    readonly scheduleRole: string;
    readonly clock: Clock;
    readonly onError: (error: unknown) => void;
  }) {
    this.#params = params;
  }

  async wake(message: WakeMessage): Promise<void> {
    const delayMs = message.at === undefined ? 0 : message.at - this.#params.clock.now();
    try {
      if (delayMs <= MAX_DELAY_MS) await this.#send(message, Math.max(0, delayMs));
      else await this.#schedule(message, message.at ?? 0);
    } catch (error) {
      const isThrottled = error instanceof ThrottlingException || error instanceof ServiceQuotaExceededException;
      if (isThrottled && this.#hasToldThrottling) return;
      this.#hasToldThrottling ||= isThrottled;
      this.#params.onError(error);
    }
  }

  async #send(message: WakeMessage, delayMs: number): Promise<void> {
    await this.#params.queue.send(
      new SendMessageCommand({
        QueueUrl: this.#params.queueUrl,
        MessageBody: wakeText(message),
        MessageGroupId: message.key.tenant,
        DelaySeconds: Math.ceil(delayMs / SECOND_MS),
      }),
    );
  }

  /** Without a group: Scheduler knows them for FIFO queues only. The message asks for itself again, with one. */
  async #schedule(message: WakeMessage, at: number): Promise<void> {
    const startAt = new Date(at - EARLY_MS).toISOString().slice(0, 19);
    try {
      await this.#params.scheduler.send(
        new CreateScheduleCommand({
          Name: scheduleName(message),
          GroupName: this.#params.scheduleGroup,
          ScheduleExpression: `at(${startAt})`,
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: { Arn: this.#params.queueArn, RoleArn: this.#params.scheduleRole, Input: wakeText(message) },
        }),
      );
    } catch (error) {
      // The same wake-up was asked for before.
      if (!(error instanceof ConflictException)) throw error;
    }
  }
}

/** The same for the same wake-up, so that asking twice makes one schedule. */
const scheduleName = ({ key, incarnation, at }: WakeMessage): string =>
  createHash('sha256')
    .update([key.tenant, key.workflow, key.id, incarnation, at].join('\n'))
    .digest('hex')
    .slice(0, NAME_LENGTH);

const wakeText = ({ key: { tenant, workflow, id }, incarnation, at }: WakeMessage): string =>
  JSON.stringify({ tenant, workflow, id, incarnation, ...(at !== undefined && { at }) });

/** Reads the body of a message; `undefined`: nothing that this queue sent. */
export const readWakeMessage = (body: string): WakeMessage | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { tenant, workflow, id, incarnation, at } = parsed as Record<string, unknown>;
  if (typeof tenant !== 'string' || typeof workflow !== 'string' || typeof id !== 'string') return undefined;
  if (typeof incarnation !== 'string' || (at !== undefined && typeof at !== 'number')) return undefined;
  return { key: { tenant, workflow, id }, incarnation, ...(at !== undefined && { at }) };
};
