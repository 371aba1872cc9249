import { randomUUID } from 'node:crypto';
import type { Authorizer, Faults, LambdaHost, LocalStack, Queues } from '../contract.ts';
import { type DeliveryFailure, deliver } from './delivery.ts';
import type { Schedule } from './schedule.ts';
import { assumeAsService } from './service-roles.ts';
import { Timers } from './timers.ts';

const SERVICE = 'scheduler.amazonaws.com';

export interface ScheduleClockParams {
  readonly stack: LocalStack;
  readonly authorizer: Authorizer;
  readonly queues: Queues;
  readonly lambda: LambdaHost;
  readonly faults: Faults;
  readonly onFailure: (failure: DeliveryFailure) => void;
  /** A schedule rings within so long after its time; of the real service it is a minute. @default 100 */
  readonly precisionMs?: number;
  /** What a minute of `rate(1 minute)` lasts. @default 60_000 */
  readonly minuteMs?: number;
  /** Before the first retry; doubles. @default 1_000 */
  readonly firstRetryMs?: number;
}

/** Rings schedules, each in the name of its target's role. */
export class ScheduleClock {
  readonly #params: ScheduleClockParams;
  readonly #timers = new Timers();

  constructor(params: ScheduleClockParams) {
    this.#params = params;
  }

  /** `onDone`: a one-time schedule has rung. @returns takes it back */
  set(schedule: Schedule, onDone: () => void): () => void {
    const { precisionMs = 100, minuteMs = 60_000 } = this.#params;
    const { expression } = schedule;
    if (expression.kind === 'at') {
      const lateMs = Math.random() * precisionMs;
      return this.#timers.after(expression.at - Date.now() + lateMs, () => {
        this.ring(schedule);
        onDone();
      });
    }
    let cancel = (): void => {};
    const arm = (): void => {
      cancel = this.#timers.after(expression.minutes * minuteMs, () => {
        arm();
        this.ring(schedule);
      });
    };
    arm();
    return () => cancel();
  }

  close(): void {
    this.#timers.close();
  }

  /** At once, whatever its time. */
  ring(schedule: Schedule): void {
    const fault = this.#params.faults.ofDelivery('schedule');
    switch (fault?.kind) {
      case 'lose':
        return;
      case 'delay':
        this.#timers.after(fault.ms, () => this.#start(schedule));
        return;
      case 'duplicate':
        this.#start(schedule);
        this.#start(schedule);
        return;
      default:
        this.#start(schedule);
    }
  }

  #start(schedule: Schedule): void {
    const { firstRetryMs = 1_000, onFailure } = this.#params;
    void deliver({
      source: schedule.arn,
      attempt: () => this.#callTarget(schedule),
      policy: schedule.target.retryPolicy,
      firstDelayMs: firstRetryMs,
      timers: this.#timers,
      onFailure,
    });
  }

  async #callTarget(schedule: Schedule): Promise<void> {
    const { stack, authorizer, queues, lambda } = this.#params;
    const { arn: target, roleArn, input = this.#eventText(schedule) } = schedule.target;
    const principal = assumeAsService({ authorizer, stack, service: SERVICE, roleArn, sourceArn: schedule.arn });
    if (target.startsWith('arn:aws:sqs:')) {
      authorizer.demand(principal, { action: 'sqs:SendMessage', resource: target });
      queues.send({ queueArn: target, body: input });
      return;
    }
    authorizer.demand(principal, { action: 'lambda:InvokeFunction', resource: target });
    await lambda.invoke({ functionArn: target, payload: JSON.parse(input), isAsync: true });
  }

  /** What a target gets that asked for nothing of its own. */
  #eventText({ arn }: Schedule): string {
    const { account, region } = this.#params.stack;
    return JSON.stringify({
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region,
      resources: [arn],
      detail: '{}',
    });
  }
}
