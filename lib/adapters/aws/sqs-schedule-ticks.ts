import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { SECOND_MS } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Schedule, ScheduleName } from '../../ports/schedule-store.ts';
import type { ScheduleTicks } from '../../ports/schedule-ticks.ts';

/** A tick that is about to come as a delayed message of the work queue, in its tenant's own group. */
export class SqsScheduleTicks implements ScheduleTicks {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #clock: Clock;

  constructor(params: { readonly client: SQSClient; readonly queueUrl: string; readonly clock: Clock }) {
    this.#client = params.client;
    this.#queueUrl = params.queueUrl;
    this.#clock = params.clock;
  }

  async request({ tenant, workflow, cron, nextAt }: Schedule): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ firesSchedule: { tenant, workflow, cron } }),
        MessageGroupId: tenant,
        // Rather late than early: a tick that has not come yet is not fired.
        DelaySeconds: Math.max(0, Math.ceil((nextAt - this.#clock.now()) / SECOND_MS)),
      }),
    );
  }
}

/** The schedule that a message's body is for; `undefined`: it is no such message. */
export const readScheduleTick = (body: string): ScheduleName | undefined => {
  try {
    const { firesSchedule } = JSON.parse(body) as { readonly firesSchedule?: Partial<ScheduleName> };
    const { tenant, workflow, cron } = firesSchedule ?? {};
    const isOne = typeof tenant === 'string' && typeof workflow === 'string' && typeof cron === 'string';
    return isOne ? { tenant, workflow, cron } : undefined;
  } catch {
    return undefined;
  }
};
