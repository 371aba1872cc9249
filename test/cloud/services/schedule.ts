import type { LocalStack } from '../contract.ts';
import { type RetryPolicy, readRetryPolicy } from './delivery.ts';
import { parseScheduleExpression, type ScheduleExpression } from './schedule-expression.ts';
import type { Input } from './strict-input.ts';

export interface ScheduleTarget {
  readonly arn: string;
  readonly roleArn: string;
  readonly input?: string;
  readonly retryPolicy: RetryPolicy;
}

export interface Schedule {
  readonly arn: string;
  readonly group: string;
  readonly name: string;
  readonly expressionText: string;
  readonly expression: ScheduleExpression;
  readonly target: ScheduleTarget;
  readonly isRemovedWhenDone: boolean;
  readonly isEnabled: boolean;
  readonly clientToken?: string;
}

/** What a schedule says of itself, in the template as in a call. */
export const SCHEDULE_FIELDS: readonly string[] = [
  'Name',
  'GroupName',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'FlexibleTimeWindow',
  'ActionAfterCompletion',
  'Description',
  'State',
  'Target',
];
const TARGET_FIELDS = ['Arn', 'RoleArn', 'Input', 'RetryPolicy'];
const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;
const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/.+$/;

export const scheduleArn = (stack: LocalStack, group: string, name: string): string =>
  `arn:aws:scheduler:${stack.region}:${stack.account}:schedule/${group}/${name}`;

export const isScheduleName = (name: string): boolean => NAME.test(name);

/** `refuse` makes the error. */
export const readSchedule = (params: {
  readonly stack: LocalStack;
  readonly input: Input;
  readonly name: string;
  readonly clientToken?: string;
  readonly refuse: (message: string) => Error;
}): Schedule => {
  const { stack, input, name, clientToken, refuse } = params;
  if (!isScheduleName(name)) throw refuse('Name must have 1 to 64 letters, digits, "-", "_" and ".".');
  const group = input.optionalText('GroupName') ?? 'default';
  const expressionText = input.text('ScheduleExpression');
  const expression = parseScheduleExpression(expressionText);
  if (expression === undefined) throw refuse(`Invalid Schedule Expression ${expressionText}.`);
  const zone = input.optionalText('ScheduleExpressionTimezone') ?? 'UTC';
  if (zone !== 'UTC') throw refuse(`The local cloud does not know the time zone ${zone}.`);
  input.object('FlexibleTimeWindow', ['Mode']).oneOf('Mode', ['OFF']);
  return {
    arn: scheduleArn(stack, group, name),
    group,
    name,
    expressionText,
    expression,
    target: readTarget(input.object('Target', TARGET_FIELDS), refuse),
    isRemovedWhenDone: input.oneOf('ActionAfterCompletion', ['DELETE', 'NONE'], 'NONE') === 'DELETE',
    isEnabled: input.oneOf('State', ['ENABLED', 'DISABLED'], 'ENABLED') === 'ENABLED',
    ...(clientToken !== undefined && { clientToken }),
  };
};

const readTarget = (target: Input, refuse: (message: string) => Error): ScheduleTarget => {
  const arn = target.text('Arn');
  if (!/^arn:aws:(sqs|lambda):/.test(arn)) throw refuse(`The local cloud does not know targets like ${arn}.`);
  const roleArn = target.text('RoleArn');
  if (!ROLE_ARN.test(roleArn)) throw refuse(`RoleArn is not an ARN of a role: ${roleArn}.`);
  const text = target.optionalText('Input');
  if (text?.includes('<aws.scheduler.')) throw refuse('The local cloud fills in no context attributes.');
  const policy = target.has('RetryPolicy')
    ? target.object('RetryPolicy', ['MaximumRetryAttempts', 'MaximumEventAgeInSeconds'])
    : undefined;
  return {
    arn,
    roleArn,
    ...(text !== undefined && { input: text }),
    retryPolicy: readRetryPolicy({
      ...(policy?.has('MaximumRetryAttempts') && {
        MaximumRetryAttempts: policy.integer('MaximumRetryAttempts', { min: 0, max: 185 }),
      }),
      ...(policy?.has('MaximumEventAgeInSeconds') && {
        MaximumEventAgeInSeconds: policy.integer('MaximumEventAgeInSeconds', { min: 60, max: 86_400 }),
      }),
    }),
  };
};
