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
import type { Wake, WakeQueue } from '../../ports/wake-queue.ts';

/** The longest delay that a message may have. */
const MAX_DELAY_MS = 15 * MINUTE_MS;
/** A schedule is punctual to a minute: it comes this much early, and the queue's delay does the rest. */
const EARLY_MS = 90 * SECOND_MS;
const NAME_LENGTH = 40;

export interface SqsWakeQueueParams {
  readonly queue: SQSClient;
  readonly queueUrl: string;
  /** Absent: whoever sends here has nothing to send for later than a message's delay allows. */
  readonly schedules?: {
    readonly client: SchedulerClient;
    readonly queueArn: string;
    /** The group that schedules belong to, and the role that lets them send. */
    readonly group: string;
    readonly role: string;
  };
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/**
 * Wake-ups as messages of a standard queue, grouped by tenant so that a tenant with a backlog waits behind itself; those
 * that lie more than 15 minutes ahead as schedules that put the message on the queue.
 *
 * Nothing here is needed for an instance to go on (`wakeAt` and the sweeper see to that), so nothing here fails a caller
 * that has already done its work: what went wrong is told to `onError`, throttled schedules once.
 */
export class SqsWakeQueue implements WakeQueue {
  readonly #params: SqsWakeQueueParams;
  #hasToldThrottling = false;

  constructor(params: SqsWakeQueueParams) {
    this.#params = params;
  }

  async wake(message: Wake): Promise<void> {
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

  async #send(message: Wake, delayMs: number): Promise<void> {
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
  async #schedule(message: Wake, at: number): Promise<void> {
    const { schedules } = this.#params;
    if (schedules === undefined)
      throw new Error('A wake-up lies too far ahead for a message, and nothing here makes schedules.');
    const startAt = new Date(at - EARLY_MS).toISOString().slice(0, 19);
    try {
      await schedules.client.send(
        new CreateScheduleCommand({
          Name: scheduleName(message),
          GroupName: schedules.group,
          ScheduleExpression: `at(${startAt})`,
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: { Arn: schedules.queueArn, RoleArn: schedules.role, Input: wakeText(message) },
        }),
      );
    } catch (error) {
      // The same wake-up was asked for before.
      if (!(error instanceof ConflictException)) throw error;
    }
  }
}

/** The same for the same wake-up, so that asking twice makes one schedule. */
const scheduleName = ({ key, incarnation, at }: Wake): string =>
  createHash('sha256')
    .update([key.tenant, key.workflow, key.id, incarnation, at].join('\n'))
    .digest('hex')
    .slice(0, NAME_LENGTH);

const wakeText = ({ key: { tenant, workflow, id }, ...wake }: Wake): string =>
  JSON.stringify({ tenant, workflow, id, ...wake });

/** Reads the body of a message; `undefined`: nothing that this queue sent. Whoever gets one before its `at` sends it again. */
export const readWake = (body: string): Wake | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { tenant, workflow, id, incarnation, at, leaseOwner, isForced, isApart } = parsed as Record<string, unknown>;
  if (typeof tenant !== 'string' || typeof workflow !== 'string' || typeof id !== 'string') return undefined;
  if (!isTextOrAbsent(incarnation) || !isTextOrAbsent(leaseOwner)) return undefined;
  if (at !== undefined && typeof at !== 'number') return undefined;
  if (!isTrueOrAbsent(isForced) || !isTrueOrAbsent(isApart)) return undefined;
  return {
    key: { tenant, workflow, id },
    ...(incarnation !== undefined && { incarnation }),
    ...(at !== undefined && { at }),
    ...(leaseOwner !== undefined && { leaseOwner }),
    ...(isForced && { isForced }),
    ...(isApart && { isApart }),
  };
};

const isTrueOrAbsent = (value: unknown): value is true | undefined => value === undefined || value === true;

const isTextOrAbsent = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';
