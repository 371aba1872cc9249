import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { VARIABLES } from '../aws-environment.ts';
import { acknowledgeWildcard } from './acknowledge.ts';
import type { TenonFunction } from './tenon-function.ts';
import type { WorkQueue } from './work-queue.ts';

/** Sleeps too long for a delayed message: one-time schedules in a group of their own that put a message on the queue. */
export class Timers extends Construct {
  readonly #group: ScheduleGroup;
  readonly #queue: WorkQueue;
  readonly #senderRole: Role;

  constructor(scope: Construct, id: string, props: { readonly queue: WorkQueue }) {
    super(scope, id);
    this.#queue = props.queue;
    this.#group = new ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
    this.#senderRole = new Role(this, 'SenderRole', { assumedBy: this.#scheduler() });
    this.#senderRole.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [props.queue.queue.queueArn] }),
    );
  }

  letSchedule(user: TenonFunction): void {
    user.tell({
      [VARIABLES.scheduleGroup]: this.#group.scheduleGroupName,
      [VARIABLES.scheduleRole]: this.#senderRole.roleArn,
      [VARIABLES.queueArn]: this.#queue.queue.queueArn,
    });
    const schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.#group.scheduleGroupName}/*`,
    });
    user.allow(['scheduler:CreateSchedule'], [schedules]);
    user.allow(['iam:PassRole'], [this.#senderRole.roleArn], {
      StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
    });
    acknowledgeWildcard(
      user.role,
      `arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/${this.#group.scheduleGroupName}/*`,
      `A schedule's name is a digest made at run time; ${user.name} may make schedules in this group only, and they may do nothing but send to the queue.`,
    );
  }

  /** Calls a function once a minute for as long as the stack stands. */
  everyMinute(id: string, target: TenonFunction): void {
    const role = new Role(this, `${id}Role`, { assumedBy: this.#scheduler() });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.lambda.functionArn] }),
    );
    new CfnSchedule(this, id, {
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      // A sweep that failed is made good by the next one.
      target: {
        arn: target.lambda.functionArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumRetryAttempts: 0 },
      },
    });
  }

  /** The service, and only when it acts for this account. */
  #scheduler(): ServicePrincipal {
    return new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
  }
}
